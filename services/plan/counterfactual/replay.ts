/**
 * A season simulated with another irrigation rule: the same days, soil and crop. All rules use one balance, the
 * recorded irrigation as well, so that only the rule differs. Pure.
 */
import { balanceDay } from '../../agronomy/water/soil-water.ts'
import type { Day } from '../../../broker/contract/time.ts'
import type { FieldDayRow } from '../../tables.ts'

export type ReplayDay = Pick<
  FieldDayRow,
  | 'day'
  | 'kc'
  | 'etcMm'
  | 'rainMm'
  | 'runoffMm'
  | 'capillaryMm'
  | 'irrigationMm'
  | 'irrigationSource'
  | 'depletionMm'
  | 'depletionSdMm'
  | 'tawMm'
  | 'rawMm'
  | 'rootDepthM'
  | 'ageD'
>

/** The information of a rule on the evening before: the day that ended, and the depletion under this rule. */
export interface Evening {
  before: ReplayDay
  depletionMm: number
  n: number // days since the season began
}
/** Net mm on the next day. */
export type WaterRule = (evening: Evening, next: ReplayDay) => number

export interface SimulatedDay {
  day: Day
  netMm: number
  drainedMm: number
  isStressed: boolean // drier than RAW at the end of the day
  isKnown: boolean // no value of the day had to be assumed
}

/**
 * Starts with the first day whose balance is known. A day with missing data is simulated as dry, and marked.
 */
export const simulateSeason = (days: readonly ReplayDay[], rule: WaterRule): SimulatedDay[] => [
  ...simulateDays(days, rule),
]

/** As `simulateSeason`, one day at a time, so that a slow rule can yield to other work. */
export function* simulateDays(days: readonly ReplayDay[], rule: WaterRule): Generator<SimulatedDay, void> {
  const firstAt = days.findIndex((day) => day.depletionMm !== null && day.tawMm !== null)
  const first = days[firstAt]
  if (!first) return
  let depletionMm = first.depletionMm!
  let before = first
  let n = 0
  for (const day of days.slice(firstAt + 1)) {
    n++
    const netMm = Math.max(0, rule({ before, depletionMm, n }, day))
    const { etcMm, tawMm, rawMm } = day
    if (etcMm === null || tawMm === null || rawMm === null || !(tawMm > 0)) {
      yield { day: day.day, netMm, drainedMm: 0, isStressed: false, isKnown: false }
      depletionMm = Math.max(0, depletionMm - netMm)
      continue
    }
    // growing roots reach soil at field capacity: the depletion stays
    const worked = balanceDay({
      depletionMm: Math.min(depletionMm, tawMm),
      tawMm,
      p: rawMm / tawMm,
      etcMm,
      rainMm: Math.max(0, (day.rainMm ?? 0) - (day.runoffMm ?? 0)),
      irrigationMm: netMm + (day.capillaryMm ?? 0),
    })
    depletionMm = worked.depletionMm
    before = day
    yield {
      day: day.day,
      netMm,
      drainedMm: worked.deepPercolationMm,
      isStressed: depletionMm > rawMm,
      isKnown: day.rainMm !== null && day.irrigationSource !== 'unknown',
    }
  }
}
