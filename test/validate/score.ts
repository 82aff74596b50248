/** What a line of the validation answers: figures, each held against its target in the digits it is printed with. */

export interface Score {
  figure: string
  /** in the digits it is printed with */
  value: number
  /** of how many, where the value is a count */
  of: number | null
  decimals: number
  unit: string
  /** for a count it must be `of`. Null: told for comparison, nothing falls short. */
  target: number | null
  /** whether the value may be the target at most, or must be at least that */
  isFloor: boolean
  isMet: boolean | null
  /** vectors that did not come out, with what came and what was expected */
  missed: string[]
  /** vectors left out, by the model that Tilth does not have */
  notBuilt: string[]
}

const defaults = { of: null, isFloor: false, missed: [], notBuilt: [] }

/** A figure that must not be over its limit. One that could not be taken (NaN) is not met. */
export const atMost = (
  figure: string,
  value: number,
  limit: number,
  unit: string,
  decimals: number,
): Score => ({
  ...defaults,
  figure,
  value: rounded(value, decimals),
  decimals,
  unit,
  target: limit,
  isMet: rounded(value, decimals) <= limit,
})

/** A figure that must reach its limit. One that could not be taken (NaN) is not met. */
export const atLeast = (
  figure: string,
  value: number,
  limit: number,
  unit: string,
  decimals: number,
): Score => ({
  ...atMost(figure, value, limit, unit, decimals),
  isFloor: true,
  isMet: rounded(value, decimals) >= limit,
})

/** A line that cannot be scored names what is not there; it is never passed over. */
export const missingData = (what: readonly string[]): Score => ({
  ...defaults,
  figure: 'data is missing',
  value: NaN,
  decimals: 0,
  unit: '',
  target: null,
  isMet: false,
  missed: [...what],
})

/** For comparison only. */
export const forComparison = (figure: string, value: number, unit: string, decimals: number): Score => ({
  ...defaults,
  figure,
  value: rounded(value, decimals),
  decimals,
  unit,
  target: null,
  isMet: null,
})

// + 0: a rounded -0 is 0
const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals)) + 0

/** What became of one vector: null when its function is not built. */
export interface Trial {
  name: string
  /** or function, as its source names it */
  model: string
  got: number | string | null
  expected: number | string
  /** of numbers; a text must be the same */
  tolerance: number
}

/** How many vectors of those that apply come out. None that applies is not met: nothing was shown. */
export function allOf(figure: string, trials: readonly Trial[]): Score {
  const applicable = trials.filter(({ got }) => got !== null)
  const missed = applicable.filter((trial) => !isReproduced(trial))
  return {
    figure,
    value: applicable.length - missed.length,
    of: applicable.length,
    isFloor: true,
    decimals: 0,
    unit: '',
    target: applicable.length,
    isMet: applicable.length > 0 && missed.length === 0,
    missed: missed.map(
      ({ name, model, got, expected }) => `${name} (${model}): got ${got}, expected ${expected}`,
    ),
    notBuilt: byModel(trials.filter(({ got }) => got === null)),
  }
}

const NAMED = 5

/** `MODEL: vector, vector`, or their number where they are many. */
function byModel(trials: readonly Trial[]): string[] {
  return [...new Set(trials.map(({ model }) => model))].map((model) => {
    const names = trials.filter((trial) => trial.model === model).map(({ name }) => name)
    return `${model}: ${names.length > NAMED ? `${names.length} vectors` : names.join(', ')}`
  })
}

// a value that lies on the edge of its tolerance must not fall off it by the last bit of a double
const EDGE = 1e-9

function isReproduced({ got, expected, tolerance }: Trial): boolean {
  if (typeof got === 'number' && typeof expected === 'number')
    return Math.abs(got - expected) <= tolerance + EDGE
  return got === expected
}

/** Errors against a reference: their root mean square, their largest size, their mean. NaN where there are none. */
export function errorsOf(errors: readonly number[]): { rmse: number; max: number; bias: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    rmse: Math.sqrt(mean(errors.map((error) => error * error))),
    max: errors.length === 0 ? NaN : errors.reduce((max, error) => Math.max(max, Math.abs(error)), 0),
    bias: mean(errors),
  }
}
