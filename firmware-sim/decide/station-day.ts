/**
 * The samples of a weather station on a day of which a line reports extremes, rain and ET0. What the line leaves open is
 * chosen: the dew point, the wind and the sun are those with which Tilth calculates the reported ET0 from the samples.
 */
import { dayOfYear, HOUR_MS, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import type { Measurement } from '../../broker/contract/messages.ts'
import { dayWeather } from '../../services/estimate/days/day-weather.ts'
import { spanMean } from '../../services/estimate/days/hours.ts'
import type { DayLine } from '../../services/plan/decide/json-lines.ts'
import { topRadiationMJm2 } from '../weather/day-profile.ts'
import { sinElevation } from '../weather/sun.ts'
import { saturationKPa } from '../weather/weather.ts'
import type { Site } from '../weather/weather-types.ts'

type LineWeather = NonNullable<DayLine['weather']>

/** Hours of the samples after midnight, by the clock of the farm; the extremes are at two of them. */
export const STATION_HOURS: readonly number[] = [3, 9, 15, 21]
const COLDEST_HOUR = 3
const WARMEST_HOUR = 15
/** Rain falls by daylight: after the hours in which a valve may be open, and before the last sample of the day. */
const RAIN_HOURS = [16, 21] as const

/** The air of a day that gives the reported ET0. */
export interface Air {
  tempMinC: number
  tempMaxC: number
  /** null: no ET0 was reported; the station has a thermometer alone */
  rest: { dewPointC: number; windMps: number; radiationMJm2: number } | null
}

/**
 * Null where the temperatures are missing, or contradict each other: a station has no instrument for ET0, so that one
 * without temperatures cannot be published.
 */
export function airOf(weather: LineWeather, day: Day, site: Site): Air | null {
  const { tMinC, tMaxC, et0Mm } = weather
  if (tMinC == null || tMaxC == null || tMinC > tMaxC) return null
  const range = { tempMinC: tMinC, tempMaxC: tMaxC }
  if (et0Mm == null) return { ...range, rest: null }
  const clearMJm2 = (0.75 + 2e-5 * site.elevationM) * topRadiationMJm2(day, site) // FAO-56 Eq. 37
  let [low, high] = [0, STEPS]
  const airAt = (step: number): Air => ({ ...range, rest: restAt(step, tMinC, clearMJm2) })
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2
    if (et0Of(airAt(middle), day, site) < et0Mm) low = middle
    else high = middle
  }
  return airAt((low + high) / 2)
}

/** Stages of a drying day: more wind, more sun, a lower dew point, much wind. */
const STEPS = 4
const BISECTIONS = 24
/** Of missing measurements: FAO-56 p. 63, and a dew point at the minimum (Eq. 48). */
const USUAL_WIND_MPS = 2
const WIND_MPS = [0.3, 8] as const
const LEAST_SUN = 0.15 // of a clear sky
const DRYNESS_C = 18

function restAt(step: number, tempMinC: number, clearMJm2: number): NonNullable<Air['rest']> {
  const share = (from: number) => Math.min(1, Math.max(0, step - from))
  return {
    windMps:
      step <= 1
        ? WIND_MPS[0] + (USUAL_WIND_MPS - WIND_MPS[0]) * share(0)
        : USUAL_WIND_MPS + (WIND_MPS[1] - USUAL_WIND_MPS) * share(3),
    radiationMJm2: clearMJm2 * (LEAST_SUN + (1 - LEAST_SUN) * share(1)),
    dewPointC: tempMinC - DRYNESS_C * share(2),
  }
}

/** As Tilth calculates it from the samples, mm. */
function et0Of({ tempMinC, tempMaxC, rest }: Air, day: Day, { latDeg, elevationM }: Site): number {
  const stationDay = {
    tempMinC,
    tempMaxC,
    vapourKPa: saturationKPa(rest!.dewPointC),
    humidityMinPct: null,
    windMps: rest!.windMps,
    radiationMJm2: rest!.radiationMJm2,
    rainMm: 0,
    isWhole: true,
  }
  const near = { device: 'station', km: 0, day: stationDay, light: null }
  return dayWeather([near], { latDeg, elevationM }, dayOfYear(day), []).et0Mm!
}

/** The sample of an hour of `STATION_HOURS`; `rainBeforeMm`: the counter at the start of the day. Null: nothing to publish. */
export function stationSample(
  hour: number,
  day: Day,
  air: Air | null,
  rain: { beforeMm: number; mm: number | null },
  site: Site,
): Measurement | null {
  const fallen = Math.min(1, Math.max(0, (hour - RAIN_HOURS[0]) / (RAIN_HOURS[1] - RAIN_HOURS[0])))
  const measurement: Measurement = {}
  if (air) {
    const tempC = tempAt(air, hour)
    measurement.air = { location: 'outdoor', temperature: rounded(tempC) }
    if (air.rest) {
      const { dewPointC, windMps } = air.rest
      const humidityPct = Math.min(100, (100 * saturationKPa(dewPointC)) / saturationKPa(tempC))
      measurement.air.relativeHumidity = rounded(humidityPct)
      measurement.wind = { speed: rounded(windMps) }
      measurement.tilth = {
        solarRadiation: rounded(radiationWm2(air.rest.radiationMJm2, hour, day, site)),
      }
    }
  }
  if (rain.mm !== null) measurement.rain = { cumulative: rounded(rain.beforeMm + fallen * rain.mm) }
  return Object.keys(measurement).length === 0 ? null : measurement
}

/** Half cosines between the two extremes. */
function tempAt({ tempMinC, tempMaxC }: Air, hour: number): number {
  const rising = WARMEST_HOUR - COLDEST_HOUR
  const share =
    hour >= COLDEST_HOUR && hour <= WARMEST_HOUR
      ? (hour - COLDEST_HOUR) / rising
      : 1 - ((hour - WARMEST_HOUR + 24) % 24) / (24 - rising)
  return tempMinC + ((tempMaxC - tempMinC) * (1 - Math.cos(Math.PI * share))) / 2
}

/** The sun's course through the samples, so that their mean over the day is the day's radiation. */
function radiationWm2(radiationMJm2: number, hour: number, day: Day, site: Site): number {
  const startMs = startOfDay(day, site.timeZone)
  const sunAt = (atMs: AtMs) => Math.max(0, sinElevation(atMs, site.latDeg, site.lonDeg))
  const instants = STATION_HOURS.map((sample) => sample * HOUR_MS)
  const shape = instants.map((ms) => sunAt(startMs + ms))
  const mean = spanMean(instants, shape, { fromMs: 0, toMs: 24 * HOUR_MS })!
  const meanWm2 = (radiationMJm2 * 1e6) / 86_400
  return mean > 0 ? (meanWm2 * shape[STATION_HOURS.indexOf(hour)]!) / mean : meanWm2
}

/** Finer than an instrument, so that rounding does not change ET0. */
const rounded = (value: number): number => Number(value.toFixed(2)) + 0
