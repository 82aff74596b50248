/** Statistics of the fits. */
import { sum } from '../../runtime/math.ts'

/** NaN for no values. */
export const mean = (values: readonly number[]): number => sum(values) / values.length
