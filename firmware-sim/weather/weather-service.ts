/**
 * A simulated weather service on this machine. It responds in the JSON format of Open-Meteo (open-meteo.com/en/docs)
 * with a forecast of the simulated weather. Tilth calls it over HTTP, like any other service.
 */
import { createServer, type Server } from 'node:http'
import { addDays, dayOf, zoneOffsetMs, type Clock, type Day } from '../../broker/contract/time.ts'
import { forecastDay, type ForecastHour } from './forecast-truth.ts'
import { windAt2m, type Weather } from './weather.ts'

export interface WeatherService {
  url: string
  stop(): Promise<void>
}

const MAX_DAYS = 16
const GUST = 1.6 // highest wind of an hour over its mean. Unconfirmed

/** Serves the forecast of a simulated weather; it is issued each morning. */
export function startWeatherService(
  weather: Weather,
  { clock, seed }: { clock: Clock; seed: string },
): Promise<WeatherService> {
  let cached: { key: string; text: string } | null = null

  /** Cached per day and length: every field of the farm has the same weather. */
  function forecastText(issuedDay: Day, days: number): string {
    const key = `${issuedDay}/${days}`
    if (cached?.key !== key)
      cached = { key, text: JSON.stringify(openMeteoResponse(weather, seed, issuedDay, days)) }
    return cached.text
  }

  return serveForecast((days) => forecastText(dayOf(clock.now(), weather.site.timeZone), days))
}

/**
 * Listens on 127.0.0.1, on a free port. Responds 400 to another path, and to `forecast_days` outside 1 to 16; 503 where
 * `textOf` has no forecast of so many days.
 */
export async function serveForecast(textOf: (days: number) => string | null): Promise<WeatherService> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const days = Number(searchParams.get('forecast_days') ?? 7)
    if (pathname !== '/v1/forecast' || !(days >= 1 && days <= MAX_DAYS)) {
      response.writeHead(400).end(`{"error":true,"reason":"forecast_days must be 1 to ${MAX_DAYS}"}`)
      return
    }
    const text = textOf(days)
    if (text === null) response.writeHead(503).end('{"error":true,"reason":"no forecast"}')
    else response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return { url: `http://127.0.0.1:${portOf(server)}`, stop: () => stop(server) }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the weather service has no port')
  return address.port
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** `days` days from `issuedDay` on, in the units that Tilth requests: °C, mm, m/s. */
export function openMeteoResponse(weather: Weather, seed: string, issuedDay: Day, days: number): object {
  const { site } = weather
  const forecast = Array.from({ length: days }, (_, k) => addDays(issuedDay, k)).map((day) => ({
    day,
    hours: forecastDay(weather, seed, issuedDay, day),
  }))
  const hours = forecast.flatMap((forecastDay) => forecastDay.hours)
  const offsetMs = zoneOffsetMs(hours[0]!.atMs, site.timeZone)
  // as in Open-Meteo: instantaneous values are of the hour, sums and means of the preceding hour
  const instant = (valueOf: (hour: ForecastHour) => number) =>
    hours.map((hour) => roundHundredth(valueOf(hour)))
  const ofPreviousHour = (valueOf: (hour: ForecastHour) => number) => [null, ...instant(valueOf).slice(0, -1)]
  const eachDay = (valueOf: (hours: readonly ForecastHour[]) => number) =>
    forecast.map((forecastDay) => roundHundredth(valueOf(forecastDay.hours)))
  const sum = (valueOf: (hour: ForecastHour) => number) => (dayHours: readonly ForecastHour[]) =>
    dayHours.reduce((total, hour) => total + valueOf(hour), 0)
  const maximum = (valueOf: (hour: ForecastHour) => number) => (dayHours: readonly ForecastHour[]) =>
    Math.max(...dayHours.map(valueOf))
  const minimum = (valueOf: (hour: ForecastHour) => number) => (dayHours: readonly ForecastHour[]) =>
    Math.min(...dayHours.map(valueOf))
  return {
    latitude: site.latDeg,
    longitude: site.lonDeg,
    utc_offset_seconds: offsetMs / 1000,
    daily: {
      time: forecast.map(({ day }) => day),
      temperature_2m_min: eachDay(minimum(({ tempC }) => tempC)),
      temperature_2m_max: eachDay(maximum(({ tempC }) => tempC)),
      precipitation_sum: eachDay(sum(({ rainMm }) => rainMm)),
      precipitation_probability_max: eachDay(maximum(({ rainChance }) => 100 * rainChance)),
      et0_fao_evapotranspiration: eachDay(sum(({ et0Mm }) => et0Mm)),
    },
    hourly: {
      time: hours.map(({ atMs }) => new Date(atMs + offsetMs).toISOString().slice(0, 16)),
      temperature_2m: instant(({ tempC }) => tempC),
      relative_humidity_2m: instant(({ humidityPct }) => humidityPct),
      precipitation: ofPreviousHour(({ rainMm }) => rainMm),
      precipitation_probability: ofPreviousHour(({ rainChance }) => 100 * rainChance),
      wind_speed_10m: instant(({ windMps }) => windMps / windAt2m(1, 10)),
      wind_gusts_10m: ofPreviousHour(({ windMps }) => (GUST * windMps) / windAt2m(1, 10)),
      shortwave_radiation: ofPreviousHour(({ radiationWm2 }) => radiationWm2),
      cloud_cover: instant(({ cloud }) => 100 * cloud),
    },
  }
}

const roundHundredth = (value: number): number => Number(value.toFixed(2))
