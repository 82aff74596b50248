/** Comparison of a field's irrigation with Tilth's plan and the previous fixed schedule. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

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

export interface WaterComparison {
  fixedSchedule: { mm: number; days: number }
  spans: ComparisonSpan[] // the last seven days, then the season
}

export interface ComparisonSpan {
  key: 'week' | 'season'
  fromDay: Day
  throughDay: Day
  days: number // that could be compared
  missingDays: number
  actual: SpanWater & { isMetered: boolean } // actual irrigation, by anyone
  tilth: SpanWater
  fixedSchedule: SpanWater
}

export interface SpanWater {
  m3: number
  runs: number
  stressDays: number
  drainedMm: number // below the root zone
}
