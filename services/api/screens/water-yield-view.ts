/** Yield loss from a season's water shortage, by FAO-56 Eq. 90, if the season continues as so far. */
import { addDays, daysBetween } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops/catalogue.ts'
import { yieldShare } from '../../agronomy/crops/yield-response.ts'
import type { SeasonRow } from '../../tables.ts'
import type { SeasonWater } from '../irrigation/season-water-queries.ts'
import type { FieldDetail } from './field-schemas.ts'

const MIN_KNOWN_SHARE = 0.8 // of a season's days must be known, otherwise the sum is not representative. Unconfirmed

/** Null when too few days are known, or Table 24 has no Ky for the crop. */
export function waterYield(season: SeasonRow | null, water: SeasonWater | null): FieldDetail['waterYield'] {
  const ky = season && cropOf(season.crop)?.ky
  if (ky == null || water === null) return null
  const { etaMm, etcMm, knownDays, lastDay } = water
  const days = daysBetween(season!.plantedDay, addDays(lastDay, 1))
  const share = yieldShare(ky, etaMm, etcMm)
  if (share === null || knownDays < MIN_KNOWN_SHARE * days) return null
  return { ky, etaMm, etcMm, share, missingDays: days - knownDays }
}
