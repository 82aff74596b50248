/** Pests and diseases: heat sums, next events, and daily risks. */
import Type, { type Static } from 'typebox'
import type { Day } from '../../broker/contract/time.ts'
import type { EconomicFigures } from '../agronomy/pests/economic-injury.ts'
import { jsonColumn, Message, OrNull, type Json } from './json.ts'

/** A heat sum from a biofix towards a pest or stage. */
export interface DegreeDayTrackerRow {
  fieldId: string
  subject: string // a pest of agronomy/pests.ts
  org: string
  biofixDay: Day
  sumCd: number // °C·d up to and including `throughDay`
  throughDay: Day | null
  missingDays: number
  nextEvent: Json<NextEvent> | null
  outlook: Json<PestOutlook> | null
}

const NextEvent = Type.Object({
  key: Type.String(),
  needCd: Type.Number(),
  fromDay: Type.String(),
  toDay: Type.String(),
})
type NextEvent = Static<typeof NextEvent>
export const readNextEvent = jsonColumn('degreeDayTracker.nextEvent', NextEvent)

/** The date of an event from its heat sum, its catches or both. */
const PestDates = Type.Object({
  key: Type.String(), // the event, or 'flight-half' when catches date the flight itself
  fromDay: Type.String(),
  midDay: Type.String(),
  toDay: Type.String(), // 80 % interval
  from: Type.Enum(['sum', 'catches', 'both']),
})
export type PestDates = Static<typeof PestDates>

/** The next event of a pest, and whether its catches reach the action threshold. */
const PestOutlook = Type.Object({
  next: OrNull(PestDates), // null: no date can be given
  threshold: OrNull(
    Type.Object({
      count: Type.Number(),
      perDays: Type.Number(),
      caught: OrNull(Type.Number()),
      isReached: OrNull(Type.Boolean()),
    }),
  ), // null: unknown
  paramsVersion: Type.String(), // of the pest's row
})
export type PestOutlook = Static<typeof PestOutlook>
export const readPestOutlook = jsonColumn('degreeDayTracker.outlook', PestOutlook)

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
  reason: Json<Static<typeof Message>>
  wetness: 'measured' | 'estimated' | 'none'
  paramsVersion: string
}

export const readDiseaseReason = jsonColumn('diseaseDay.reason', Message)

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
