/**
 * A simulated weather service on this machine: it answers in the JSON shape of Open-Meteo (open-meteo.com/en/docs), with
 * the days ahead of the simulated weather as a service would foresee them. Tilth asks it over HTTP, as any other.
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

export async function startWeatherService(
  weather: Weather,
  { clock, seed }: { clock: Clock; seed: string },
): Promise<WeatherService> {
  let kept: { key: string; text: string } | null = null

  /** One answer a day and length: every field of the farm lies under the same sky. */
  function answer(issuedDay: Day, days: number): string {
    const key = `${issuedDay}/${days}`
    if (kept?.key !== key)
      kept = { key, text: JSON.stringify(openMeteoResponse(weather, seed, issuedDay, days)) }
    return kept.text
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const days = Number(searchParams.get('forecast_days') ?? 7)
    if (pathname !== '/v1/forecast' || !(days >= 1 && days <= MAX_DAYS)) {
      response.writeHead(400).end(`{"error":true,"reason":"forecast_days must be 1 to ${MAX_DAYS}"}`)
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(answer(dayOf(clock.now(), weather.site.timeZone), days))
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

/** `days` days from `issuedDay` on, in the units that Tilth asks for: °C, mm, m/s. */
export function openMeteoResponse(weather: Weather, seed: string, issuedDay: Day, days: number): object {
  const { site } = weather
  const said = Array.from({ length: days }, (_, k) => addDays(issuedDay, k)).map((day) => ({
    day,
    hours: forecastDay(weather, seed, issuedDay, day),
  }))
  const hours = said.flatMap((one) => one.hours)
  const offsetMs = zoneOffsetMs(hours[0]!.atMs, site.timeZone)
  // an instant is said as it is; what adds up is said of the hour before it
  const instant = (of: (hour: ForecastHour) => number) => hours.map((hour) => round(of(hour)))
  const before = (of: (hour: ForecastHour) => number) => [null, ...instant(of).slice(0, -1)]
  const eachDay = (of: (hours: readonly ForecastHour[]) => number) => said.map((one) => round(of(one.hours)))
  const sum = (of: (hour: ForecastHour) => number) => (own: readonly ForecastHour[]) =>
    own.reduce((total, hour) => total + of(hour), 0)
  const most = (of: (hour: ForecastHour) => number) => (own: readonly ForecastHour[]) =>
    Math.max(...own.map(of))
  const least = (of: (hour: ForecastHour) => number) => (own: readonly ForecastHour[]) =>
    Math.min(...own.map(of))
  return {
    latitude: site.latDeg,
    longitude: site.lonDeg,
    utc_offset_seconds: offsetMs / 1000,
    daily: {
      time: said.map(({ day }) => day),
      temperature_2m_min: eachDay(least(({ tempC }) => tempC)),
      temperature_2m_max: eachDay(most(({ tempC }) => tempC)),
      precipitation_sum: eachDay(sum(({ rainMm }) => rainMm)),
      precipitation_probability_max: eachDay(most(({ rainChance }) => 100 * rainChance)),
      et0_fao_evapotranspiration: eachDay(sum(({ et0Mm }) => et0Mm)),
    },
    hourly: {
      time: hours.map(({ atMs }) => new Date(atMs + offsetMs).toISOString().slice(0, 16)),
      temperature_2m: instant(({ tempC }) => tempC),
      relative_humidity_2m: instant(({ humidityPct }) => humidityPct),
      precipitation: before(({ rainMm }) => rainMm),
      precipitation_probability: before(({ rainChance }) => 100 * rainChance),
      wind_speed_10m: instant(({ windMps }) => windMps / windAt2m(1, 10)),
      wind_gusts_10m: before(({ windMps }) => (GUST * windMps) / windAt2m(1, 10)),
      shortwave_radiation: before(({ radiationWm2 }) => radiationWm2),
      cloud_cover: instant(({ cloud }) => 100 * cloud),
    },
  }
}

const round = (value: number): number => Number(value.toFixed(2))
