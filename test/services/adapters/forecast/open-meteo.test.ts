/** A provider in the JSON shape of Open-Meteo, on a local server that answers, fails, hangs and lies. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { openMeteoForecast, parseDays } from '../../../../services/adapters/forecast/open-meteo.ts'
import { openSqliteState, type OpenState } from '../../../../services/adapters/sqlite/state.ts'
import type { Forecast } from '../../../../services/ports.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const farm = { org: 'coop', farm: 'farm1' }
const hours = (day: string) => Array.from({ length: 24 }, (_, h) => `${day}T${String(h).padStart(2, '0')}:00`)
const usual = {
  latitude: 35.7,
  daily_units: { time: 'iso8601' },
  daily: {
    time: ['2026-07-06', '2026-07-07', '2026-07-08'],
    temperature_2m_min: [21.3, 22, null],
    temperature_2m_max: [29.8, 31, 30],
    precipitation_sum: [12, 4, 0],
    precipitation_probability_max: [95, 30, 5],
    et0_fao_evapotranspiration: [3.9, 5.1, 5],
  },
  hourly: { time: hours('2026-07-06'), wind_speed_10m: Array<number>(24).fill(3.2) },
}

let open: OpenState
let clock: VirtualClock
let server: Server
let asked: URL[]
let answer: (request: IncomingMessage, response: ServerResponse) => void
let forecast: Forecast

beforeEach(async () => {
  open = await openSqliteState(':memory:')
  clock = virtualClock(Date.UTC(2026, 6, 6))
  await open.state
    .insertInto('farm')
    .values({
      id: 'farm1',
      org: 'coop',
      name: 'River bend',
      memberCode: null,
      timeZone: 'Asia/Tokyo',
      latDeg: 35.7,
      lonDeg: 139.7,
      elevationM: 40.4,
      createdAtMs: 0,
    })
    .execute()
  asked = []
  answer = (_request, response) => response.end(JSON.stringify(usual))
  server = createServer((request, response) => {
    asked.push(new URL(request.url!, 'http://localhost'))
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  forecast = openMeteoForecast(base, { state: open.state, clock, log: quiet })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await open.close()
})

describe('a provider that answers', () => {
  it('is asked for the place of the farm, in its zone, wind in m/s', async () => {
    await forecast.daily(farm, '2026-07-06', 3)
    expect(asked[0]!.pathname).toBe('/v1/forecast')
    expect(Object.fromEntries(asked[0]!.searchParams)).toMatchObject({
      latitude: '35.7000',
      longitude: '139.7000',
      elevation: '40',
      timezone: 'Asia/Tokyo',
      wind_speed_unit: 'ms',
    })
  })
  it('gives the days from the one asked for; a day without its minimum is left out', async () => {
    const found = (await forecast.daily(farm, '2026-07-06', 5))!
    expect(found.source).toBe('open-meteo')
    expect(found.issuedMs).toBe(clock.now())
    expect(found.days.map(({ day }) => day)).toEqual(['2026-07-06', '2026-07-07'])
    expect(found.days[0]).toMatchObject({ tempMinC: 21.3, tempMaxC: 29.8, et0Mm: 3.9 })
    // 3.2 m/s at 10 m is 2.4 at 2 m (FAO-56 Example 14)
    expect(found.days[0]!.windMps).toBeCloseTo(2.4, 1)
    expect(found.days[1]!.windMps).toBeNull()
  })
  it('rain at 95 % is half of its amount at worst, rain at 30 % may stay away', async () => {
    const found = (await forecast.daily(farm, '2026-07-06', 2))!
    expect(found.days.map(({ rainMm }) => rainMm)).toEqual([
      { lo: 6, mid: 12, hi: 18 },
      { lo: 0, mid: 0, hi: 6 },
    ])
  })
  it('is asked once an hour, however often we look, and once when two look together', async () => {
    await Promise.all([forecast.daily(farm, '2026-07-06', 1), forecast.daily(farm, '2026-07-06', 2)])
    await forecast.daily(farm, '2026-07-07', 1)
    expect(asked).toHaveLength(1)
    await clock.advanceTo(clock.now() + HOUR_MS)
    await forecast.daily(farm, '2026-07-06', 1)
    expect(asked).toHaveLength(2)
  })
})

describe('a provider that is away', () => {
  const failing: [string, typeof answer][] = [
    ['says 500', (_request, response) => void response.writeHead(500).end('no')],
    ['says 429', (_request, response) => void response.writeHead(429).end('{}')],
    ['sends no JSON', (_request, response) => response.end('<html>')],
    ['sends another shape', (_request, response) => response.end('{"daily":{"time":["2026-07-06"]}}')],
    ['cuts the line', (request) => request.socket.destroy()],
  ]
  it.each(failing)('that %s gives null and throws nothing', async (_what, fails) => {
    answer = fails
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
  })
  it('is left alone for five minutes', async () => {
    answer = failing[0]![1]
    await forecast.daily(farm, '2026-07-06', 1)
    await forecast.daily(farm, '2026-07-06', 1)
    expect(asked).toHaveLength(1)
    await clock.advanceTo(clock.now() + 5 * MINUTE_MS)
    await forecast.daily(farm, '2026-07-06', 1)
    expect(asked).toHaveLength(2)
  })
  it('leaves its last answer, with the time it was issued, for a day and not longer', async () => {
    const issuedMs = clock.now()
    await forecast.daily(farm, '2026-07-06', 2)
    answer = failing[0]![1]
    await clock.advanceTo(issuedMs + 20 * HOUR_MS)
    expect(await forecast.daily(farm, '2026-07-07', 2)).toMatchObject({
      issuedMs,
      days: [{ day: '2026-07-07' }],
    })
    await clock.advanceTo(issuedMs + 25 * HOUR_MS)
    expect(await forecast.daily(farm, '2026-07-07', 2)).toBeNull()
  })
  it('that never answers is given up after five seconds', async () => {
    answer = () => {}
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
  }, 15_000)
  it('a farm that does not exist, and a day beyond the answer, are null', async () => {
    expect(await forecast.daily({ org: 'coop', farm: 'nowhere' }, '2026-07-06', 1)).toBeNull()
    expect(await forecast.daily(farm, '2026-09-01', 1)).toBeNull()
    expect(asked).toHaveLength(1)
  })
})

it('an answer of the wrong shape names what is wrong', () => {
  expect(parseDays('{"daily":{"time":"today"}}')).toMatchObject({ ok: false })
  expect(parseDays('[]')).toMatchObject({ ok: false })
  expect(parseDays('{')).toMatchObject({ ok: false, error: 'answer must be JSON, got {' })
})
