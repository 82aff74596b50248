/**
 * Amounts of water as shown to a person. A decision is calculated from rounded amounts, so that the terms of a
 * decision add up to the last digit on the screen.
 */
import { sum, tenth } from '../runtime/math.ts'

/** Sum of tenths of a mm, itself a tenth. */
export const sumTenths = (...mm: number[]): number => tenth(sum(mm))
