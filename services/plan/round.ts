/**
 * Amounts of water as shown to a person. A decision is calculated from rounded amounts, so that the terms of a
 * decision add up to the last digit on the screen.
 */

/** mm to one decimal; never -0. */
export const tenth = (mm: number): number => Math.round(mm * 10) / 10 + 0

/** Sum of tenths, itself a tenth. */
export const sumTenths = (...mm: number[]): number => tenth(mm.reduce((sum, value) => sum + value, 0))
