/** One civil day of one weather station, from its hours. Null where too little was measured: unknown is not zero. */
import { DAY_MS, HOUR_MS } from '../../../broker/contract/time.ts'
import { vapourKPa } from '../../agronomy/evapotranspiration/psychrometrics.ts'
import { radiationMJm2 } from '../../agronomy/evapotranspiration/radiation.ts'
import { MIN_WIND_HEIGHT_M, wind2mMps } from '../../agronomy/evapotranspiration/wind.ts'
import { coverage, spanMean, within, type Hours, type Span } from './hours.ts'

/** A station's series, by quantity; undefined where it has no such sensor. */
export interface StationHours {
  temperature?: Hours | undefined
  humidity?: Hours | undefined
  wind?: Hours | undefined
  solar?: Hours | undefined
  rain?: Hours | undefined // the decoded counter, starting a day earlier
}

export interface StationDay {
  tempMinC: number | null
  tempMaxC: number | null
  vapourKPa: number | null
  humidityMinPct: number | null
  windMps: number | null // at 2 m
  radiationMJm2: number | null
  rainMm: number | null
  isWhole: boolean // no hour of any reporting sensor is missing
}

// FAO-56 uses 2 m; a station registered without a height is assumed to measure there
const DEFAULT_WIND_HEIGHT_M = 2

/**
 * Wind of a station converted to 2 m, m/s. Null where it is mounted too low for the profile: its wind is then
 * unknown.
 */
export function windAt2mMps(windMps: number, heightM: number | null): number | null {
  const standsM = heightM ?? DEFAULT_WIND_HEIGHT_M
  return standsM >= MIN_WIND_HEIGHT_M ? wind2mMps(windMps, standsM) : null
}

/** The day of a station. `span`: the day's whole hours; `windHeightM`, `everyS`: of the device. */
export function stationDay(
  hours: StationHours,
  span: Span,
  device: { windHeightM: number | null; everyS: number },
): StationDay {
  let isWhole = true
  const enough = (column: Hours | undefined): column is Hours => {
    if (!column) return false
    const { isEnough, isWhole: hasAll } = coverage(column.atMs, span, device.everyS)
    if (!hasAll) isWhole = false
    return isEnough
  }
  const temperature = enough(hours.temperature) ? hours.temperature : null
  const humidity = enough(hours.humidity) ? hours.humidity : null
  const wind = enough(hours.wind) ? spanMean(hours.wind.atMs, hours.wind.mean, span) : null
  const solar = enough(hours.solar) ? spanMean(hours.solar.atMs, hours.solar.mean, span) : null
  const lengthShare = (span.toMs - span.fromMs) / DAY_MS // a day may have 23 or 25 hours
  return {
    tempMinC: temperature && extreme(temperature.atMs, temperature.min, span, Math.min),
    tempMaxC: temperature && extreme(temperature.atMs, temperature.max, span, Math.max),
    vapourKPa: temperature && humidity && vapourOf(temperature, humidity, span),
    humidityMinPct: humidity && extreme(humidity.atMs, humidity.min, span, Math.min),
    windMps: wind === null ? null : windAt2mMps(wind, device.windHeightM),
    radiationMJm2: solar === null ? null : radiationMJm2(Math.max(0, solar)) * lengthShare,
    rainMm: hours.rain ? rainOf(hours.rain, span) : null,
    isWhole,
  }
}

function extreme(
  atMs: readonly number[],
  value: readonly number[],
  span: Span,
  pick: (...values: number[]) => number,
): number | null {
  const [from, to] = within(atMs, span)
  return from === to ? null : value.slice(from, to).reduce((a, b) => pick(a, b))
}

/**
 * Mean vapour pressure from hours of temperature and humidity (FAO-56 Eq. 54), more accurate than from the extremes.
 */
function vapourOf(temperature: Hours, humidity: Hours, span: Span): number | null {
  const tempAt = new Map(temperature.atMs.map((atMs, i) => [atMs, temperature.mean[i]!]))
  const atMs: number[] = []
  const vapour: number[] = []
  humidity.atMs.forEach((hourMs, i) => {
    const tempC = tempAt.get(hourMs)
    if (tempC === undefined) return
    atMs.push(hourMs)
    vapour.push(vapourKPa(tempC, humidity.mean[i]!))
  })
  return spanMean(atMs, vapour, span)
}

const REACH_MS = 3 * HOUR_MS

/**
 * Rain of a span from a counter that only increases: the total at its end less the total at its start, so that a gap
 * inside loses nothing. Null when the start or the end is not known within three hours (the start: or the last total
 * of the day before).
 */
export function rainOf(rain: Hours, span: Span): number | null {
  const [from, to] = within(rain.atMs, span)
  if (from === to) return null
  if (rain.atMs[to - 1]! + HOUR_MS < span.toMs - REACH_MS) return null
  const isFresh = from > 0 && rain.atMs[from - 1]! >= span.fromMs - DAY_MS
  if (!isFresh && rain.atMs[from]! > span.fromMs + REACH_MS) return null
  const before = isFresh ? rain.last[from - 1]! : rain.first[from]!
  const mm = rain.last[to - 1]! - before
  return mm >= 0 ? mm : null // a decreasing counter was not decoded: the rain is unknown
}
