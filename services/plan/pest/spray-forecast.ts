/**
 * The hours that a spray is checked against: an hourly forecast, or a daily one where there is no other, with
 * the current hour as the station measures it. Pure.
 */
import {
  addDays,
  dayOf,
  dayOfYear,
  HOUR_MS,
  startOfDay,
  zoneOffsetMs,
  type AtMs,
} from '../../../broker/contract/time.ts'
import { leafWetness } from '../../agronomy/disease/leaf-wetness.ts'
import { saturationKPa } from '../../agronomy/evapotranspiration/psychrometrics.ts'
import { sunHeightSine, type Place } from '../../agronomy/evapotranspiration/radiation.ts'
import type { ForecastResponse, ForecastDay, ForecastHour } from '../../ports/forecast.ts'
import type { SprayHour } from './spray-hour.ts'
import { RAIN_MM } from './spray-limits.ts'

/** The station's current readings; null is unknown. */
export interface NowCast {
  station: string // its name
  atMs: AtMs
  tempC: number | null
  humidityPct: number | null
  windMps: number | null // at 2 m
  wetShare: number | null
  rainMm: number | null // of the last hour
}

/** Spraying is planned for the next days: beyond that no wind forecast is useful. */
const AHEAD_H = 72
/** An older reading does not represent the current hour. */
export const NOWCAST_VALID_MS = HOUR_MS

export interface SprayForecast {
  hours: SprayHour[]
  from: 'hours' | 'days' | 'none'
  issuedMs: AtMs | null
  nowCast: NowCast | null
}

/**
 * Up to 72 hours from the current full hour of the farm's clock; an hour without a forecast is left out. A reading
 * older than an hour is not used.
 */
export function sprayForecast(
  forecast: ForecastResponse | null,
  now: NowCast | null,
  x: { place: Place; timeZone: string; nowMs: AtMs },
): SprayForecast {
  // by the farm's clock: with an offset of half an hour its hours begin at half past
  const offsetMs = zoneOffsetMs(x.nowMs, x.timeZone)
  const firstMs = Math.floor((x.nowMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs
  const freshReading = now !== null && x.nowMs - now.atMs <= NOWCAST_VALID_MS ? now : null
  const forecastHours = forecast?.hours ?? []
  const isByHour = forecastHours.some(({ atMs }) => atMs >= firstMs)
  const byHour = new Map(
    (isByHour ? forecastHours : (forecast?.days ?? []).flatMap((day) => hoursOfDay(day, x.timeZone))).map(
      (hour) => [hour.atMs, hour],
    ),
  )
  const hours: SprayHour[] = []
  for (let i = 0; i < AHEAD_H; i++) {
    const atMs = firstMs + i * HOUR_MS
    const forecastHour = byHour.get(atMs) ?? (i === 0 && freshReading ? emptyHour(atMs) : null)
    if (!forecastHour) continue
    const hour = sprayHour(forecastHour, isByHour ? 'hour' : 'day', x.place)
    hours.push(i === 0 && freshReading ? withMeasurement(hour, freshReading) : hour)
  }
  const from = byHour.size === 0 ? 'none' : isByHour ? 'hours' : 'days'
  return { hours, from, issuedMs: forecast?.issuedMs ?? null, nowCast: freshReading }
}

function sprayHour(forecastHour: ForecastHour, source: SprayHour['source'], place: Place): SprayHour {
  const { atMs, tempC, humidityPct, rainMm, rainChance, windMps, gustMps, cloud } = forecastHour
  const { isWet } = leafWetness({ tempC, humidityPct, rainMm, windMps, wetShare: null })
  return {
    atMs,
    source,
    tempC,
    humidityPct,
    windMps,
    gustMps,
    rainMm,
    rainChance,
    cloud,
    isLeafWet: isWet,
    sunSine: sunSineAt(place, atMs + HOUR_MS / 2),
  }
}

function sunSineAt(place: Place, atMs: AtMs): number {
  const day = dayOf(atMs, 'UTC')
  return sunHeightSine(place, dayOfYear(day), (atMs - startOfDay(day, 'UTC')) / HOUR_MS)
}

/** Measurements replace the forecast; rain of the last hour has wetted the leaves. */
function withMeasurement(hour: SprayHour, now: NowCast): SprayHour {
  const tempC = now.tempC ?? hour.tempC
  const humidityPct = now.humidityPct ?? hour.humidityPct
  const windMps = now.windMps ?? hour.windMps
  const hasRained = now.rainMm !== null && now.rainMm >= RAIN_MM
  const { isWet } = leafWetness({
    tempC,
    humidityPct,
    windMps,
    wetShare: now.wetShare,
    rainMm: now.rainMm ?? hour.rainMm,
  })
  return {
    ...hour,
    source: 'measured',
    tempC,
    humidityPct,
    windMps,
    isLeafWet: isWet,
    gustMps: now.windMps === null ? hour.gustMps : null,
    rainMm: hasRained ? now.rainMm : hour.rainMm,
  }
}

const emptyHour = (atMs: AtMs): ForecastHour => ({
  atMs,
  tempC: null,
  humidityPct: null,
  rainMm: null,
  rainChance: null,
  windMps: null,
  gustMps: null,
  radiationWm2: null,
  cloud: null,
})

/** Without a chance, rain above a dry median may still come. */
const DEFAULT_CHANCE = 0.5
const WARMEST_H = 14

/**
 * The hours of a daily forecast. Temperature follows a sine between its extremes, the vapour pressure is that
 * of the minimum (FAO-56 chapter 3: dew point near the minimum), the wind is the day's. The hour of rain is
 * unknown on a wet day. Clouds are unknown.
 */
function hoursOfDay(day: ForecastDay, timeZone: string): ForecastHour[] {
  const fromMs = startOfDay(day.day, timeZone)
  const toMs = startOfDay(addDays(day.day, 1), timeZone)
  const { tempMinC, tempMaxC, rainMm } = day
  const isDry = rainMm.mid < RAIN_MM
  const chance = day.rainChance ?? (rainMm.hi < RAIN_MM ? 0 : DEFAULT_CHANCE)
  const hours: ForecastHour[] = []
  for (let atMs = fromMs; atMs < toMs; atMs += HOUR_MS) {
    const h = (atMs + HOUR_MS / 2 - fromMs) / HOUR_MS
    const swing = Math.cos((2 * Math.PI * (h - WARMEST_H)) / 24)
    const tempC = (tempMaxC + tempMinC) / 2 + (swing * (tempMaxC - tempMinC)) / 2
    hours.push({
      atMs,
      tempC,
      windMps: day.windMps,
      gustMps: null,
      radiationWm2: null,
      cloud: null,
      humidityPct: (100 * saturationKPa(tempMinC)) / saturationKPa(tempC),
      rainMm: isDry ? 0 : null,
      rainChance: isDry ? chance : null,
    })
  }
  return hours
}
