/**
 * Request and response in the JSON format of Open-Meteo (open-meteo.com/en/docs). Units, place and time zone of the
 * response are checked against the request: a forecast for elsewhere, or in inches, is rejected. Pure.
 */
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { HOUR_MS, zoneOffsetMs, type AtMs, type Day } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { noRainSkill, rainBySkill } from '../../irrigation-model/rain-skill.ts'
import type { ForecastDay, ForecastHour } from '../../ports/forecast.ts'
import type { FarmRow } from '../../tables.ts'

const DAYS = 11
const dayUnits = {
  temperature_2m_min: '°C',
  temperature_2m_max: '°C',
  precipitation_sum: 'mm',
  precipitation_probability_max: '%',
  et0_fao_evapotranspiration: 'mm',
} as const
const hourUnits = {
  temperature_2m: '°C',
  relative_humidity_2m: '%',
  precipitation: 'mm',
  precipitation_probability: '%',
  wind_speed_10m: 'm/s',
  wind_gusts_10m: 'm/s',
  shortwave_radiation: 'W/m²',
  cloud_cover: '%',
} as const

const Column = Type.Array(Type.Union([Type.Number(), Type.Null()]))
const MaybeColumn = Type.Optional(Column)
const Units = Type.Optional(Type.Record(Type.String(), Type.String()))
const Body = Type.Object({
  latitude: Type.Optional(Type.Number()),
  longitude: Type.Optional(Type.Number()),
  utc_offset_seconds: Type.Optional(Type.Number()),
  daily_units: Units,
  hourly_units: Units,
  daily: Type.Object({
    time: Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
    temperature_2m_min: Column,
    temperature_2m_max: Column,
    precipitation_sum: Column,
    precipitation_probability_max: MaybeColumn,
    et0_fao_evapotranspiration: MaybeColumn,
  }),
  hourly: Type.Optional(
    Type.Object({
      time: Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}$' })),
      temperature_2m: MaybeColumn,
      relative_humidity_2m: MaybeColumn,
      precipitation: MaybeColumn,
      precipitation_probability: MaybeColumn,
      wind_speed_10m: MaybeColumn,
      wind_gusts_10m: MaybeColumn,
      shortwave_radiation: MaybeColumn,
      cloud_cover: MaybeColumn,
    }),
  ),
})
type Body = Static<typeof Body>
const body = Compile(Body)

export type Place = Pick<FarmRow, 'latDeg' | 'lonDeg' | 'elevationM' | 'timeZone'>

/**
 * The request URL of one place, rounded to about 1 km and 10 m of elevation, so that neighbours share a response. A
 * path and API keys in `base` are preserved.
 */
export function requestUrl(base: URL, farm: Place): URL {
  const url = new URL(base)
  if (url.pathname === '/') url.pathname = '/v1/forecast'
  const parameters = {
    latitude: farm.latDeg.toFixed(2),
    longitude: farm.lonDeg.toFixed(2),
    elevation: String(10 * Math.round(farm.elevationM / 10)),
    timezone: farm.timeZone,
    forecast_days: String(DAYS),
    wind_speed_unit: 'ms',
    temperature_unit: 'celsius',
    precipitation_unit: 'mm',
    daily: Object.keys(dayUnits).join(','),
    hourly: Object.keys(hourUnits).join(','),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url
}

export interface ForecastData {
  days: ForecastDay[]
  hours: ForecastHour[]
}

/** A fault in a response: of the service as a whole, or only for this place. */
export interface ResponseFault {
  reason: string
  isOfService: boolean
}
const faultOf = (reason: string, isOfService: boolean) => err<ResponseFault>({ reason, isOfService })

/** Parses a response for a place; days without temperatures or rain are omitted, hours keep their known values. */
export function parseResponse(text: string, place: Place, nowMs: AtMs): Result<ForecastData, ResponseFault> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return faultOf(`response must be JSON, got ${JSON.stringify(text.slice(0, 60))}`, true)
  }
  if (!body.Check(value)) {
    const first = body.Errors(value)[0]
    return faultOf(`${first?.instancePath || 'response'}: ${first?.message ?? 'does not fit'}`, true)
  }
  const unit =
    unitFault('daily_units', value.daily_units, dayUnits) ??
    unitFault('hourly_units', value.hourly_units, hourUnits)
  if (unit) return faultOf(unit, true)
  const elsewhere = placeFault(value, place, nowMs)
  if (elsewhere) return faultOf(elsewhere, false)
  const hours = readHours(value, place, nowMs)
  const days = readDays(value, windByDay(value))
  return days.length > 0
    ? ok({ days, hours })
    : faultOf('daily: must contain a complete day, got none', false)
}

/** A unit missing from the response is the requested one. */
function unitFault(
  path: string,
  units: Body['daily_units'],
  expected: Readonly<Record<string, string>>,
): string | null {
  for (const [name, unit] of Object.entries(expected)) {
    const got = units?.[name]
    if (got !== undefined && got !== unit) return `${path}.${name} must be ${unit}, got ${got.slice(0, 20)}`
  }
  return null
}

// the middle of a cell of the coarsest global models is up to a quarter of a degree away
const NEAR_DEG = 0.5

function placeFault(value: Body, place: Place, nowMs: AtMs): string | null {
  const { latitude, longitude } = value
  if (latitude !== undefined && Math.abs(latitude - place.latDeg) > NEAR_DEG)
    return `latitude must be near ${place.latDeg.toFixed(2)}, got ${latitude}`
  if (longitude !== undefined) {
    const apart = Math.abs(longitude - place.lonDeg) % 360
    const apartDeg = Math.min(apart, 360 - apart) * Math.cos((place.latDeg * Math.PI) / 180)
    if (apartDeg > NEAR_DEG) return `longitude must be near ${place.lonDeg.toFixed(2)}, got ${longitude}`
  }
  const offsetS = value.utc_offset_seconds
  if (offsetS === undefined) return null
  // around a clock change either offset is valid
  const validOffsets = [nowMs - 24 * HOUR_MS, nowMs + 24 * HOUR_MS].map(
    (atMs) => zoneOffsetMs(atMs, place.timeZone) / 1000,
  )
  return validOffsets.includes(offsetS)
    ? null
    : `utc_offset_seconds must be ${validOffsets[0]} (${place.timeZone}), got ${offsetS}`
}

function readDays(value: Body, wind: ReadonlyMap<Day, number>): ForecastDay[] {
  const { daily } = value
  const days: ForecastDay[] = []
  daily.time.forEach((day, i) => {
    const tempMinC = inRange(daily.temperature_2m_min[i], -80, 60)
    const tempMaxC = inRange(daily.temperature_2m_max[i], -80, 60)
    const sumMm = inRange(daily.precipitation_sum[i], 0, 2_000)
    if (tempMinC === null || tempMaxC === null || sumMm === null || tempMinC > tempMaxC) return
    const chance = share(daily.precipitation_probability_max?.[i])
    days.push({
      day,
      tempMinC,
      tempMaxC,
      rainMm: rainRange(sumMm, chance),
      rainChance: chance,
      et0Mm: inRange(daily.et0_fao_evapotranspiration?.[i], 0, 30),
      windMps: wind.get(day) ?? null,
    })
  })
  return days.sort((a, b) => (a.day < b.day ? -1 : 1))
}

/**
 * Temperature, humidity, wind and cloud are instantaneous; rain, its probability, gusts and radiation refer to the hour
 * before the instant. An hour here starts at its instant, so these four come from the following row, where there is
 * one.
 */
function readHours(value: Body, place: Place, nowMs: AtMs): ForecastHour[] {
  const { hourly } = value
  if (!hourly) return []
  // one offset applies to the whole response, even across a clock change (open-meteo/open-meteo#261)
  const shiftMs =
    value.utc_offset_seconds === undefined
      ? zoneOffsetMs(nowMs, place.timeZone)
      : value.utc_offset_seconds * 1000
  const atOf = (time: string): AtMs => Date.parse(`${time}Z`) - shiftMs
  const rowAt = new Map(hourly.time.map((time, i) => [atOf(time), i]))
  const hours: ForecastHour[] = []
  for (const [atMs, i] of rowAt) {
    const next = rowAt.get(atMs + HOUR_MS) ?? -1
    const windMps = inRange(hourly.wind_speed_10m?.[i], 0, 120)
    hours.push({
      atMs,
      tempC: inRange(hourly.temperature_2m?.[i], -80, 60),
      humidityPct: inRange(hourly.relative_humidity_2m?.[i], 0, 100),
      rainMm: inRange(hourly.precipitation?.[next], 0, 500),
      rainChance: share(hourly.precipitation_probability?.[next]),
      windMps: windMps === null ? null : TO_2_M * windMps,
      gustMps: inRange(hourly.wind_gusts_10m?.[next], 0, 150),
      radiationWm2: inRange(hourly.shortwave_radiation?.[next], 0, 1_500),
      cloud: share(hourly.cloud_cover?.[i]),
    })
  }
  return hours.filter(({ atMs }) => Number.isFinite(atMs)).sort((a, b) => a.atMs - b.atMs)
}

// of the amount when it rains: half less and half more. Unconfirmed: verification against the farm's own gauge corrects
// it
const LOW_FACTOR = 0.5
const HIGH_FACTOR = 1.5

/**
 * A range from amount and probability: the 10 % quantile is dry below a probability of 90 %, the median below 50 %.
 * Without a probability only the amount is known: the quantiles are those of a general forecast.
 */
function rainRange(sumMm: number, chance: number | null): ForecastDay['rainMm'] {
  if (chance === null) {
    const rainAt = rainBySkill(sumMm, noRainSkill)
    return { lo: rainAt(0.1), mid: rainAt(0.5), hi: rainAt(0.9) }
  }
  return {
    lo: chance >= 0.9 ? LOW_FACTOR * sumMm : 0,
    mid: chance >= 0.5 ? sumMm : 0,
    hi: chance > 0.1 ? HIGH_FACTOR * sumMm : sumMm,
  }
}

const TO_2_M = 4.87 / Math.log(67.8 * 10 - 5.42) // wind at 10 m to 2 m, FAO-56 Eq. 47

/** By the civil day of the response. */
function windByDay({ hourly }: Body): Map<Day, number> {
  const sums = new Map<Day, { sum: number; count: number }>()
  hourly?.wind_speed_10m?.forEach((value, i) => {
    const mps = inRange(value, 0, 120)
    const day = hourly.time[i]?.slice(0, 10)
    if (mps === null || day === undefined) return
    const { sum, count } = sums.get(day) ?? { sum: 0, count: 0 }
    sums.set(day, { sum: sum + mps, count: count + 1 })
  })
  return new Map([...sums].map(([day, { sum, count }]) => [day, (TO_2_M * sum) / count]))
}

/** Physically impossible values are unknown. */
const inRange = (value: number | null | undefined, min: number, max: number): number | null =>
  value === null || value === undefined || value < min || value > max ? null : value

const share = (percent: number | null | undefined): number | null => {
  const value = inRange(percent, 0, 100)
  return value === null ? null : value / 100
}
