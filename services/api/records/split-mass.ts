/** A mass that several fields share, by area. */
import type { WorkAmount } from '../../tables.ts'

/**
 * Each area's part, kg: whole grams that come to the total, each within a gram of its exact share. RangeError where an
 * area is not above 0.
 */
export function splitMassKg(totalKg: number, areasM2: readonly number[]): number[] {
  if (areasM2.some((areaM2) => !(areaM2 > 0))) throw new RangeError('every area must be above 0')
  const totalG = Math.round(1000 * totalKg)
  const wholeM2 = areasM2.reduce((sum, areaM2) => sum + areaM2, 0)
  let untilM2 = 0
  let givenG = 0
  return areasM2.map((areaM2) => {
    untilM2 += areaM2
    // counted from the first on: what one is rounded by, the next makes up
    const partG = Math.round((totalG * untilM2) / wholeM2) - givenG
    givenG += partG
    return partG / 1000
  })
}

/** How much comes on each area, kg; null: bags of which nobody knows how heavy they are. */
export function massesKg(
  { value, unit, bagKg }: WorkAmount,
  areasM2: readonly number[],
): readonly (number | null)[] {
  if (unit === 'bag') return bagKg === null ? areasM2.map(() => null) : splitMassKg(value * bagKg, areasM2)
  const ofM2 = unit === 'kg/10a' ? 1000 : 10_000
  return areasM2.map((areaM2) => (value * areaM2) / ofM2)
}
