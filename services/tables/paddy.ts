/** Paddies: settings and observations of people, daily results, and the state of the season. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { CustomBands } from '../agronomy/paddy/depths.ts'
import type { LossTrend } from '../agronomy/paddy/loss.ts'
import type { PaddySeason } from '../agronomy/paddy/season.ts'
import type { PaddyStage } from '../agronomy/paddy/stages.ts'
import type { Json } from './json.ts'

/** Settings and observations of a paddy. A day before the season's transplanting belongs to an earlier season. */
export interface PaddyRow {
  fieldId: string
  org: string
  bundMm: number // top of the bund above the soil
  freeboardMm: number // always kept free below it
  outlet: 'board' | 'gate' | 'none' // gate: a zone of method 'outlet' drives it
  boardMm: number | null // height of the outlet board above the soil; null: unknown
  bands: Json<CustomBands> | null
  headingCd: number | null // heat sum from transplanting to heading; null: default variety
  reportedStage: PaddyStage | null
  reportedStageDay: Day | null // on which it began
  dryDays: number | null // target of mid-season drainage; null: default
  baselineDays: number | null // mean length of drainage in past years; null: no credit is claimed
  tillersDay: Day | null // target tiller number reached
  crackedDay: Day | null // small cracks observed
  herbicideDay: Day | null
  holdDays: number // from its label: no outflow
  observedLevelMm: number | null // by a person
  observedLevelAtMs: AtMs | null
  storm: 'off' | 'approve' | 'auto' // rain reserve before a storm: never, after approval, automatic
  mayCoolAtNight: 0 | 1 // water is available for cooling on hot nights
  flushUntilMs: AtMs | null // flow-through requested: inlet and outlet may both be open until then
}

/** Results of a day in addition to the level. */
export interface PaddyDay extends PaddySeason {
  nightLossMmD: number | null // percolation and leakage; null: no quiet night with standing water
  inletMmH: number | null // measured in a run of the day
  outletMmH: number | null
}

/** The state of a paddy's season, and results of its last days. */
export interface PaddyNow extends PaddySeason {
  loss: LossTrend | null
  inletMmH: number | null
  outletMmH: number | null
  recent: { minC: number | null; meanC: number | null }[] // of the last two days
  levelDay: Day | null // when a gauge or person last reported the level; today's level is calculated from there
}
