/**
 * A light sensor that reads more than a clear sky can deliver. The sky is Rso of FAO-56 Eq. 37 at the place, the
 * readings are a half sine of its total: of six days two are clear, the others are darker.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, addDays, dayOfYear, startOfDay } from '../../../../broker/contract/time.ts'
import { clearSkyMJm2 } from '../../../../services/agronomy/evapotranspiration/clear-sky.ts'
import { extraterrestrialMJm2 } from '../../../../services/agronomy/evapotranspiration/radiation.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { readLightSensors } from '../../../../services/estimate/quality/light-sensors.ts'
import type { Reading } from '../../../../services/ports.ts'
import type { FarmRow } from '../../../../services/tables.ts'
import {
  ORG,
  dayRow,
  deviceRow,
  dueAfter,
  farmRow,
  fieldRow,
  notesOf,
  openStores,
  plantFarm,
  reading,
  seasonRow,
  stationReadings,
  type Stores,
} from '../farm.ts'

const TODAY = '2012-06-15' // the day in question: those before it are the record
const hourly = { id: 'station1', farmId: 'farm1', everyS: 3600 }

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2012, 5, 1))
})
afterEach(() => stores.close())

/** A light sensor's hours of one day at a farm, W/m²: `share` of the clear sky's total, times the sensor's gain. */
function lightOfDay(
  day: string,
  farm: FarmRow,
  { gain = 1, share = 1, offsetWm2 = 0, hours = [0, 24] as [number, number], field = '-' } = {},
): Reading[] {
  const totalMJm2 =
    clearSkyMJm2(extraterrestrialMJm2(farm.latDeg, dayOfYear(day)), farm.elevationM) * share * gain
  const startMs = startOfDay(day, farm.timeZone)
  // half sine from 6:00 to 18:00, each hour its middle; the twelve of them add up to 24/pi within 0.3 %
  const peakWm2 = (totalMJm2 * 1e6) / 3600 / 7.661
  return Array.from({ length: hours[1] - hours[0] }, (_, i) => {
    const mid = hours[0] + i + 0.5
    const sun = mid > 6 && mid < 18 ? Math.sin((Math.PI * (mid - 6)) / 12) : 0
    const atMs = startMs + (mid - 0.5) * HOUR_MS
    return reading('station1', 'solar.radiation', atMs, peakWm2 * sun + offsetWm2, { farm: farm.id, field })
  })
}

const shareOf = (i: number) => (i % 6 < 2 ? 1 : 0.35 + 0.05 * (i % 10))

/** The record before today. */
async function weeks(
  farm: FarmRow,
  options: Parameters<typeof lightOfDay>[2] = {},
  count = 61,
  today = TODAY,
) {
  for (let i = 0; i < count; i++)
    await stores.series.append(lightOfDay(addDays(today, i - count), farm, { share: shareOf(i), ...options }))
}

const check = async (farm: FarmRow, station = hourly, today = TODAY) =>
  (await readLightSensors(stores.series, ORG, startOfDay(today, farm.timeZone)))(station, farm)

describe('a light sensor by sixty days of its own', () => {
  it('reads well where its clearest days match the clear sky', async () => {
    await weeks(farmRow())
    const light = await check(farmRow())
    expect(light).toMatchObject({ days: 60, reads: 'well' })
    expect(light!.ratio).toBeCloseTo(1, 1)
  })

  it('reads high where its gain is 12 % too high, and the ratio shows by how much', async () => {
    await weeks(farmRow(), { gain: 1.12 })
    const light = await check(farmRow())
    expect(light?.reads).toBe('high')
    expect(light!.ratio).toBeGreaterThan(1.1)
    expect(light!.ratio).toBeLessThan(1.14)
  })

  it('in weeks without a clear day does not read high', async () => {
    await weeks(farmRow(), { gain: 1.12, share: 0.7 })
    expect((await check(farmRow()))?.reads).toBe('low')
  })

  it('is checked in the southern hemisphere by the sun of its own season', async () => {
    const south = farmRow({ latDeg: -33.069, timeZone: 'Australia/Adelaide', lonDeg: 138 })
    await weeks(south) // June: winter there, a third of the light of the north
    expect((await check(south))?.reads).toBe('well')
    expect((await check(farmRow({ ...south, latDeg: 33.069 })))!.ratio).toBeLessThan(0.6)
  })

  it('is not checked by twenty-nine days, and is by thirty', async () => {
    await weeks(farmRow(), { gain: 1.12 }, 30) // of 30 civil days 29 are whole UTC days
    expect(await check(farmRow())).toBeNull()
    await stores.series.append(lightOfDay(addDays(TODAY, -31), farmRow(), { gain: 1.12 }))
    expect(await check(farmRow())).toMatchObject({ days: 30, reads: 'high' })
  })

  it('that has been silent for five weeks is not checked by older days', async () => {
    await weeks(farmRow(), { gain: 1.12 }, 40, addDays(TODAY, -35))
    expect(await check(farmRow())).toBeNull()
  })

  it('that is silent at night is not checked: its mean is of daylight only', async () => {
    await weeks(farmRow(), { hours: [6, 18] })
    expect(await check(farmRow())).toBeNull()
  })

  it('suspect readings do not count', async () => {
    await weeks(farmRow())
    for (let i = 1; i < 60; i++)
      await stores.series.append(
        lightOfDay(addDays(TODAY, -i), farmRow(), { gain: 3 }).map((one) => ({
          ...one,
          device: 'station2',
          flag: 3 as const,
        })),
      )
    expect(await check(farmRow(), { ...hourly, id: 'station2' })).toBeNull()
  })

  it('that has moved to another farm is checked there from the start', async () => {
    await weeks(farmRow({ id: 'farm0', latDeg: 52 }), { gain: 1.12 }, 40, addDays(TODAY, -20))
    await weeks(farmRow(), {}, 20)
    expect(await check(farmRow())).toBeNull()
  })

  it('that has moved between fields of its farm continues; only the day of the move is incomplete', async () => {
    await weeks(farmRow(), {}, 40, addDays(TODAY, -20))
    await weeks(farmRow(), { field: 'field2' }, 20)
    expect(await check(farmRow())).toMatchObject({ days: 58, reads: 'well' })
  })

  it('a zero of 3 W/m² in a winter of the far north is not a gain', async () => {
    const far = farmRow({ latDeg: 65, timeZone: 'Europe/Helsinki', lonDeg: 25 })
    await weeks(far, { offsetWm2: 3 }, 61, '2012-01-15')
    expect(await check(far, hourly, '2012-01-15')).toBeNull()
  })
})

describe('the day of a field under a sensor that reads high', () => {
  const hot = { tempMinC: 18, tempMaxC: 38, dewC: 2, radiationMJm2: 30, windMps: 2, rainMm: 0 }

  /** Closes today after a record of this gain. */
  async function closed(gain: number) {
    await stores.state.updateTable('season').set({ plantedDay: TODAY }).execute()
    await stores.state.updateTable('device').set({ everyS: 3600 }).where('id', '=', 'station1').execute()
    await weeks(farmRow(), { gain })
    await stores.series.append(stationReadings(hot, TODAY, { everyMinutes: 60 }))
    await closeDays(stores, dueAfter(TODAY))
  }
  const noteOf = (row: { notes: string } | undefined) =>
    (JSON.parse(row!.notes) as { key: string; params: Record<string, unknown> }[]).find(
      ({ key }) => key === 'solar-reads-high',
    )

  it('keeps its ET0, is less certain by that share, and names the sensor and the share', async () => {
    await plantFarm(stores)
    await closed(1.12)
    const row = (await dayRow(stores, TODAY))!
    expect(row.et0Method).toBe('fao56-pm')
    const { params } = noteOf(row)!
    expect(params).toEqual({ device: 'station1', percent: 12 })
    // 5 % of good sensors combined with 12 % of this one: FAO-56 with calibrated sensors leaves 0.05 (ASCE 2005 App.
    // E)
    expect(row.et0SdMm! / row.et0Mm!).toBeGreaterThan(0.12)
    expect(row.et0SdMm! / row.et0Mm!).toBeLessThan(0.14)
  })

  it('under a good sensor has no note, and the uncertainty is that of good sensors', async () => {
    await plantFarm(stores)
    await closed(1)
    const row = (await dayRow(stores, TODAY))!
    expect(notesOf(row)).not.toContain('solar-reads-high')
    expect(row.et0SdMm! / row.et0Mm!).toBeCloseTo(0.05, 6)
  })

  it("that belongs to a neighbour's farm is checked at the neighbour's elevation", async () => {
    await plantFarm(stores)
    // 2,000 m higher, 20 km away: under Rso of the valley its 3 % would seem 8 %
    const hill = farmRow({ id: 'farm2', latDeg: 33.249, elevationM: 2400 })
    await stores.state.insertInto('farm').values(hill).execute()
    await stores.state
      .insertInto('field')
      .values(fieldRow({ id: 'field2', farmId: 'farm2' }))
      .execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 'season2', fieldId: 'field2', plantedDay: TODAY }))
      .execute()
    await stores.state.updateTable('season').set({ plantedDay: TODAY }).execute()
    await stores.state
      .updateTable('device')
      .set({ farmId: 'farm2', everyS: 3600 })
      .where('id', '=', 'station1')
      .execute()
    await weeks(hill, { gain: 1.03 })
    await stores.series.append(stationReadings(hot, TODAY, { everyMinutes: 60, farm: 'farm2' }))
    await closeDays(stores, dueAfter(TODAY))
    const row = (await dayRow(stores, TODAY))!
    expect(row.et0Method).toBe('fao56-pm')
    expect(notesOf(row)).not.toContain('solar-reads-high')
    expect((await dayRow(stores, TODAY, 'field2'))?.et0Mm).toBeGreaterThan(0)
  })

  it('a field whose light comes from another station names that one', async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'station2', everyS: 3600 }))
      .execute()
    await stores.state.updateTable('field').set({ stationId: 'station2' }).execute()
    await stores.series.append(
      stationReadings(hot, TODAY, { everyMinutes: 60, device: 'station2' }).filter(
        ({ quantity }) => quantity !== 'solar.radiation',
      ),
    )
    await closed(1.12)
    expect(noteOf(await dayRow(stores, TODAY))?.params).toMatchObject({ device: 'station1' })
  })
})
