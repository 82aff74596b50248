/** The result of a validation line: figures, each compared with its target at the printed precision. */
import { mean } from '../../services/learn/fitting/statistics.ts'

export interface Score {
  figure: string
  /** at the printed precision */
  value: number
  /** total, where the value is a count */
  of: number | null
  decimals: number
  unit: string
  /** for a count it must be `of`. Null: for comparison, without a target. */
  target: number | null
  /** whether the target is a lower bound; otherwise an upper bound */
  isFloor: boolean
  isMet: boolean | null
  /** vectors that were not reproduced, with the actual and the expected value */
  missed: string[]
  /** vectors left out, by the missing model */
  notBuilt: string[]
}

const defaults = { of: null, isFloor: false, missed: [], notBuilt: [] }

/** A figure with an upper bound. A missing figure (NaN) does not meet it. */
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

/** A figure with a lower bound. A missing figure (NaN) does not meet it. */
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

/** A line without its data names the missing input; it is never skipped silently. */
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

/** Result of one vector: null when its function is not built. */
export interface Trial {
  name: string
  /** or function, as named by its source */
  model: string
  got: number | string | null
  expected: number | string
  /** of numbers; a text must be equal */
  tolerance: number
}

/** Number of applicable vectors that are reproduced. With none the target is not met. */
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

// rounding of doubles must not miss a value on the edge of its tolerance
const EDGE = 1e-9

function isReproduced({ got, expected, tolerance }: Trial): boolean {
  if (typeof got === 'number' && typeof expected === 'number')
    return Math.abs(got - expected) <= tolerance + EDGE
  return got === expected
}

/** Errors against a reference: root mean square, maximum absolute value, mean. NaN for an empty list. */
export function errorsOf(errors: readonly number[]): { rmse: number; max: number; bias: number } {
  return {
    rmse: Math.sqrt(mean(errors.map((error) => error * error))),
    max: errors.length === 0 ? NaN : errors.reduce((max, error) => Math.max(max, Math.abs(error)), 0),
    bias: mean(errors),
  }
}
