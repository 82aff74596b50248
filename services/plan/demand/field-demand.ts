/**
 * The refill line of a farm's field, by the same decision as `npm run decide`: the state and the forecast of the farm
 * instead of lines. The farm keeps no years of other weather, so the rule is that of the tables, and beyond the forecast
 * no rain is expected.
 */
import { addDays, dayOf, daysBetween } from '../../../broker/contract/time.ts'
import { cropOf } from '../../agronomy/crops.ts'
import { daysByHeat, rootDepthM, seasonLengthD } from '../../agronomy/growth.ts'
import { soilOf } from '../../agronomy/soils.ts'
import { tewMm } from '../../agronomy/dual-kc.ts'
import type { ForecastAnswer } from '../../ports.ts'
import type { FieldStateRow, SeasonRow, ZoneRow } from '../../tables.ts'
import { rainAtShare } from '../forecast/rain-spread.ts'
import { responseOf } from './crop-response.ts'
import { daysAhead } from './days-ahead.ts'
import { refillLine } from './demand.ts'
import { DOUBTS, ruleFor, ruleOfTables, withMargin } from './learn-rule.ts'
import { membersAhead } from './weather-ahead.ts'
import { worthOf } from './worth.ts'

const LAYER_M = 0.1
const USUAL_ET0_MM = 4

/**
 * Depletion from which water is given, mm; TAW where what is left of the season needs none. Null where the state does not
 * carry such a decision: no such crop, or a season that is over by its table.
 */
export function fieldLineMm(x: {
  state: FieldStateRow
  season: Pick<SeasonRow, 'crop' | 'plantedDay'>
  texture: string
  zone: Pick<ZoneRow, 'efficiency' | 'maxDepthMm' | 'wettedFraction'> | null
  forecast: ForecastAnswer | null
  timeZone: string
}): number | null {
  const { state, season, zone, forecast } = x
  const crop = cropOf(season.crop)
  const { tawMm, depletionMm } = state
  if (!crop || tawMm === null || depletionMm === null || !(tawMm > 0)) return null
  const today = dayOf(state.atMs, x.timeZone)
  const calendarD = daysBetween(season.plantedDay, today)
  const ageD = (state.heatSumCd === null ? null : daysByHeat(crop, state.heatSumCd)) ?? calendarD
  const leftD = Math.ceil(seasonLengthD(crop) - ageD)
  if (calendarD < 0 || leftD <= 0) return null
  const rootsM = state.rootDepthM ?? rootDepthM(crop, ageD)
  const soil = soilOf(x.texture)
  const tew = soil ? tewMm(soil, LAYER_M) : 20
  const response = { ...responseOf(crop), rootM: crop.rootMaxM }
  const days = daysAhead({
    crop,
    response,
    agesD: Array.from({ length: leftD }, (_, k) => ageD + k),
    storeMm: (toM) => (tawMm * toM) / rootsM,
    rootDepthM: (age) => Math.max(rootsM, rootDepthM(crop, age)),
    tewMm: tew,
    rewMm: Math.min(soil?.rewMm ?? 9, 0.9 * tew),
    use: 1,
  })
  if (days.count === 0) return null
  const usualMm = usualEt0Mm(state, forecast)
  const ahead = Array.from({ length: Math.min(days.count, 10) }, (_, k) => {
    const one = forecast?.days.find(({ day }) => day === addDays(today, k))
    return one ? { et0Mm: one.et0Mm, rainAt: (u: number) => rainAtShare(one, u) } : null
  })
  const sdMm = state.depletionSdMm ?? 0.1 * tawMm
  const tables = ruleOfTables(crop, response)
  const rules = DOUBTS.map((doubt) => withMargin(tables, doubt))
  const members = membersAhead(days.count, 0, [], ahead, () => usualMm)
  const { lineMm } = refillLine({
    days,
    members,
    now: { depletionMm, sdMm, surfaceMm: tew / 2, belowMm: 0 },
    rule: ruleFor(rules, sdMm / tawMm),
    system: {
      efficiency: zone?.efficiency ?? 1,
      mostMm: zone?.maxDepthMm ?? 60,
      leastMm: 0,
      wettedFraction: zone?.wettedFraction ?? 1,
    },
    worth: worthOf(null, response).worth,
  })
  return Math.min(tawMm, lineMm ?? tawMm)
}

/** ET0 of days that no forecast tells of: the mean of those it tells, else what the state expects of today. */
function usualEt0Mm(state: FieldStateRow, forecast: ForecastAnswer | null): number {
  const told = (forecast?.days ?? []).flatMap(({ et0Mm }) => (et0Mm === null ? [] : [et0Mm]))
  if (told.length > 0) return told.reduce((sum, mm) => sum + mm, 0) / told.length
  if (state.etcWholeDayMm !== null && state.kc !== null && state.kc > 0) return state.etcWholeDayMm / state.kc
  return USUAL_ET0_MM
}
