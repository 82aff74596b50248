/** The farm's own record as a forecast. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, addDays, startOfDay, type Day } from '../../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { climatologyForecast } from '../../../../services/adapters/forecast/climatology.ts'
import { createForecast } from '../../../../services/adapters/forecast/open.ts'
import type { OpenState } from '../../../../services/adapters/state.ts'
import { isTilthError } from '../../../../services/errors.ts'
import { emptyDay } from '../../../../services/estimate/days/field-day.ts'
import type { FieldDayRow } from '../../../../services/tables.ts'
import { openTestState } from '../../../support/state.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const farm = { org: 'coop', farm: 'farm1' }
const tokyo = {
  id: 'farm1',
  org: 'coop',
  name: 'Farm',
  memberCode: null,
  timeZone: 'Asia/Tokyo',
  latDeg: 35.7,
  lonDeg: 139.7,
  elevationM: 40,
  createdAtMs: 0,
}
let open: OpenState
let clock: VirtualClock

beforeEach(async () => {
  open = await openTestState()
  clock = virtualClock(Date.UTC(2026, 6, 6))
  for (const [id, farmId] of [
    ['north', 'farm1'],
    ['south', 'farm1'],
    ['elsewhere', 'farm2'],
  ] as const)
    await open.state
      .insertInto('field')
      .values({
        id,
        org: 'coop',
        farmId,
        name: id,
        kind: 'upland',
        areaM2: 1,
        soilTexture: 'loam',
        fieldCapacity: 0.25,
        wiltingPoint: 0.12,
        saturation: 0.46,
        stationId: null,
        geojson: null,
      })
      .execute()
})
afterEach(() => open.close())

async function remember(day: Day, over: Partial<FieldDayRow>, fieldId = 'north'): Promise<void> {
  await open.state
    .insertInto('fieldDay')
    .values({
      ...emptyDay,
      fieldId,
      day,
      org: 'coop',
      et0Mm: 5,
      et0Method: 'fao56-pm',
      tempMinC: 18,
      tempMaxC: 28,
      rainMm: 0,
      irrigationMm: 0,
      irrigationSource: 'none',
      notes: '[]',
      ...over,
    })
    .execute()
}

describe('climatology', () => {
  it('returns null with fewer than five known days', async () => {
    for (let back = 1; back <= 4; back++) await remember(addDays('2026-07-06', -back), {})
    expect(await climatologyForecast({ ...open, clock }).daily(farm, '2026-07-06', 3)).toBeNull()
  })

  it('a new farm uses its last two weeks: mean, and the 10, 50 and 90 % quantiles of rain', async () => {
    // rain 0, 1, 2 ... 10 mm on the eleven days before
    for (let i = 0; i <= 10; i++)
      await remember(addDays('2026-07-05', -i), { rainMm: i, et0Mm: 4 + (i % 2) * 2, tempMaxC: 25 + i })
    await remember('2026-06-01', { rainMm: 500 }) // too long ago
    const response = (await climatologyForecast({ ...open, clock }).daily(farm, '2026-07-06', 10))!
    expect(response.source).toBe('climatology')
    expect(response.issuedMs).toBe(clock.now())
    expect(response.days.map(({ day }) => day)).toEqual(
      Array.from({ length: 10 }, (_, i) => addDays('2026-07-06', i)),
    )
    expect(response.days[0]).toMatchObject({ tempMaxC: 30, rainMm: { lo: 1, mid: 5, hi: 9 } })
    expect(response.days[0]!.et0Mm).toBeCloseTo((6 * 4 + 5 * 6) / 11, 9)
  })

  it('with earlier years it uses the same days of the year, across New Year too', async () => {
    for (const year of [2023, 2024, 2025])
      for (let i = -8; i <= 8; i++) await remember(addDays(`${year}-12-31`, i), { et0Mm: 1, tempMaxC: 5 })
    for (let back = 1; back <= 8; back++)
      await remember(addDays('2026-12-30', -back), { et0Mm: 9, tempMaxC: 40 }, 'south')
    const response = (await climatologyForecast({ ...open, clock }).daily(farm, '2026-12-30', 4))!
    for (const day of response.days) expect(day).toMatchObject({ et0Mm: 1, tempMaxC: 5 })
  })

  it('a day shared by two fields counts once; other farms and unknown values do not count', async () => {
    for (let back = 1; back <= 6; back++) {
      const day = addDays('2026-07-06', -back)
      await remember(day, { et0Mm: 4 })
      await remember(day, { et0Mm: 6, rainMm: null }, 'south')
      await remember(day, { et0Mm: 100, rainMm: 100 }, 'elsewhere')
    }
    const response = (await climatologyForecast({ ...open, clock }).daily(farm, '2026-07-06', 1))!
    expect(response.days[0]).toMatchObject({ et0Mm: 5, rainMm: { lo: 0, mid: 0, hi: 0 } })
  })

  it('climatological ET0 is not an observation', async () => {
    for (let back = 1; back <= 6; back++)
      await remember(addDays('2026-07-06', -back), { et0Method: 'climatology', et0Mm: 9 })
    const response = (await climatologyForecast({ ...open, clock }).daily(farm, '2026-07-06', 1))!
    expect(response.days[0]!.et0Mm).toBeNull()
    expect(response.days[0]!.tempMinC).toBe(18)
  })

  it("ET0 comes from the farm's own model where the latest night used it, otherwise from the mean of the record", async () => {
    for (let back = 1; back <= 6; back++) await remember(addDays('2026-07-06', -back), { et0Mm: 4 })
    await open.state.insertInto('farm').values(tokyo).execute()
    const endOf = (day: Day) => startOfDay(addDays(day, 1), tokyo.timeZone)
    const foretold = (day: Day, value: number, issuedDay: Day, method: 'model' | 'persistence' = 'model') =>
      open.state
        .insertInto('prediction')
        .values({
          org: 'coop',
          kind: 'et0',
          subject: 'farm1',
          atMs: endOf(day),
          issuedMs: startOfDay(issuedDay, tokyo.timeZone),
          value,
          lo: value - 1,
          hi: value + 1,
          method,
          modelVersion: 1,
        })
        .execute()
    await foretold('2026-07-06', 9, '2026-07-05')
    await foretold('2026-07-06', 6, '2026-07-06')
    await foretold('2026-07-07', 7, '2026-07-06')
    await foretold('2026-07-08', 9, '2026-07-06', 'persistence')
    const response = (await climatologyForecast({ ...open, clock }).daily(farm, '2026-07-06', 4))!
    expect(response.days.map(({ et0Mm }) => et0Mm)).toEqual([6, 7, 4, 4])
  })

  it('a forecast is cached for an hour, then the record is read again', async () => {
    const forecast = climatologyForecast({ ...open, clock })
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
    for (let back = 1; back <= 6; back++) await remember(addDays('2026-07-06', -back), {})
    expect(await forecast.daily(farm, '2026-07-06', 1)).toBeNull()
    await clock.advanceTo(clock.now() + HOUR_MS)
    expect(await forecast.daily(farm, '2026-07-06', 1)).not.toBeNull()
  })
})

describe('the setting', () => {
  it('accepts climatology: and open-meteo:https://...', () => {
    const deps = { state: open.state, clock, log: quiet }
    expect(createForecast('climatology:', deps).daily).toBeTypeOf('function')
    expect(createForecast('open-meteo:https://api.example.org', deps).daily).toBeTypeOf('function')
  })
  it.each([
    '',
    'weather',
    'open-meteo:',
    'open-meteo:ftp://host',
    'open-meteo:api.example.org',
    'climatology:x',
  ])('stops the start for "%s" with one line', (url) => {
    try {
      createForecast(url, { state: open.state, clock, log: quiet })
      expect.unreachable()
    } catch (error) {
      expect(isTilthError(error, 'INVALID_CONFIG')).toBe(true)
      expect((error as Error).message).toMatch(/^FORECAST must be .*$/)
    }
  })
  it('never repeats a password', () => {
    expect(() =>
      createForecast('open-meteo:ftp://me:secret@host', { state: open.state, clock, log: quiet }),
    ).toThrow(/^(?!.*secret).*$/)
  })
})
