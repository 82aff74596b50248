/** Closed days: missing and late values, and clocks that change. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addDays } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { readDayNotes } from '../../../../services/tables.ts'
import {
  type Stores,
  appendDays,
  dayRow,
  deviceRow,
  dueAfter,
  farmRow,
  fieldRow,
  hot,
  notesOf,
  openStores,
  plantFarm,
  probeReadings,
  seasonRow,
  stationReadings,
  zoneRow,
} from '../farm.ts'

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2012, 5, 1))
})
afterEach(() => stores.close())

const live = appendDays(() => stores)

describe('missing values are reported, never taken as zero', () => {
  it('without a rain gauge the rain is unknown and the uncertainty grows faster than with one', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 15)
    const days = Array.from({ length: 10 }, (_, i) => addDays('2012-06-16', i))
    const lastDay = days.at(-1)!
    const rain = days.flatMap((day) => stationReadings(hot, day, { totalMm: 100 }))
    await stores.series.append(rain.filter(({ quantity }) => quantity !== 'rain.cumulative'))
    await closeDays(stores, dueAfter(lastDay))
    const unknown = await dayRow(stores, lastDay)
    expect(unknown?.rainMm).toBeNull()
    expect(notesOf(unknown)).toContain('rain-unknown')
    await stores.series.append(rain.filter(({ quantity }) => quantity === 'rain.cumulative'))
    await closeDays(stores, dueAfter(lastDay))
    const known = await dayRow(stores, lastDay)
    expect(known?.rainMm).toBe(0)
    expect(unknown!.depletionSdMm!).toBeGreaterThan(known!.depletionSdMm!)
  })

  it("takes the rain of a neighbour's station ten kilometres away, with a note", async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('farm')
      .values(farmRow({ id: 'farm2', latDeg: 33.159 }))
      .execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'station2', farmId: 'farm2' }))
      .execute()
    const rainy = { ...hot, rainMm: 9 }
    await stores.series.append(stationReadings(rainy, '2012-06-01', { device: 'station2', farm: 'farm2' }))
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = await dayRow(stores, '2012-06-01')
    expect(row?.rainMm).toBeCloseTo(9, 6)
    expect(notesOf(row)).toEqual(expect.arrayContaining(['rain-neighbour', 'weather-neighbour']))
  })

  it('a lost anemometer, then a station with a thermometer only, then none at all', async () => {
    await plantFarm(stores)
    const only = (...quantities: string[]) =>
      ['air.temperature', 'rain.cumulative', ...quantities] as readonly string[]
    const days: [string, readonly string[]][] = [
      ['2012-06-06', only('air.relativeHumidity', 'solar.radiation')],
      ['2012-06-07', only()],
      ['2012-06-08', []],
    ]
    await live('2012-06-01', 5)
    for (const [day, kept] of days)
      await stores.series.append(
        stationReadings(hot, day, { totalMm: 100 }).filter((one) => kept.includes(one.quantity)),
      )
    await closeDays(stores, dueAfter('2012-06-08'))
    const rows = await Promise.all(
      ['2012-06-05', ...days.map(([day]) => day)].map((day) => dayRow(stores, day)),
    )
    expect(rows.map((row) => row?.et0Method)).toEqual([
      'fao56-pm',
      'fao56-pm-reduced',
      'hargreaves',
      'climatology',
    ])
    // and each has its error: the fewer inputs, the larger, as a share
    const shares = rows.map((row) => row!.et0SdMm! / row!.et0Mm!)
    expect(shares[0]).toBeLessThan(shares[1]!)
    expect(shares[1]).toBeLessThan(shares[2]!)
    // the days before replace the lost one
    const before = await stores.state
      .selectFrom('fieldDay')
      .select((row) => row.fn.avg<number>('et0Mm').as('mm'))
      .where('day', '<', '2012-06-08')
      .executeTakeFirstOrThrow()
    expect(rows[3]!.et0Mm!).toBeCloseTo(before.mm, 6)
    expect(rows[3]!.tempMaxC).toBeNull()
    expect(notesOf(rows[3])).toEqual(expect.arrayContaining(['et0-climatology', 'temperature-missing']))
  })

  it('half a day of readings is not a day: its maximum may lie in the gap', async () => {
    await plantFarm(stores)
    await stores.series.append(stationReadings(hot, '2012-06-01', { hours: [0, 12] }))
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = await dayRow(stores, '2012-06-01')
    expect(row).toMatchObject({
      et0Mm: null,
      et0Method: 'none',
      tempMaxC: null,
      etcMm: null,
      depletionMm: null,
    })
    expect(notesOf(row)).toContain('et0-unknown')
  })

  it('late readings complete the day, and the days after it', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append(
      stationReadings({ ...hot, rainMm: 30 }, '2012-06-03', { hours: [0, 9], totalMm: 100 }),
    )
    await stores.series.append(stationReadings(hot, '2012-06-04', { totalMm: 130, hours: [15, 24] }))
    await closeDays(stores, dueAfter('2012-06-04'))
    const blind = await dayRow(stores, '2012-06-03')
    expect(blind?.rainMm).toBeNull()
    await stores.series.append(stationReadings({ ...hot, rainMm: 30 }, '2012-06-03', { totalMm: 100 }))
    await stores.series.append(stationReadings(hot, '2012-06-04', { totalMm: 130 }))
    await live('2012-06-05', 1, hot, { totalMm: 130 })
    const changed = await closeDays(stores, dueAfter('2012-06-05'))
    expect(changed).toEqual(['field1'])
    const whole = await dayRow(stores, '2012-06-03')
    expect(whole?.rainMm).toBeCloseTo(30, 6)
    expect(whole?.et0Method).toBe('fao56-pm')
    expect((await dayRow(stores, '2012-06-04'))!.depletionMm!).toBeLessThan(whole!.tawMm!)
  })

  it('an unchanged day is not written again', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append([...probeReadings(22, '2012-06-01'), ...probeReadings(22, '2012-06-02')])
    expect(await closeDays(stores, dueAfter('2012-06-02'))).toEqual(['field1'])
    expect(await closeDays(stores, dueAfter('2012-06-02'))).toEqual([])
  })

  it('an unknown crop is estimated as a generic one with a note; another organisation is not affected', async () => {
    await plantFarm(stores)
    await stores.state.updateTable('season').set({ crop: 'moon-melon' }).execute()
    await stores.state
      .insertInto('farm')
      .values(farmRow({ id: 'other', org: 'others' }))
      .execute()
    await stores.state
      .insertInto('field')
      .values(fieldRow({ id: 'alien', org: 'others', farmId: 'other' }))
      .execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 's2', org: 'others', fieldId: 'alien' }))
      .execute()
    await live('2012-06-01', 1)
    await closeDays(stores, dueAfter('2012-06-01'))
    expect(notesOf(await dayRow(stores, '2012-06-01'))).toContain('crop-unknown')
    const alien = await dayRow(stores, '2012-06-01', 'alien')
    expect(alien).toMatchObject({ org: 'others', et0Mm: null, rainMm: null })
  })

  it('an anemometer in the grass gives no wind, and stops nothing', async () => {
    await plantFarm(stores)
    await stores.state.updateTable('device').set({ windHeightM: 0.1 }).where('kind', '=', 'station').execute()
    await live('2012-06-01', 1)
    await closeDays(stores, dueAfter('2012-06-01'))
    const row = await dayRow(stores, '2012-06-01')
    expect(row).toMatchObject({ et0Method: 'fao56-pm-reduced' })
    expect(readDayNotes(row!.notes)).toContainEqual({ key: 'et0-reduced', params: { replaced: 'wind' } })
  })

  it('a failing field is logged, and delays neither its farm nor another organisation', async () => {
    await plantFarm(stores)
    const { state } = stores
    // higher than the sky: no equation of the air is valid there
    await state
      .insertInto('farm')
      .values([farmRow({ id: 'farm0', elevationM: 20_000 }), farmRow({ id: 'farm2', org: 'other' })])
      .execute()
    await state
      .insertInto('field')
      .values([
        fieldRow({ id: 'field0', farmId: 'farm0' }),
        fieldRow({ id: 'field2', org: 'other', farmId: 'farm2' }),
      ])
      .execute()
    await state
      .insertInto('season')
      .values([
        seasonRow({ id: 'season0', fieldId: 'field0' }),
        seasonRow({ id: 'season2', fieldId: 'field2', org: 'other' }),
      ])
      .execute()
    await live('2012-06-01', 2)
    const logged: object[] = []
    const log = { ...stores.log, error: (fields: object) => void logged.push(fields) }
    const changed = await closeDays({ ...stores, log }, dueAfter('2012-06-02'))
    expect(changed.sort()).toEqual(['field1', 'field2'])
    expect(logged).toEqual([{ error: expect.any(RangeError), field: 'field0', day: '2012-06-01' }])
    expect((await dayRow(stores, '2012-06-02'))?.depletionMm).not.toBeNull()
    // once its farm is corrected, the next night computes the missing days
    await state.updateTable('farm').set({ elevationM: 361 }).where('id', '=', 'farm0').execute()
    expect(await closeDays(stores, dueAfter('2012-06-02'))).toEqual(['field0'])
  })

  it('an empty farm is no error', async () => {
    expect(await closeDays(stores, dueAfter('2012-06-01'))).toEqual([])
  })
})

describe('the clocks', () => {
  it('the day the clocks go forward has 23 hours and is a complete day', async () => {
    await stores.state
      .insertInto('farm')
      .values(farmRow({ timeZone: 'America/Chicago' }))
      .execute()
    await stores.state.insertInto('field').values(fieldRow()).execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ plantedDay: '2012-03-11' }))
      .execute()
    await stores.state.insertInto('zone').values(zoneRow()).execute()
    await stores.state.insertInto('device').values(deviceRow()).execute()
    await stores.series.append(
      stationReadings({ ...hot, rainMm: 5 }, '2012-03-11', { timeZone: 'America/Chicago' }),
    )
    await closeDays(stores, dueAfter('2012-03-11', 'America/Chicago'))
    const row = await dayRow(stores, '2012-03-11')
    expect(row).toMatchObject({ et0Method: 'fao56-pm', rainMm: 5 })
    expect(notesOf(row)).not.toContain('partly-covered')
  })
  it('a zone half an hour off the full hour loses no rain and counts none twice', async () => {
    const timeZone = 'Asia/Kolkata'
    await stores.state
      .insertInto('farm')
      .values(farmRow({ timeZone, lonDeg: 77 }))
      .execute()
    await stores.state.insertInto('field').values(fieldRow()).execute()
    await stores.state.insertInto('season').values(seasonRow()).execute()
    await stores.state.insertInto('device').values(deviceRow()).execute()
    for (let i = 0; i < 3; i++)
      await stores.series.append(
        stationReadings({ ...hot, rainMm: 7 }, addDays('2012-06-01', i), { timeZone, totalMm: 7 * i }),
      )
    await closeDays(stores, dueAfter('2012-06-03', timeZone))
    const rows = await stores.state.selectFrom('fieldDay').selectAll().orderBy('day').execute()
    expect(rows.map((row) => row.rainMm)).toEqual([7, 7, 7].map((mm) => expect.closeTo(mm, 6) as number))
  })
})
