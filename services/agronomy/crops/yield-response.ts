/** Yield loss by a season's water deficit. FAO-56 Eq. 90 (Doorenbos & Kassam 1979, FAO-33). */
import { isWithin, rowsOf, wordsOf } from '../fao56/find-row.ts'
import { table24 } from '../fao56/table24-yield-response.ts'

/** Table 24 has potato and bean, but not these. */
const otherCrops = ['sweet potato', 'faba bean'].map(wordsOf)

/** Ky by a crop's name in the tables; null where Table 24 has none. */
export function kyOf(name: string): number | null {
  if (otherCrops.some((words) => isWithin(words, wordsOf(name)))) return null
  return rowsOf(Object.entries(table24), name)[0]?.[1] ?? null
}

/**
 * Ya / Ym, the share of the full yield, 0-1: 1 - Ya/Ym = Ky (1 - ETa/ETm). Null without any ETm: the yield is then
 * undetermined.
 */
export function yieldShare(ky: number, etaMm: number, etmMm: number): number | null {
  if (!(etmMm > 0) || !(etaMm >= 0) || !Number.isFinite(ky)) return null
  const shortage = 1 - Math.min(1, etaMm / etmMm)
  return Math.max(0, 1 - ky * shortage)
}
