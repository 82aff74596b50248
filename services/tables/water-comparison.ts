/** A field's water beside what Tilth and the old habit would have given. */
import type { AtMs, Day } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

/** How a field was watered before Tilth, and what its water costs: what a saving is counted against. */
export interface FixedScheduleRow {
  fieldId: string
  org: string
  depthMm: number // gross depth
  everyDays: number // every so many days
  waterPricePerM3: number | null
  currency: string | null // ISO 4217
}

/** What the valve gave beside what Tilth and the habit would have given, by the same balance. */
export interface WaterComparisonRow {
  fieldId: string
  org: string
  throughDay: Day
  atMs: AtMs
  body: Json<WaterComparison>
}

export interface WaterComparison {
  timer: { mm: number; days: number }
  spans: ComparisonSpan[] // the last seven days, then the season
}

export interface ComparisonSpan {
  key: 'week' | 'season'
  fromDay: Day
  throughDay: Day
  days: number // that could be compared
  missingDays: number
  given: SpanWater & { isMetered: boolean } // what the valve did, whoever opened it
  tilth: SpanWater
  timer: SpanWater
}

export interface SpanWater {
  m3: number
  runs: number
  stressDays: number
  drainedMm: number // beyond the roots
}
