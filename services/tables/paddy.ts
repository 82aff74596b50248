/** Paddies: settings and observations of people, daily results, and the state of the season. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { CustomBands } from '../agronomy/paddy/depths.ts'
import { paddyStages, type PaddyStage } from '../agronomy/paddy/stages.ts'
import { jsonColumn, OrNull, type Json } from './json.ts'

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

const Band = Type.Optional(Type.Readonly(Type.Tuple([Type.Number(), Type.Number()])))
const CustomBands = Type.Unsafe<CustomBands>(
  Type.Object(Object.fromEntries(paddyStages.map((stage) => [stage, Band]))),
)
export const readPaddyBands = jsonColumn('paddy.bands', CustomBands)

/** PaddySeason of agronomy/paddy/season.ts. */
const season = {
  stage: Type.Enum(paddyStages),
  from: Type.Enum(['heat', 'calendar', 'person']),
  development: Type.Number(),
  developmentShift: Type.Number(),
  lastReport: OrNull(Type.String()),
  drainage: OrNull(
    Type.Object({
      fromDay: Type.String(),
      lastDay: OrNull(Type.String()),
      days: Type.Number(),
      dryDays: Type.Number(),
      unknownDays: Type.Number(),
      endReason: OrNull(Type.Enum(['dried', 'cracked', 'panicle-near', 'person'])),
    }),
  ),
}

/** Results of a day in addition to the level. */
const PaddyDay = Type.Object({
  ...season,
  nightLossMmD: OrNull(Type.Number()), // percolation and leakage; null: no quiet night with standing water
  inletMmH: OrNull(Type.Number()), // measured in a run of the day
  outletMmH: OrNull(Type.Number()),
})
export type PaddyDay = Static<typeof PaddyDay>
export const readPaddyDay = jsonColumn('fieldDay.paddy', PaddyDay)

/** The state of a paddy's season, and results of its last days. */
const PaddyNow = Type.Object({
  ...season,
  loss: OrNull(Type.Object({ usualMmD: Type.Number(), nowMmD: Type.Number(), isHigh: Type.Boolean() })),
  inletMmH: OrNull(Type.Number()),
  outletMmH: OrNull(Type.Number()),
  recent: Type.Array(Type.Object({ minC: OrNull(Type.Number()), meanC: OrNull(Type.Number()) })), // of the last two days
  levelDay: OrNull(Type.String()), // when a gauge or person last reported the level; today's level is calculated from there
})
export type PaddyNow = Static<typeof PaddyNow>
export const readPaddyNow = jsonColumn('fieldState.paddy', PaddyNow)
