/** Splits a mass among several fields by area. */
import type { WorkAmount } from '../../tables.ts'

/**
 * The part of each area, kg: whole grams that sum to the total, each within a gram of its exact share.
 * RangeError when an area is not above 0.
 */
export function splitMassKg(totalKg: number, areasM2: readonly number[]): number[] {
  if (areasM2.some((areaM2) => !(areaM2 > 0))) throw new RangeError('every area must be above 0')
  const totalG = Math.round(1000 * totalKg)
  const wholeM2 = areasM2.reduce((sum, areaM2) => sum + areaM2, 0)
  let untilM2 = 0
  let givenG = 0
  return areasM2.map((areaM2) => {
    untilM2 += areaM2
    // cumulative: each rounding error is compensated by the next
    const partG = Math.round((totalG * untilM2) / wholeM2) - givenG
    givenG += partG
    return partG / 1000
  })
}

/** The mass on each area, kg; null: bags of unknown mass. */
export function massesKg(
  { value, unit, bagKg }: WorkAmount,
  areasM2: readonly number[],
): readonly (number | null)[] {
  if (unit === 'bag') return bagKg === null ? areasM2.map(() => null) : splitMassKg(value * bagKg, areasM2)
  const ofM2 = unit === 'kg/10a' ? 1000 : 10_000
  return areasM2.map((areaM2) => (value * areaM2) / ofM2)
}
