/**
 * The next event of an insect, by the degree-days since its biofix and by the catches of its traps: an event of its
 * row, or the midpoint of the current flight.
 */
import { finite } from '../finite.ts'
import { halfCd, type CatchCurve } from './catch-curve.ts'
import { daysToRange, type DaysAhead } from '../crops/heat-sum.ts'
import { calendarBiofix } from './biofix.ts'
import { halfFlight, genericCurve, type CatchSpan, type HalfPrior } from './catches.ts'
import { nextEventOf, type Pest } from './pest.ts'

/** Midpoint of one flight in past years at this place, °C·d after the biofix. */
export interface LearnedHalf {
  midCd: number
  sdCd: number
  scaleCd: number
}

export interface PestRecord {
  /** by day, the first one on the biofix; null: temperatures are missing */
  dailyCd: readonly (number | null)[]
  /** of all its traps, by day as above */
  catches: readonly { day: number; count: number }[]
  /** degree-days from 1 January (in the south 1 July) up to the biofix; null where unknown */
  beforeCd: number | null
  /** learned midpoint of each flight of the year, the first one first */
  learned: readonly (LearnedHalf | null)[]
}

export interface Outlook extends DaysAhead {
  key: string // the event, or 'flight-half'
  from: 'sum' | 'catches' | 'both'
}

/** The maximum per year among the insects of the catalogue. */
export const MAX_FLIGHTS = 6
/** Beyond this the biofix belongs to another season. */
const SEASON_DAYS = 300
/**
 * Deviation of a flight from the published curve, as a share of its midpoint; navel orangeworm varies by a tenth.
 * Unconfirmed.
 */
const CURVE_SD = 0.15
/** Fewer insects are not sufficient to date a flight. */
const MIN_CAUGHT = 5

/** Null without a date: no event left, no degree-days, too few catches, or a biofix of another season. */
export function pestOutlook(pest: Pest, record: PestRecord): Outlook | null {
  if (record.dailyCd.length > SEASON_DAYS) return null
  return flightOutlook(pest, record) ?? eventOutlook(pest, record)
}

function eventOutlook(pest: Pest, { dailyCd }: PestRecord): Outlook | null {
  const event = nextEventOf(pest, sumOf(dailyCd))
  if (!event) return null
  const toCd = event.toCd ?? event.sumCd
  const days = daysToRange([event.sumCd, (event.sumCd + toCd) / 2, toCd], dailyCd)
  return days && { key: event.key, from: 'sum', ...days }
}

/** Only while the midpoint of the flight may still be ahead, and once insects of it are caught. */
function flightOutlook(pest: Pest, record: PestRecord): Outlook | null {
  const { dailyCd, learned } = record
  const sumCd = sumOf(dailyCd)
  const window = flightWindow(pest, sumCd)
  if (!window) return null
  const learnedHalf = learned[window.number - 1] ?? null
  const spans = spansOf(record, window)
  if (spans.reduce((caught, { count }) => caught + count, 0) < MIN_CAUGHT) return null
  const before = learnedHalf ?? publishedPrior(pest, record, window.number) ?? window
  const half = halfFlight(curveOf(pest, learnedHalf, window), before, spans)
  if (!half || half.hiCd <= sumCd) return null
  const days = daysToRange([half.loCd, half.midCd, half.hiCd], dailyCd)
  return days && { key: 'flight-half', from: 'sdCd' in before ? 'both' : 'catches', ...days }
}

export interface FlightWindow {
  number: number // 1: the flight of the biofix
  fromCd: number
  toCd: number
}

/**
 * The range of sums of the flight at a given sum. Flights follow each other by a generation: counted from the first
 * catch the first one starts at the biofix, counted from a peak it is centred on it. Null where the length of a
 * generation is unknown, or the biofix is a calendar day.
 */
export function flightWindow({ generationCd, biofix }: Pest, sumCd: number): FlightWindow | null {
  if (generationCd === null || calendarBiofix(biofix) !== null) return null
  const beginsCd = biofix === 'peak-catch' ? -generationCd / 2 : 0
  const number = Math.floor(finite((sumCd - beginsCd) / generationCd, { sumCd, generationCd })) + 1
  const fromCd = beginsCd + (number - 1) * generationCd
  return { number, fromCd, toCd: fromCd + generationCd }
}

/** The completed flights of one year at a sum, the first one first. */
export function flightWindows(pest: Pest, endCd: number): FlightWindow[] {
  const first = flightWindow(pest, 0)
  if (!first) return []
  const generationCd = first.toCd - first.fromCd
  const passed = Math.min(MAX_FLIGHTS, Math.floor((endCd - first.fromCd) / generationCd))
  return Array.from({ length: Math.max(0, passed) }, (_, i) => ({
    number: i + 1,
    fromCd: first.fromCd + i * generationCd,
    toCd: first.toCd + i * generationCd,
  }))
}

function curveOf(pest: Pest, learnedHalf: LearnedHalf | null, window: FlightWindow): CatchCurve {
  if (learnedHalf) return { kind: 'logistic', midCd: learnedHalf.midCd, scaleCd: learnedHalf.scaleCd }
  return pest.flight?.curve ?? genericCurve(window.toCd - window.fromCd)
}

/** The published curve counts from 1 January and describes the first flight. */
function publishedPrior(pest: Pest, { beforeCd }: PestRecord, number: number): HalfPrior | null {
  if (!pest.flight || number !== 1 || beforeCd === null) return null
  const fromJanuaryCd = halfCd(pest.flight.curve)
  return { midCd: fromJanuaryCd - beforeCd, sdCd: CURVE_SD * fromJanuaryCd }
}

const SPAN_DAYS = 7 // weekly catches are less noisy than daily ones, and fast to evaluate

/** Weekly catches of a flight, between the sums at their ends. */
function spansOf({ dailyCd, catches }: PestRecord, { fromCd, toCd }: FlightWindow): CatchSpan[] {
  const counts = new Map<number, number>()
  for (const { day, count } of catches) counts.set(day, (counts.get(day) ?? 0) + count)
  const spans: CatchSpan[] = []
  let sumCd = 0
  let span: CatchSpan = { fromCd: 0, toCd: 0, count: 0 }
  for (const [day, cd] of dailyCd.entries()) {
    sumCd += cd ?? 0
    span = { ...span, toCd: sumCd, count: span.count + (counts.get(day) ?? 0) }
    if (day % SPAN_DAYS === SPAN_DAYS - 1 || day === dailyCd.length - 1) {
      spans.push(span)
      span = { fromCd: sumCd, toCd: sumCd, count: 0 }
    }
  }
  return spans.filter((span) => span.toCd > fromCd && span.fromCd < toCd)
}

const sumOf = (dailyCd: readonly (number | null)[]): number =>
  dailyCd.reduce<number>((sum, cd) => sum + (cd ?? 0), 0)
