/** Paddies: what people say of one, what a day has shown, and where its season stands. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { CustomBands } from '../agronomy/paddy/depths.ts'
import type { LossTrend } from '../agronomy/paddy/loss.ts'
import type { PaddySeason } from '../agronomy/paddy/season.ts'
import type { PaddyStage } from '../agronomy/paddy/stages.ts'
import type { Json } from './json.ts'

/** What a person has said of a paddy. A day that lies before the season's transplanting is of another season. */
export interface PaddyRow {
  fieldId: string
  org: string
  bundMm: number // top of the bund above the soil
  freeboardMm: number // kept free below it, whatever comes
  outlet: 'board' | 'gate' | 'none' // gate: a zone of method 'outlet' drives it
  boardMm: number | null // where the outlet's board stands above the soil; null: nobody has said
  bands: Json<CustomBands> | null
  headingCd: number | null // heat from transplanting to heading; null: a usual variety
  stageSaid: PaddyStage | null
  stageSaidDay: Day | null // on which it began
  dryDays: number | null // wanted of mid-season drainage; null: as usual
  baselineDays: number | null // mean length of the last years' drainage; null: no credit is claimed
  tillersDay: Day | null // the tillers aimed at were counted
  crackedDay: Day | null // small cracks were seen
  herbicideDay: Day | null
  holdDays: number // of its label: nothing flows out
  seenLevelMm: number | null // by a person
  seenLevelMs: AtMs | null
  storm: 'off' | 'ask' | 'auto' // makes room for a storm: never, after a person's yes, by itself
  mayCoolAtNight: 0 | 1 // there is water to spare for hot nights
  flushUntilMs: AtMs | null // running water is asked for: inlet and outlet may both stand open until then
}

/** What a day has shown of a paddy beside its level. */
export interface PaddyDay extends PaddySeason {
  nightLossMmD: number | null // what sank and leaked; null: no quiet night with standing water
  inletMmH: number | null // shown by a run of the day
  outletMmH: number | null
}

/** A paddy's season up to today, and what its last days have shown. */
export interface PaddyNow extends PaddySeason {
  loss: LossTrend | null
  inletMmH: number | null
  outletMmH: number | null
  recent: { minC: number | null; meanC: number | null }[] // of the last two days
  levelDay: Day | null // when a gauge or a person last told the level; the level of today is worked out from then
}
