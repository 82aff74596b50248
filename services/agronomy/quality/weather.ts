/**
 * Quality control of a weather station with hindsight: its sensors against each other, the sun, and the neighbours.
 * Limits after the WMO's guide for automatic stations (Zahumensky 2004). It reports findings and never changes a
 * value.
 */
import { medianOf } from '../math.ts'
import { extraterrestrialHourMJm2, radiationMJm2, type Place } from '../evapotranspiration/radiation.ts'

/** Hours as columns; null where there was no reading or a value failed its range; absent without such a sensor. */
export interface WeatherRecord {
  hours: readonly WeatherHour[]
  tempC?: Column
  tempMinC?: Column
  tempMaxC?: Column
  dewC?: Column
  radiationWm2?: Column
}
type Column = readonly (number | null)[]

/** Day of the year and middle of the hour, UTC, for the sun's position. */
export interface WeatherHour {
  J: number
  midUtcHour: number
}

export type WeatherTest =
  | 'extremes' // Tmin <= T <= Tmax
  | 'dew-point' // not above T
  | 'night-sun' // radiation while the sun is down
  | 'too-much-sun' // more than 1.05 of extraterrestrial radiation
  | 'stuck' // the same temperature for half a day
  | 'neighbours' // deviates from the stations around

/** Hours from `from` until before `to` that failed a test; `of`: the column in doubt. */
export interface WeatherFinding {
  test: WeatherTest
  of: 'tempC' | 'dewC' | 'radiationWm2'
  from: number
  to: number
}

const PRINTED_C = 0.11 // a tenth may be lost in rounding
const SATURATED_C = 0.7 // a humidity of 104 %, which still passes its range
const NIGHT_WM2 = 10 // a pyranometer has an offset of some W/m²: unconfirmed
const SUN_SHARE = 1.05
const LOW_SUN_MJM2 = 0.36 // 100 W/m²: below, the time of a reading matters more than the sun. Unconfirmed
const STUCK_H = 12

/** All findings of a station's own hours, in order. */
export function weatherFindings(record: WeatherRecord, place: Place): WeatherFinding[] {
  const { hours, tempC = [], tempMinC = [], tempMaxC = [], dewC = [], radiationWm2 = [] } = record
  const Ra = hours.map(({ J, midUtcHour }) => extraterrestrialHourMJm2(place, J, midUtcHour))
  const maxima = hours.map((_, index) => maxRadiation(Ra, radiationWm2, index))
  const findings = [
    ...spans('extremes', 'tempC', hours.length, (index) => {
      const T = tempC[index]
      if (T == null) return false
      return T < (tempMinC[index] ?? T) - PRINTED_C || T > (tempMaxC[index] ?? T) + PRINTED_C
    }),
    ...spans('dew-point', 'dewC', hours.length, (index) => exceeds(dewC[index], tempC[index], SATURATED_C)),
    ...spans('night-sun', 'radiationWm2', hours.length, (index) => {
      return maxima[index] === 0 && exceeds(radiationWm2[index], 0, NIGHT_WM2)
    }),
    ...spans('too-much-sun', 'radiationWm2', hours.length, (index) => {
      const [Rs, Ra] = [radiationWm2[index], maxima[index]!]
      return Rs != null && Ra > LOW_SUN_MJM2 && Rs > (24 * SUN_SHARE * Ra) / radiationMJm2(1)
    }),
    ...stuckTemps(tempC),
  ]
  return findings.toSorted((a, b) => a.from - b.from)
}

/**
 * The highest extraterrestrial radiation that a value may refer to, MJ/m²/h: loggers send the mean since the previous
 * value, and label it by its end or its start. Infinite without a previous value.
 */
function maxRadiation(Ra: readonly number[], radiationWm2: Column, at: number): number {
  let from = at - 1
  while (from >= 0 && radiationWm2[from] == null) from--
  return from < 0 ? Infinity : Math.max(...Ra.slice(from, at + 2))
}

const exceeds = (
  value: number | null | undefined,
  limit: number | null | undefined,
  slack: number,
): boolean => value != null && limit != null && value > limit + slack

/** Air temperature is never constant to a tenth for half a day, not even in fog. */
function stuckTemps(tempC: Column): WeatherFinding[] {
  const isSame = (at: number) => tempC[at] != null && tempC[at] === tempC[at - 1]
  return spans('stuck', 'tempC', tempC.length, isSame)
    .map((span) => ({ ...span, from: span.from - 1 }))
    .filter(({ from, to }) => to - from >= STUCK_H)
}

const APART_C = 5 // unconfirmed: difference of the air between neighbours over a whole day
const MIN_NEIGHBOURS = 2
const DAY_H = 24

/**
 * Days on which a station's temperature deviates, on average, from the median of its neighbours by more than APART_C.
 * At least two neighbours must have reported in 18 of the 24 hours: of two deviating stations, the faulty one is
 * unknown.
 */
export function neighbourFindings(station: Column, neighbours: readonly Column[]): WeatherFinding[] {
  const differences = station.map((tempC, index) => {
    const neighbourValues = neighbours
      .map((column) => column[index])
      .filter((value) => Number.isFinite(value)) as number[]
    return tempC === null || neighbourValues.length < MIN_NEIGHBOURS
      ? null
      : tempC - medianOf(neighbourValues)
  })
  const findings: WeatherFinding[] = []
  for (let from = 0; from + DAY_H <= station.length; from += DAY_H) {
    const knownC = differences.slice(from, from + DAY_H).filter((value) => value !== null)
    const meanC = knownC.reduce((sum, value) => sum + value, 0) / knownC.length
    if (knownC.length >= 0.75 * DAY_H && Math.abs(meanC) > APART_C)
      findings.push({ test: 'neighbours', of: 'tempC', from, to: from + DAY_H })
  }
  return findings
}

function spans(
  test: WeatherTest,
  of: WeatherFinding['of'],
  length: number,
  isSo: (at: number) => boolean,
): WeatherFinding[] {
  const findings: WeatherFinding[] = []
  for (let from = 0; from < length; from++) {
    if (!isSo(from)) continue
    let to = from + 1
    while (to < length && isSo(to)) to++
    findings.push({ test, of, from, to })
    from = to
  }
  return findings
}
