/** Hourly inputs of the disease models, from the series of the stations that a field follows. Pure. */
import { HOUR_MS, dayOf, dayOfYear, zoneOffsetMs, type AtMs } from '../../../broker/contract/time.ts'
import type { WeatherHour } from '../../agronomy/disease/weather-hours.ts'
import {
  extraterrestrialMJm2,
  radiationMJm2,
  radiationShare,
} from '../../agronomy/evapotranspiration/radiation.ts'
import { RAIN_KM } from '../days/day-weather.ts'
import { within, type Hours, type Span } from '../days/hours.ts'
import { windAt2mMps, type StationHours } from '../days/station-day.ts'

export interface NearHours {
  device: { windHeightM: number | null; everyS: number }
  km: number
  hours: StationHours & { wetness?: Hours | undefined }
}

export interface Sky {
  timeZone: string
  latDeg: number
  lonDeg: number
}

type Column = (number | null)[]

/** Whole hours of a span, in order. `nearStations`: stations in order of trust. */
export function weatherHours(nearStations: readonly NearHours[], span: Span, sky: Sky): WeatherHour[] {
  const count = Math.round((span.toMs - span.fromMs) / HOUR_MS)
  const column = (
    quantity: Exclude<keyof NearHours['hours'], 'rain'>,
    of: 'mean' | 'min' | 'max' = 'mean',
    from: readonly NearHours[] = nearStations,
  ): Column => {
    const station = from.find(({ hours }) => hours[quantity] && coversSome(hours[quantity], span))
    return station ? interpolated(station.hours[quantity]!, of, span, station.device.everyS) : unknown(count)
  }
  // leaf wetness is local: only the station that provides the temperature provides it
  const main = nearStations
    .filter(({ hours }) => hours.temperature && coversSome(hours.temperature, span))
    .slice(0, 1)
  const gauge = nearStations.find(
    ({ km, hours }) => km <= RAIN_KM && hours.rain && coversSome(hours.rain, span),
  )
  const columns = {
    tempC: column('temperature'),
    tempMinC: column('temperature', 'min'),
    tempMaxC: column('temperature', 'max'),
    humidityPct: column('humidity'),
    windMps: windOf(nearStations, span) ?? unknown(count),
    wetShare: column('wetness', 'mean', main),
    rainMm: gauge ? hourlyRain(gauge.hours.rain!, span, gauge.device.everyS) : unknown(count),
    solarWm2: column('solar'),
  }
  return Array.from({ length: count }, (_, i) => {
    const atMs = span.fromMs + i * HOUR_MS
    const { solarWm2, ...air } = columns
    return { ...clockOf(atMs, sky.timeZone), ...sunOf(atMs, sky, solarWm2[i]!), ...rowOf(air, i) }
  })
}

const rowOf = <Key extends string>(columns: Record<Key, Column>, i: number): Record<Key, number | null> =>
  Object.fromEntries(Object.entries<Column>(columns).map(([key, column]) => [key, column[i]!])) as Record<
    Key,
    number | null
  >

const unknown = (count: number): Column => Array<null>(count).fill(null)

const coversSome = (hours: Hours, span: Span): boolean => {
  const [from, to] = within(hours.atMs, span)
  return to > from
}

// in a longer gap a wet period may have passed unnoticed
const MAX_INTERPOLATED_MS = 3 * HOUR_MS

/** A device with long intervals leaves hours between its messages. */
const maxGapMs = (everyS: number): number => Math.max(MAX_INTERPOLATED_MS, 2_000 * everyS)

/** Linear across short gaps; null in long ones and after the last message. */
function interpolated(hours: Hours, of: 'mean' | 'min' | 'max', span: Span, everyS: number): Column {
  const column: Column = []
  let next = 0
  for (let atMs = span.fromMs; atMs < span.toMs; atMs += HOUR_MS) {
    while (next < hours.atMs.length && hours.atMs[next]! < atMs) next++
    column.push(valueAt(hours.atMs, hours[of], next, atMs, everyS))
  }
  return column
}

function valueAt(
  atMs: readonly AtMs[],
  value: readonly number[],
  next: number,
  hourMs: AtMs,
  everyS: number,
) {
  if (atMs[next] === hourMs) return value[next]!
  const [beforeMs, afterMs] = [atMs[next - 1], atMs[next]]
  if (beforeMs === undefined) return null
  if (afterMs === undefined) return hourMs - beforeMs < 1_000 * everyS ? value[next - 1]! : null
  if (afterMs - beforeMs > maxGapMs(everyS) + HOUR_MS) return null
  const share = (hourMs - beforeMs) / (afterMs - beforeMs)
  return value[next - 1]! + share * (value[next]! - value[next - 1]!)
}

function windOf(nearStations: readonly NearHours[], span: Span): Column | null {
  const station = nearStations.find(({ hours }) => hours.wind && coversSome(hours.wind, span))
  if (!station) return null
  const { windHeightM, everyS } = station.device
  return interpolated(station.hours.wind!, 'mean', span, everyS).map((mps) =>
    mps === null ? null : windAt2mMps(mps, windHeightM),
  )
}

/**
 * Rain of each hour from a counter that only increases. Rain of a short gap is distributed over it; in a long one it
 * is unknown.
 */
function hourlyRain(rain: Hours, span: Span, everyS: number): Column {
  const column = unknown(Math.round((span.toMs - span.fromMs) / HOUR_MS))
  const addRain = (atMs: AtMs, mm: number) => {
    const i = Math.round((atMs - span.fromMs) / HOUR_MS)
    if (i >= 0 && i < column.length) column[i] = mm
  }
  rain.atMs.forEach((atMs, i) => {
    const beforeMs = rain.atMs[i - 1]
    const isNear = beforeMs !== undefined && atMs - beforeMs <= maxGapMs(everyS) + HOUR_MS
    const mm = rain.last[i]! - (isNear ? rain.last[i - 1]! : rain.first[i]!)
    if (mm < 0) return // a decreasing counter was not decoded
    const fromMs = isNear ? beforeMs + HOUR_MS : atMs
    const hours = (atMs - fromMs) / HOUR_MS + 1
    for (let hourMs = fromMs; hourMs <= atMs; hourMs += HOUR_MS) addRain(hourMs, mm / hours)
  })
  const lastMs = rain.atMs.at(-1)
  if (lastMs !== undefined)
    for (let hourMs = lastMs + HOUR_MS; hourMs - lastMs < 1_000 * everyS; hourMs += HOUR_MS)
      addRain(hourMs, 0)
  return column
}

function clockOf(atMs: AtMs, timeZone: string): { clock: string; hour: number } {
  const local = new Date(atMs + zoneOffsetMs(atMs, timeZone)).toISOString()
  return { clock: local.slice(0, 16).replace('T', ' '), hour: Number(local.slice(11, 13)) }
}

const LOW_SUN_MJM2 = 0.1

/** Daylight of an hour, and its bright sunshine n from Rs = (0.25 + 0.50 n/N) Ra: FAO-56 Eq. 35 solved for n. */
function sunOf(atMs: AtMs, sky: Sky, solarWm2: number | null): { isDaylight: boolean; sunH: number | null } {
  const day = dayOf(atMs, sky.timeZone)
  const J = dayOfYear(day)
  const utcHour = (atMs - Date.parse(`${day}T00:00:00Z`)) / HOUR_MS
  const share = radiationShare(sky, J, utcHour + 1) - radiationShare(sky, J, utcHour)
  const Ra = share * extraterrestrialMJm2(sky.latDeg, J)
  const isDaylight = Ra > 0
  if (Ra < LOW_SUN_MJM2) return { isDaylight, sunH: 0 }
  if (solarWm2 === null) return { isDaylight, sunH: null }
  const Rs = radiationMJm2(Math.max(0, solarWm2)) / 24
  return { isDaylight, sunH: Math.min(1, Math.max(0, (Rs / Ra - 0.25) / 0.5)) }
}
