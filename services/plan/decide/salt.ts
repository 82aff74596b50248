/** The salt of a field through its season: its effect on the crop, and the leaching that is given, due or not enough. */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import {
  leachingMm,
  leachingShare,
  MAX_SHARE,
  saltEffect,
  saltThresholdDsM,
} from '../../agronomy/water/salinity.ts'
import { leachingOf } from '../../irrigation-model/leaching.ts'
import { rainBySkill } from '../../irrigation-model/rain-skill.ts'
import { saltAfter } from '../../irrigation-model/salt-balance.ts'
import { sumBy, tenth } from '../../runtime/math.ts'
import type { DecisionTerm } from '../../tables.ts'
import type { DayLine } from './json-lines.ts'
import type { Season } from './season-state.ts'
import { overDepth } from '../../irrigation-model/soil-layers.ts'
import type { DecisionNote } from '../../irrigation-model/field-sensors.ts'

type Term = Omit<DecisionTerm, 'mm'> & { mm?: number | null }

/** The effect of the salt on the crop; none where the soil is unknown. */
export const saltOf = ({ site: { crop }, saltEcDsM }: Season): { yieldShare: number; ks: number } =>
  saltEcDsM === null ? { yieldShare: 1, ks: 1 } : saltEffect(crop.id, crop.ky, saltEcDsM)

/** The salt of an irrigation, and the leaching that it makes due. */
export function addSalt(season: Season, netMm: number): void {
  const {
    setup,
    layers,
    site: { crop, response },
  } = season
  const { soil, irrigation } = setup.field
  const waterEcDsM = irrigation?.waterEcDsM ?? null
  if (waterEcDsM === null || netMm <= 0) return
  const leachedMm = Math.min(netMm, season.leachedMm)
  season.leachedMm = 0
  const thresholdDsM = saltThresholdDsM(crop.id)
  const share = thresholdDsM === null ? 0 : leachingShare(waterEcDsM, thresholdDsM)
  season.leachingDueMm = Math.max(0, season.leachingDueMm - leachedMm + leachingMm(netMm - leachedMm, share))
  // without a measured soil the long-term value holds
  if (soil.ecDsM == null || season.saltEcDsM === null) return
  const storeMm = 1000 * overDepth(layers, 0, response.rootM, ({ fieldCapacity }) => fieldCapacity)
  season.saltEcDsM = saltAfter(season.saltEcDsM, waterEcDsM, { netMm, leachedMm, storeMm })
}

/** The salt that the crop suffers from, water that no leaching makes fit, and leaching that is due. */
export function saltNotes(season: Season): DecisionNote[] {
  const {
    site: { crop },
    setup,
    saltEcDsM,
    leachingDueMm,
    system,
  } = season
  const thresholdDsM = saltThresholdDsM(crop.id)
  if (thresholdDsM === null) return []
  const waterEcDsM = setup.field.irrigation?.waterEcDsM ?? null
  const notes: DecisionNote[] = []
  const lossPercent = Math.round(100 * (1 - saltOf(season).yieldShare))
  if (saltEcDsM !== null && lossPercent > 0)
    notes.push({ key: 'salt-loss', params: { ecDsM: tenth(saltEcDsM), thresholdDsM, lossPercent } })
  if (waterEcDsM !== null && leachingShare(waterEcDsM, thresholdDsM) >= MAX_SHARE)
    notes.push({ key: 'water-too-salty', params: { waterEcDsM, thresholdDsM } })
  if (leachingDueMm >= DUE_MM)
    notes.push({ key: 'leaching-due', params: { mm: tenth(leachingDueMm / system.efficiency) } })
  return notes
}
/** Less is not reported. */
const DUE_MM = 10

/** Leaching in addition to the refill: only where the roots are filled, and no rain is expected to leach. */
export function leachingTerm(
  { site: { crop }, setup, system, skill, leachingDueMm }: Season,
  netMm: number,
  depletionMm: number,
  day: Day,
  forecast: NonNullable<DayLine['forecast']>,
): { netMm: number; why: Term } | null {
  const { soil, irrigation } = setup.field
  const soon = forecast.filter(
    (forecastDay) => forecastDay.day <= addDays(day, 1) && forecastDay.rainMm != null,
  )
  const rainHiMm =
    soon.length === 0 ? null : sumBy(soon, (forecastDay) => rainBySkill(forecastDay.rainMm!, skill)(0.9))
  const salts = { crop: crop.id, waterEcDsM: irrigation?.waterEcDsM ?? null, soilEcDsM: soil.ecDsM ?? null }
  const leaching = leachingOf(salts, rainHiMm)
  if (!leaching) return null
  const { thresholdDsM, share, waits } = leaching
  if (waits !== null)
    return { netMm: 0, why: { key: 'leaching-postponed', params: { reason: waits, thresholdDsM } } }
  // a partial refill does not leach
  if (netMm < FILLED * depletionMm) return null
  const mostMm = Math.max(0, system.maxMm * system.efficiency - netMm)
  const moreMm = Math.min(leachingMm(netMm, share) + leachingDueMm, mostMm)
  const params = { percent: Math.round(100 * share), thresholdDsM }
  return { netMm: moreMm, why: { key: 'leaching', mm: tenth(moreMm / system.efficiency), params } }
}
const FILLED = 0.98
