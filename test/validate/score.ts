/**
 * The result of a validation line: figures, each compared with its target. The exact figure is judged; only the
 * printed one is rounded.
 */
import { mean } from '../../services/learn/fitting/statistics.ts'

export interface Score {
  figure: string
  /** not rounded */
  value: number
  /** total, where the value is a count: all of them must be reached */
  of: number | null
  /** of the printed value */
  decimals: number
  unit: string
  /** bounds of the target, both included; null: no bound on this side */
  min: number | null
  max: number | null
  /** null: for comparison, without a target */
  isMet: boolean | null
  /** vectors that were not reproduced, with the actual and the expected value */
  missed: string[]
  /** vectors left out, by the missing model */
  notBuilt: string[]
}

const defaults = { of: null, min: null, max: null, missed: [], notBuilt: [] }

/** A figure with an upper bound. A missing figure (NaN) does not meet it. */
export const atMost = (
  figure: string,
  value: number,
  max: number,
  unit: string,
  decimals: number,
): Score => ({ ...defaults, figure, value, decimals, unit, max, isMet: value <= max })

/** A figure with a lower bound. A missing figure (NaN) does not meet it. */
export const atLeast = (
  figure: string,
  value: number,
  min: number,
  unit: string,
  decimals: number,
): Score => ({ ...defaults, figure, value, decimals, unit, min, isMet: value >= min })

/** A figure with a bound on either side: an interval that is too wide misses it like one that is too narrow. */
export const between = (
  figure: string,
  value: number,
  [min, max]: readonly [min: number, max: number],
  unit: string,
  decimals: number,
): Score => ({ ...defaults, figure, value, decimals, unit, min, max, isMet: value >= min && value <= max })

/** Cases inside a stated 80 % interval, %: ten points on either side are left to chance. */
export const COVERAGE_OF_80: readonly [number, number] = [70, 90]

/** Data that is missing is named; a figure that needs it is never left out silently. */
export const missingData = (what: readonly string[]): Score => ({
  ...defaults,
  figure: 'data is missing',
  value: NaN,
  decimals: 0,
  unit: '',
  isMet: false,
  missed: [...what],
})

/** For comparison only. */
export const forComparison = (figure: string, value: number, unit: string, decimals: number): Score => ({
  ...defaults,
  figure,
  value,
  decimals,
  unit,
  isMet: null,
})

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
    ...defaults,
    figure,
    value: applicable.length - missed.length,
    of: applicable.length,
    decimals: 0,
    unit: '',
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
