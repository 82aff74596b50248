/** Parameters of a pest: thresholds, method, biofix, events, source. A pest is parameters, never code. */
import { finite } from '../finite.ts'
import type { CatchCurve } from './catch-curve.ts'
import type { HeatModel } from '../crops/degree-days.ts'

export interface PestEvent {
  key: string
  sumCd: number // after the biofix
  toCd?: number // end of a range
}

/**
 * The day on which counting starts: a day of each year ('date-03-01'), or determined from the catches by biofix.ts.
 */
export type Biofix = 'first-january' | `date-${string}` | 'first-catch' | 'peak-catch'

/** Catches of one trap in a number of days from which a treatment pays. */
export interface CatchThreshold {
  count: number
  perDays: number
  source: string
}

/** Cumulative catches of the first flight by degree-days from 1 January. */
export interface Flight {
  curve: CatchCurve
  source: string
}

export interface Pest {
  id: string
  species: string
  crops: readonly string[] // of the crop catalogue, or plain names
  heat: HeatModel
  soil?: true // uses the temperature of the soil, not of the air
  biofix: Biofix
  events: readonly PestEvent[] // in the order of their sums
  generationCd: number | null
  flight?: Flight
  threshold?: CatchThreshold // absent: unknown
  source: string
  confirmed: boolean // false: at least one figure needs a second source; show it as unconfirmed
  check: string | null // which
}

/**
 * The first event that a sum has not passed; an event with a range is passed at its end. After the last one it is the
 * next generation, where its length is known; otherwise null.
 */
export function nextEventOf(pest: Pest, sumCd: number): PestEvent | null {
  finite(sumCd, { sumCd })
  const event = pest.events.find((candidate) => (candidate.toCd ?? candidate.sumCd) > sumCd)
  if (event) return event
  const { generationCd } = pest
  return generationCd !== null && generationCd > sumCd
    ? { key: 'next-generation', sumCd: generationCd }
    : null
}
