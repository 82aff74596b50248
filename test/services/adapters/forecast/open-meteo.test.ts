/** A provider in the JSON shape of Open-Meteo, on a local server that answers, fails, hangs and lies. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, startOfDay } from '../../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { openMeteoForecast } from '../../../../services/adapters/forecast/open-meteo.ts'
import { parseResponse } from '../../../../services/adapters/forecast/open-meteo-response.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import type { Forecast } from '../../../../services/ports/forecast.ts'
import type { FarmRow } from '../../../../services/tables.ts'
import { forecastServer, usualAnswer, type Answering, type ForecastServer } from './open-meteo-server.ts'
import { openTestState } from '../../../support/state.ts'

const farm = { org: 'coop', farm: 'farm1' }
const place: FarmRow = {
  id: 'farm1',
  org: 'coop',
  name: 'River bend',
  memberCode: null,
  timeZone: 'Asia/Tokyo',
  latDeg: 35.7,
  lonDeg: 139.7,
  elevationM: 40.4,
  createdAtMs: 0,
}
const startMs = startOfDay('2026-07-06', place.timeZone) + 9 * HOUR_MS

let open: OpenState
let clock: VirtualClock
let server: ForecastServer
let warned: { reason?: string }[]
let forecast: Forecast

beforeEach(async () => {
  open = await openTestState()
  clock = virtualClock(startMs)
  await open.state.insertInto('farm').values(place).execute()
  server = await forecastServer()
  warned = []
  const log = { debug() {}, info() {}, warn: (fields: object) => void warned.push(fields), error() {} }
  forecast = openMeteoForecast(server.base, { state: open.state, clock, log })
})
afterEach(async () => {
  await server.close()
  await open.close()
})

const messageOf = (change: (reply: ReturnType<typeof usualAnswer>) => void): Answering => {
  const reply = usualAnswer()
  change(reply)
  return (_request, response) => response.end(JSON.stringify(reply))
}
const status =
  (code: number, headers: Record<string, string> = {}): Answering =>
  (_request, response) =>
    void response.writeHead(code, headers).end('{"error":true,"reason":"no"}')

describe('a responding provider', () => {
  it("gets the farm's location to a kilometre, its time zone and our units", async () => {
    await forecast.daily(farm, '2026-07-06', 3)
    expect(server.asked[0]!.pathname).toBe('/v1/forecast')
    expect(Object.fromEntries(server.asked[0]!.searchParams)).toMatchObject({
      latitude: '35.70',
      longitude: '139.70',
      elevation: '40',
      timezone: 'Asia/Tokyo',
      wind_speed_unit: 'ms',
      temperature_unit: 'celsius',
      precipitation_unit: 'mm',
    })
  })

  it('returns the days from the requested one, with the time of issue', async () => {
    const result = (await forecast.daily(farm, '2026-07-07', 5))!
    expect(result).toMatchObject({ source: 'open-meteo', issuedMs: startMs })
    expect(result.days.map(({ day }) => day)).toEqual(['2026-07-07', '2026-07-08'])
    expect(result.days[0]).toMatchObject({ tempMinC: 22, tempMaxC: 31, et0Mm: 5.1, rainChance: 0.3 })
    // 3.2 m/s at 10 m is 2.4 at 2 m (FAO-56 Example 14)
    expect(result.days[0]!.windMps).toBeCloseTo(2.4, 1)
  })

  it('rain at 95 % is at least half its amount, rain at 30 % may not fall', async () => {
    const result = (await forecast.daily(farm, '2026-07-06', 2))!
    expect(result.days.map(({ rainMm }) => rainMm)).toEqual([
      { lo: 6, mid: 12, hi: 18 },
      { lo: 0, mid: 0, hi: 6 },
    ])
  })

  it('an hour starts at its instant: rain for the hour before 16:00 falls from 15:00 on', async () => {
    const { hours } = (await forecast.daily(farm, '2026-07-06', 3))!
    const at15 = hours!.find(({ atMs }) => atMs === startOfDay('2026-07-06', place.timeZone) + 15 * HOUR_MS)!
    expect(at15).toMatchObject({
      rainMm: 6,
      rainChance: 0.95,
      tempC: 22 + 15 / 4,
      humidityPct: 70,
      gustMps: 22,
      radiationWm2: 500,
      cloud: 0.25,
    })
    expect(at15.windMps).toBeCloseTo(2.4, 1)
    expect(hours!.map(({ rainMm }) => rainMm).filter((mm) => mm !== 0 && mm !== null)).toEqual([6, 6])
    // the response has no rain for the last hour
    expect(hours!.at(-1)).toMatchObject({ rainMm: null, tempC: 22 + 23 / 4 })
    expect(hours).toHaveLength(72)
  })

  it('gets one request an hour, however many callers, and one for concurrent callers', async () => {
    await Promise.all([forecast.daily(farm, '2026-07-06', 1), forecast.daily(farm, '2026-07-06', 2)])
    await forecast.daily(farm, '2026-07-07', 1)
    expect(server.asked).toHaveLength(1)
    await clock.advanceTo(clock.now() + HOUR_MS)
    await forecast.daily(farm, '2026-07-06', 1)
    expect(server.asked).toHaveLength(2)
  })

  it('a missing column, and a missing or null hour, are unknown and not zero', async () => {
    server.answering = messageOf((reply) => {
      reply.hourly.wind_speed_10m[10] = null
      reply.hourly.precipitation[11] = null
      reply.hourly.time.splice(20, 1)
      for (const column of ['temperature_2m', 'precipitation', 'wind_speed_10m'] as const)
        reply.hourly[column].splice(20, 1)
      Object.assign(reply.hourly, { cloud_cover: undefined })
      reply.daily.precipitation_probability_max = [null, null, null]
    })
    const { hours, days } = (await forecast.daily(farm, '2026-07-06', 3))!
    expect(hours).toHaveLength(71)
    expect(hours![10]).toMatchObject({ windMps: null, rainMm: null, cloud: null })
    // the row of 20:00 is missing, and with it the rain from 19:00 on
    expect(hours![19]).toMatchObject({ rainMm: null, tempC: 22 + 19 / 4 })
    expect(days[0]).toMatchObject({ rainChance: null, rainMm: { lo: 0 } })
    // a general forecast: a quarter of such days stays dry, 0.85 of the amount falls on the mean (rain-skill.ts)
    expect(days[0]!.rainMm.mid).toBeCloseTo(8.79, 2)
    expect(days[0]!.rainMm.hi).toBeCloseTo(22.09, 2)
  })

  it('an incomplete response is used as far as it goes', async () => {
    server.answering = messageOf((reply) => {
      reply.daily.temperature_2m_min = [21.3, null, 22.5]
      reply.daily.precipitation_sum = [12, 4] // shorter than its days
      reply.hourly.temperature_2m = reply.hourly.temperature_2m.slice(0, 5)
    })
    const { hours, days } = (await forecast.daily(farm, '2026-07-06', 3))!
    expect(days.map(({ day }) => day)).toEqual(['2026-07-06'])
    expect([hours![4]!.tempC, hours![5]!.tempC]).toEqual([23, null])
  })

  it('impossible values are unknown', async () => {
    server.answering = messageOf((reply) => {
      reply.daily.temperature_2m_max[1] = 610
      reply.daily.et0_fao_evapotranspiration[0] = -9999
      reply.hourly.relative_humidity_2m[3] = 250
    })
    const { hours, days } = (await forecast.daily(farm, '2026-07-06', 3))!
    expect(days.map(({ day, et0Mm }) => [day, et0Mm])).toEqual([
      ['2026-07-06', null],
      ['2026-07-08', 5],
    ])
    expect(hours![3]!.humidityPct).toBeNull()
  })
})

describe('an unusable response', () => {
  it.each<[string, Answering, RegExp]>([
    ['400', status(400), /status must be 200, got 400/],
    ['404', status(404), /status must be 200, got 404/],
    ['500', status(500), /status must be 200, got 500/],
    ['429', status(429), /status must be 200, got 429/],
    ['HTML', (_request, response) => void response.end('<html>Sign in'), /must be JSON, got "<html>Sign in"/],
    ['nothing', (_request, response) => void response.end(), /must be JSON, got ""/],
    ['half its JSON', (_request, response) => void response.end('{"daily":{"ti'), /must be JSON/],
    [
      'another shape',
      (_request, response) => void response.end('{"daily":{"time":["2026-07-06"]}}'),
      /\/daily.*required/,
    ],
    ['a cut line', (request) => void request.socket.destroy(), /TypeError/],
    [
      'a connection cut within the response',
      (request, response) => {
        response.writeHead(200, { 'content-length': '5000' })
        response.write('{"daily"', () => request.socket.destroy())
      },
      /TypeError/,
    ],
    [
      'inches',
      messageOf((reply) => {
        reply.daily_units.precipitation_sum = 'inch'
      }),
      /daily_units.precipitation_sum must be mm, got inch/,
    ],
    [
      'km/h',
      messageOf((reply) => {
        reply.hourly_units.wind_speed_10m = 'km/h'
      }),
      /hourly_units.wind_speed_10m must be m\/s, got km\/h/,
    ],
    [
      'another place',
      messageOf((reply) => {
        reply.longitude = 138.1
      }),
      /longitude must be near 139.70, got 138.1/,
    ],
    [
      'another zone',
      messageOf((reply) => {
        reply.utc_offset_seconds = 0
      }),
      /utc_offset_seconds must be 32400 \(Asia\/Tokyo\), got 0/,
    ],
    [
      'days without an amount of rain',
      messageOf((reply) => {
        reply.daily.precipitation_sum = [null, null, null]
      }),
      /must contain a complete day/,
    ],
  ])('%s gives null, throws nothing and logs the reason once', async (_what, answering, reason) => {
    server.answering = answering
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
    expect(warned).toHaveLength(1)
    expect(warned[0]!.reason).toMatch(reason)
    expect(server.asked).toHaveLength(1)
  })

  it('an endless one is aborted', async () => {
    server.answering = (_request, response) => {
      const chunk = Buffer.alloc(100_000, 32)
      const more = (): boolean => response.writable && response.write(chunk) && more()
      response.on('drain', more)
      more()
    }
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
    expect(warned[0]!.reason).toMatch(/below 2000000 bytes/)
  })

  it('a service that never responds delays a caller by at most five seconds', async () => {
    server.answering = () => {}
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
  }, 15_000)
})

describe('an unavailable provider', () => {
  it('is retried after five minutes, then with back-off up to two hours', async () => {
    server.answering = status(503)
    const askedAt: number[] = []
    for (let minute = 0; minute < 8 * 60; minute += 5) {
      await clock.advanceTo(startMs + minute * MINUTE_MS)
      const before = server.asked.length
      await forecast.daily(farm, '2026-07-06', 1)
      if (server.asked.length > before) askedAt.push(minute)
    }
    expect(askedAt).toEqual([0, 5, 15, 35, 75, 155, 275, 395])
  })

  it('is not retried before its Retry-After, and normally once it responds again', async () => {
    server.answering = status(429, { 'retry-after': '3600' })
    await forecast.daily(farm, '2026-07-06', 1)
    server.answering = messageOf(() => {})
    await clock.advanceTo(startMs + 59 * MINUTE_MS)
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
    await clock.advanceTo(startMs + 60 * MINUTE_MS)
    expect(await forecast.daily(farm, '2026-07-06', 1)).not.toBeNull()
    server.answering = status(500)
    await clock.advanceTo(startMs + 120 * MINUTE_MS)
    await forecast.daily(farm, '2026-07-06', 1)
    await clock.advanceTo(startMs + 125 * MINUTE_MS)
    await forecast.daily(farm, '2026-07-06', 1)
    expect(server.asked).toHaveLength(4)
  })

  it('leaves its last forecast, with the time of issue, for at most a day', async () => {
    await forecast.daily(farm, '2026-07-06', 2)
    server.answering = status(500)
    await clock.advanceTo(startMs + 20 * HOUR_MS)
    const stale = (await forecast.daily(farm, '2026-07-07', 2))!
    expect(stale.issuedMs).toBe(startMs)
    expect(stale.days.map(({ day }) => day)).toEqual(['2026-07-07', '2026-07-08'])
    expect(stale.hours![0]!.atMs).toBe(startOfDay('2026-07-07', place.timeZone))
    await clock.advanceTo(startMs + 24 * HOUR_MS + 1)
    expect(await forecast.daily(farm, '2026-07-07', 2)).toBeNull()
  })

  it('an unknown farm, and a day beyond the response, are null', async () => {
    expect(await forecast.daily({ org: 'coop', farm: 'nowhere' }, '2026-07-06', 1)).toBeNull()
    expect(await forecast.daily({ org: 'other', farm: 'farm1' }, '2026-07-06', 1)).toBeNull()
    expect(await forecast.daily(farm, '2026-09-01', 1)).toBeNull()
    expect(server.asked).toHaveLength(1)
  })
})

describe('many farms', () => {
  async function settle(count: number, apartDeg: number): Promise<{ org: string; farm: string }[]> {
    const farms = Array.from({ length: count }, (_, i) => ({
      ...place,
      id: `more-${i}`,
      lonDeg: place.lonDeg + i * apartDeg,
    }))
    await open.state.insertInto('farm').values(farms).execute()
    return farms.map(({ id }) => ({ org: 'coop', farm: id }))
  }
  const all = (farms: { org: string; farm: string }[]) =>
    Promise.all(farms.map((entry) => forecast.daily(entry, '2026-07-06', 1)))

  it('close together share a response', async () => {
    const responses = await all(await settle(100, 0.000_04))
    expect(responses.every((reply) => reply !== null)).toBe(true)
    expect(server.asked).toHaveLength(1)
  })

  it('far apart are requested four at a time', async () => {
    let open = 0
    let most = 0
    server.answering = (request, response) => {
      most = Math.max(most, ++open)
      setImmediate(() => {
        open--
        messageOf((reply) => {
          reply.longitude = Number(new URL(request.url!, 'http://x').searchParams.get('longitude'))
        })(request, response)
      })
    }
    const responses = await all(await settle(60, 0.02))
    expect(responses.every((reply) => reply !== null)).toBe(true)
    expect(server.asked).toHaveLength(60)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(4)
  })

  it('retry a failing service as rarely as one farm would', async () => {
    server.answering = status(500)
    const farms = await settle(60, 0.02)
    await all(farms)
    // the four that were on their way together
    expect(server.asked.length).toBeLessThanOrEqual(4)
    expect(warned.length).toBeLessThanOrEqual(4)
    await clock.advanceTo(startMs + 4 * MINUTE_MS)
    await all(farms)
    expect(server.asked.length).toBeLessThanOrEqual(4)
  })

  it('a response for the wrong place does not block requests of other farms', async () => {
    const [, , far] = await settle(3, 2)
    server.answering = messageOf(() => {})
    expect(await forecast.daily(far!, '2026-07-06', 1)).toBeNull()
    expect(await forecast.daily(farm, '2026-07-06', 1)).not.toBeNull()
  })
})

describe('time', () => {
  const berlin = { latDeg: 52.5, lonDeg: 13.4, elevationM: 40, timeZone: 'Europe/Berlin' }
  const output = (set: object): string =>
    JSON.stringify({ ...usualAnswer(), latitude: 52.52, longitude: 13.42, ...set })

  it('a date line between the farm and the cell centre is no distance', () => {
    const fiji = { latDeg: -16.9, lonDeg: 179.95, elevationM: 0, timeZone: 'Pacific/Fiji' }
    const text = output({ latitude: -16.88, longitude: -179.98, utc_offset_seconds: 43_200 })
    expect(parseResponse(text, fiji, startMs)).toMatchObject({ ok: true })
  })

  it('one offset applies to the whole response; either is valid in the night of a clock change', () => {
    const changeMs = Date.UTC(2026, 9, 25, 1) // 02:00 CET again
    expect(parseResponse(output({ utc_offset_seconds: 7_200 }), berlin, changeMs - HOUR_MS).ok).toBe(true)
    expect(parseResponse(output({ utc_offset_seconds: 7_200 }), berlin, changeMs + HOUR_MS).ok).toBe(true)
    expect(parseResponse(output({ utc_offset_seconds: 7_200 }), berlin, changeMs + 48 * HOUR_MS).ok).toBe(
      false,
    )
    const result = parseResponse(output({ utc_offset_seconds: 3_600 }), berlin, changeMs + 48 * HOUR_MS)
    expect(result.ok && result.value.hours[0]!.atMs).toBe(Date.UTC(2026, 6, 5, 23))
  })
})
