/**
 * Amounts of water as a person is shown them. A decision is computed from amounts that were rounded first, so that
 * the terms of a Why add up to the last digit on the screen.
 */

/** mm to one decimal; never -0. */
export const tenth = (mm: number): number => Math.round(mm * 10) / 10 + 0

/** Sum of tenths, itself a tenth. */
export const sumTenths = (...mm: number[]): number => tenth(mm.reduce((sum, one) => sum + one, 0))
