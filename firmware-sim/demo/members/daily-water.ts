/** The daily water balance of a paddy, from the weather of the plain and its irrigation runs. */
import type { Day } from '../../../broker/contract/time.ts'
import { toJson } from '../../../services/tables.ts'
import type { FieldSeasonInput, Run, MemberRows, PlainWeatherDay } from './types.ts'

type DayRow = MemberRows['fieldDay'][number]

const BASE_C = 10
const PERCOLATION_MM = 10
const NO_NOTES: DayRow['notes'] = toJson([])
// Kc and stage of rice, by days from planting (FAO-56 Tables 11 and 12)
const STAGES = [
  { untilD: 30, stage: 'initial', kc: 1.05 },
  { untilD: 60, stage: 'development', kc: 1.13 },
  { untilD: 105, stage: 'mid-season', kc: 1.2 },
  { untilD: 999, stage: 'late-season', kc: 0.95 },
]

/**
 * One row per day; missing values are unknown. Every ninth field has weeks without weather, most others single days.
 */
export function dailyWaterRows(
  { base, f, areaM2 }: FieldSeasonInput,
  { days, runs }: { days: readonly PlainWeatherDay[]; runs: ReadonlyMap<Day, Run> },
): DayRow[] {
  let heatSumCd = 0
  return days.map((sky, sinceD) => {
    const isWithout = f % 9 === 2 ? sinceD >= 20 && sinceD < 34 : sinceD % 40 === f % 40
    heatSumCd += Math.max(0, (sky.tempMinC + sky.tempMaxC) / 2 - BASE_C)
    const run = runs.get(sky.day)
    const { stage, kc } = STAGES.find(({ untilD }) => sinceD < untilD)!
    const etMm = isWithout ? null : Number((kc * sky.et0Mm).toFixed(2))
    return {
      fieldId: base.fieldId,
      org: base.org,
      day: sky.day,
      stage,
      kc,
      ks: isWithout ? null : 1,
      et0Mm: isWithout ? null : sky.et0Mm,
      et0Method: 'fao56-pm',
      etcMm: etMm,
      etaMm: etMm,
      tempMinC: sky.tempMinC,
      tempMaxC: sky.tempMaxC,
      rainMm: isWithout ? null : sky.rainMm,
      irrigationMm: run?.litres == null ? 0 : Number((run.litres / areaM2).toFixed(1)),
      irrigationSource: run ? run.volumeSource : 'none',
      deepPercolationMm: PERCOLATION_MM,
      heatSumCd: Number(heatSumCd.toFixed(1)),
      notes: NO_NOTES,
    }
  })
}
