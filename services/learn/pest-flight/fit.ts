/**
 * Midpoint of an insect's flight on one field, in degree-days after its biofix: the mean of the years, used where it
 * predicts held-out years better than the mean date and the published sum.
 */
import type { Day } from '../../../broker/contract/time.ts'
import { insufficientData, decideState, type Fit } from '../fitting/learner.ts'
import { flightRequirement, flightSkill, type FlightYear } from './flights.ts'

export interface FlightData {
  flights: FlightYear[]
  publishedCd: number | null // sum at the midpoint of the flight, after the biofix
  fromDay: Day
  throughDay: Day
}

/** Two years to fit, a third one to evaluate. */
const MIN_YEARS = 3

/** Insufficient data with fewer than three years. Terms in °C·d: the midpoint and the spread of the flight. */
export function fitFlight({ flights, publishedCd, fromDay, throughDay }: FlightData): Fit {
  const years = new Set(flights.map(({ year }) => year)).size
  const need = flightRequirement(flights)
  const skill = years < MIN_YEARS ? null : flightSkill(flights, publishedCd)
  if (!need || !skill)
    return insufficientData({ key: 'too-few-years', params: { years, need: MIN_YEARS } }, fromDay, throughDay)
  return {
    ...decideState([skill]),
    rows: need.rows,
    fromDay,
    throughDay,
    terms: [
      { key: 'flight-half', unit: '°C·d', coefficient: need.midCd, sd: need.sdCd },
      { key: 'flight-spread', unit: '°C·d', coefficient: need.scaleCd, sd: null },
    ],
    skill: [skill],
  }
}
