/** Comparison of a field's irrigation with Tilth's plan and the previous fixed schedule. */
import Type, { type Static } from 'typebox'
import type { AtMs, Day } from '../../broker/contract/time.ts'
import { jsonColumn, type Json } from './json.ts'

/** The previous fixed schedule of a field and its water price: the baseline for savings. */
export interface FixedScheduleRow {
  fieldId: string
  org: string
  depthMm: number // gross depth
  everyDays: number // interval in days
  waterPricePerM3: number | null
  currency: string | null // ISO 4217
}

/** Actual irrigation compared with Tilth's plan and the fixed schedule, by the same balance. */
export interface WaterComparisonRow {
  fieldId: string
  org: string
  throughDay: Day
  atMs: AtMs
  body: Json<WaterComparison>
}

const SpanWater = Type.Object({
  m3: Type.Number(),
  runs: Type.Number(),
  stressDays: Type.Number(),
  drainedMm: Type.Number(), // below the root zone
})
export type SpanWater = Static<typeof SpanWater>

const ComparisonSpan = Type.Object({
  key: Type.Enum(['week', 'season']),
  fromDay: Type.String(),
  throughDay: Type.String(),
  days: Type.Number(), // that could be compared
  missingDays: Type.Number(),
  actual: Type.Object({ ...SpanWater.properties, isMetered: Type.Boolean() }), // actual irrigation, by anyone
  tilth: SpanWater,
  fixedSchedule: SpanWater,
})
export type ComparisonSpan = Static<typeof ComparisonSpan>

const WaterComparison = Type.Object({
  fixedSchedule: Type.Object({ mm: Type.Number(), days: Type.Number() }),
  spans: Type.Array(ComparisonSpan), // the last seven days, then the season
})
export type WaterComparison = Static<typeof WaterComparison>
export const readWaterComparison = jsonColumn('waterComparison.body', WaterComparison)
