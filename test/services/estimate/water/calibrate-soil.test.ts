import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, addDays, startOfDay, type Day } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { calibrateSoil } from '../../../../services/estimate/water/calibrate-soil.ts'
import { loadFieldGroups } from '../../../../services/estimate/field-context.ts'
import { combineProbes } from '../../../../services/estimate/water/combine-probes.ts'
import { refreshStates } from '../../../../services/estimate/now/refresh-states.ts'
import { readSoilUsed } from '../../../../services/tables.ts'
import {
  dayRow,
  dueAfter,
  notesOf,
  openStores,
  plantFarm,
  reading,
  stationReadings,
  type Stores,
} from '../farm.ts'

const FIRST: Day = '2012-06-01'
const weather = { tempMinC: 20, tempMaxC: 38, dewC: 8, radiationMJm2: 28, windMps: 2, rainMm: 0 }

let stores: Stores
beforeEach(async () => {
  stores = await openStores(startOfDay(FIRST, 'America/Phoenix'))
  await plantFarm(stores)
})
afterEach(() => stores.close())

/** A sensor in a soil with a field capacity of 33 %: wetted to 42 % every eighth day, drying by 1 % a day. */
function hours(days: number, { flag = 1 as 1 | 3, depthCm = 30, everyH = 1 } = {}) {
  const startMs = startOfDay(FIRST, 'America/Phoenix')
  return Array.from({ length: (days * 24) / everyH }, (_, i) => {
    const hour = i * everyH
    const since = hour % (8 * 24)
    const percent = 33 + 9 * Math.exp(-since / 5) - since / 24
    return reading('probe1', 'soil.moisture', startMs + hour * HOUR_MS, percent, {
      field: 'field1',
      depthCm,
      flag,
    })
  })
}
const learned = () => stores.state.selectFrom('soilCalibration').selectAll().execute()
const plot = async () => (await loadFieldGroups(stores.state, FIRST))[0]!.contexts[0]!

describe('soil calibration by a probe', () => {
  it('is stored by device and depth, with the number of events', async () => {
    await stores.series.append([...hours(40), ...hours(40, { depthCm: 60 })])
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 39)))
    const rows = await learned()
    expect(rows.map(({ depthCm }) => depthCm)).toEqual([30, 60])
    expect(rows[0]).toMatchObject({
      deviceId: 'probe1',
      fieldId: 'field1',
      peaks: 4,
      throughDay: '2012-07-10',
    })
    expect(rows[0]!.fieldCapacity).toBeGreaterThan(0.305)
    expect(rows[0]!.fieldCapacity).toBeLessThan(0.335)
    expect(rows[0]!.wiltingPoint).toBeNull() // no dry-down was long enough
  })

  it.each([2, 3, 6])(
    'a probe that reports every %i hours is as informative as one that reports every hour',
    async (everyH) => {
      await stores.series.append([...hours(40), ...hours(40, { depthCm: 60, everyH })])
      await calibrateSoil(stores, dueAfter(addDays(FIRST, 39)))
      const [hourly, seldom] = await learned()
      expect(seldom!.peaks).toBe(hourly!.peaks)
      expect(seldom!.fieldCapacity).toBeCloseTo(hourly!.fieldCapacity!, 2)
    },
  )

  it('twice a day is too seldom to observe drainage', async () => {
    await stores.series.append(hours(40, { everyH: 12 }))
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 39)))
    expect((await learned())[0]).toMatchObject({ peaks: 0, fieldCapacity: null })
  })

  it('with too few wettings the field has its own limits, and the row has their number', async () => {
    await stores.series.append(hours(20))
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 19)))
    expect((await learned())[0]).toMatchObject({ peaks: 2, fieldCapacity: null })
    expect((await plot()).soil.fieldCapacity).toMatchObject({ v: 0.25, from: 'field', events: 0 })
  })

  it('hours with suspect flags are not used', async () => {
    await stores.series.append(hours(40, { flag: 3 }))
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 39)))
    expect((await learned()).every(({ peaks }) => peaks === 0)).toBe(true)
  })

  it('repeated, it gives the same row, and within a week it is not repeated', async () => {
    await stores.series.append(hours(50))
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 39)))
    const first = await learned()
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 44)))
    expect(await learned()).toEqual(first)
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 46)))
    expect((await learned())[0]!.throughDay).toBe('2012-07-17')
  })

  it('changes the limits of the balance, and the sensor is read against its own field capacity', async () => {
    await stores.series.append(hours(40))
    await calibrateSoil(stores, dueAfter(addDays(FIRST, 39)))
    const { soil, learned: rows } = await plot()
    expect(soil.fieldCapacity).toMatchObject({ from: 'learned', events: 4 })
    expect(soil.fieldCapacity.v).toBeGreaterThan(0.26)
    expect(soil.fieldCapacity.sd).toBeLessThan(0.03)
    expect(soil.wiltingPoint).toMatchObject({ v: 0.12, from: 'field' })
    const own = rows[0]!.fieldCapacity!
    const seen = combineProbes(
      { soil, learned: rows },
      [{ device: 'probe1', depthCm: 30, percent: 100 * own - 5 }],
      0.4,
    )
    expect(seen!.mm).toBeCloseTo(0.05 * 400, 6)
  })
})

describe('the night the limits change', () => {
  it('no water is added or removed: the depletion is kept, its uncertainty grows, and the day has a note', async () => {
    for (let day = FIRST; day < '2012-07-01'; day = addDays(day, 1))
      await stores.series.append(stationReadings(weather, day))
    await closeDays(stores, dueAfter('2012-06-29'))
    const before = (await dayRow(stores, '2012-06-29'))!
    await stores.state
      .insertInto('soilCalibration')
      .values({
        deviceId: 'probe1',
        depthCm: 30,
        org: before.org,
        fieldId: 'field1',
        fieldCapacity: 0.33,
        fieldCapacitySd: 0.01,
        peaks: 4,
        wiltingPoint: null,
        wiltingPointSd: null,
        dryDowns: 0,
        bias: null,
        biasSd: null,
        throughDay: '2012-06-29',
        version: 'soil-1',
        atMs: 0,
      })
      .execute()
    await closeDays(stores, dueAfter('2012-06-30'))
    const rows = await stores.state.selectFrom('fieldDay').selectAll().orderBy('day').execute()
    // once: on the first of the days that late readings may still change
    const changed = rows.filter((row) => notesOf(row).includes('soil-limits-changed'))
    expect(changed).toHaveLength(1)
    const after = changed[0]!
    const dayBefore = rows[rows.indexOf(after) - 1]!
    expect(after.fieldCapacity).toBeGreaterThan(dayBefore.fieldCapacity!)
    const inMm = after.rainMm! + after.irrigationMm
    const outMm = after.etaMm! + after.deepPercolationMm!
    expect(Math.abs(after.depletionMm! - (dayBefore.depletionMm! + outMm - inMm))).toBeLessThan(1.5)
    expect(after.depletionSdMm).toBeGreaterThan(dayBefore.depletionSdMm!)
    await stores.clock.advanceTo(dueAfter('2012-06-30'))
    await refreshStates(stores, stores.clock.now())
    const state = await stores.state.selectFrom('fieldState').select('soil').executeTakeFirstOrThrow()
    const used = readSoilUsed(state.soil!)
    expect(used.fieldCapacity).toMatchObject({ from: 'learned', events: 4 })
  })
})
