/** A local HTTP server that answers as Open-Meteo does, for tests: the recorded shape, with numbers of our own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Day } from '../../../../broker/contract/time.ts'

export type Answering = (request: IncomingMessage, response: ServerResponse) => void

export interface ForecastServer {
  base: URL
  asked: URL[]
  answering: Answering
  close(): Promise<void>
}

export async function forecastServer(): Promise<ForecastServer> {
  const query: URL[] = []
  const self = {
    asked: query,
    answering: ((_request, response) => response.end(JSON.stringify(usualAnswer()))) as Answering,
  }
  const server: Server = createServer((request, response) => {
    query.push(new URL(request.url!, 'http://localhost'))
    self.answering(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(self, {
    base: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

const days: Day[] = ['2026-07-06', '2026-07-07', '2026-07-08']
const hourTimes = days.flatMap((day) =>
  Array.from({ length: 24 }, (_, hour) => `${day}T${String(hour).padStart(2, '0')}:00`),
)
const everyHour = (value: (hour: number) => number): (number | null)[] => hourTimes.map((_, i) => value(i))

/** Three days near Tokyo. Rain: 12 mm between 15:00 and 17:00 of the first day; wind 3.2 m/s at 10 m. */
export const usualAnswer = () => ({
  latitude: 35.7,
  longitude: 139.6875,
  generationtime_ms: 0.41,
  utc_offset_seconds: 32_400,
  timezone: 'Asia/Tokyo',
  timezone_abbreviation: 'GMT+9',
  elevation: 40,
  hourly_units: {
    time: 'iso8601',
    temperature_2m: '°C',
    relative_humidity_2m: '%',
    precipitation: 'mm',
    precipitation_probability: '%',
    wind_speed_10m: 'm/s',
    wind_gusts_10m: 'm/s',
    shortwave_radiation: 'W/m²',
    cloud_cover: '%',
  } as Record<string, string>,
  hourly: {
    time: hourTimes,
    temperature_2m: everyHour((i) => 22 + (i % 24) / 4),
    relative_humidity_2m: everyHour(() => 70),
    precipitation: everyHour((i) => (i === 16 || i === 17 ? 6 : 0)),
    precipitation_probability: everyHour((i) => (i < 24 ? 95 : 30)),
    wind_speed_10m: everyHour(() => 3.2),
    wind_gusts_10m: everyHour((i) => 6 + (i % 24)),
    shortwave_radiation: everyHour((i) => (i % 24 > 5 && i % 24 < 18 ? 500 : 0)),
    cloud_cover: everyHour(() => 25),
  },
  daily_units: {
    time: 'iso8601',
    temperature_2m_min: '°C',
    temperature_2m_max: '°C',
    precipitation_sum: 'mm',
    precipitation_probability_max: '%',
    et0_fao_evapotranspiration: 'mm',
  } as Record<string, string>,
  daily: {
    time: days,
    temperature_2m_min: [21.3, 22, 22.5] as (number | null)[],
    temperature_2m_max: [29.8, 31, 30] as (number | null)[],
    precipitation_sum: [12, 4, 0] as (number | null)[],
    precipitation_probability_max: [95, 30, 5] as (number | null)[],
    et0_fao_evapotranspiration: [3.9, 5.1, 5] as (number | null)[],
  },
})
