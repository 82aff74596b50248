/** Pests and diseases: heat sums, next events, and daily risks. */
import type { Day } from '../../broker/contract/time.ts'
import type { EconomicFigures } from '../agronomy/pests/economic-injury.ts'
import type { Json } from './json.ts'

/** A heat sum from a biofix towards a pest or stage. */
export interface DegreeDayTrackerRow {
  fieldId: string
  subject: string // a pest of agronomy/pests.ts
  org: string
  biofixDay: Day
  sumCd: number // °C·d up to and including `throughDay`
  throughDay: Day | null
  missingDays: number
  nextEvent: Json<{ key: string; needCd: number; fromDay: Day; toDay: Day }> | null
  outlook: Json<PestOutlook> | null
}

/** The next event of a pest, and whether its catches reach the action threshold. */
export interface PestOutlook {
  next: PestDates | null // null: no date can be given
  threshold: { count: number; perDays: number; caught: number | null; isReached: boolean | null } | null // null: unknown
  paramsVersion: string // of the pest's row
}

/** The date of an event from its heat sum, its catches or both. */
export interface PestDates {
  key: string // the event, or 'flight-half' when catches date the flight itself
  fromDay: Day
  midDay: Day
  toDay: Day // 80 % interval
  from: 'sum' | 'catches' | 'both'
}

/**
 * The risk of one disease on one field and civil day. 'unknown' names the missing input; it is never reported as no
 * risk.
 */
export interface DiseaseDayRow {
  fieldId: string
  disease: string // of agronomy/disease/diseases.ts
  day: Day
  org: string
  level: 'low' | 'moderate' | 'high' | 'unknown'
  value: number | null // of the model, in its own unit
  unit: string
  reason: Json<{ key: string; params: Record<string, string | number | null> }>
  wetness: 'measured' | 'estimated' | 'none'
  paramsVersion: string
}

/** Economic threshold of a pest in a field, from a person's own figures. Null is unknown. */
export interface PestEconomicsRow extends EconomicFigures {
  fieldId: string
  target: string // an insect of agronomy/pests.ts
  org: string
  isUsed: 0 | 1 // replaces the default threshold
  actionShare: number // act at this share of the level
  seenCount: number | null // counted by a person, in the unit of the figures; null: trap counts are used
  seenDay: Day | null
}
