/** Pests and diseases: heat sums, what comes next, and the risk of a day. */
import type { Day } from '../../broker/contract/time.ts'
import type { EconomicFigures } from '../agronomy/pests/economic-injury.ts'
import type { Json } from './json.ts'

/** What is counted towards an insect or a stage: a heat sum from a biofix. */
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

/** What comes next of an insect, and whether its catches ask for action. */
export interface PestOutlook {
  next: PestDates | null // null: nothing can be dated
  threshold: { count: number; perDays: number; caught: number | null; isReached: boolean | null } | null // null: unknown
  paramsVersion: string // of the pest's row
}

/** The date of an event by its heat sum, its catches or both. */
export interface PestDates {
  key: string // the event, or 'flight-half' where catches speak of the flight itself
  fromDay: Day
  midDay: Day
  toDay: Day // 80 % interval
  from: 'sum' | 'catches' | 'both'
}

/** The risk of one disease on one field on one civil day. 'unknown' says what is missing; never "no risk" instead. */
export interface DiseaseDayRow {
  fieldId: string
  disease: string // of agronomy/disease/diseases.ts
  day: Day
  org: string
  level: 'low' | 'moderate' | 'high' | 'unknown'
  value: number | null // of the model, in its own unit
  unit: string
  why: Json<{ key: string; params: Record<string, string | number | null> }>
  wetness: 'measured' | 'estimated' | 'none'
  paramsVersion: string
}

/** From what number on a pest is worth a treatment in a field, by a person's own figures. Null is unknown. */
export interface PestEconomicsRow extends EconomicFigures {
  fieldId: string
  target: string // an insect of agronomy/pests.ts
  org: string
  isUsed: 0 | 1 // instead of the threshold of the table
  actionShare: number // act at so much of the level
  seenCount: number | null // by a person, in the unit that the figures are in; null: the traps count
  seenDay: Day | null
}
