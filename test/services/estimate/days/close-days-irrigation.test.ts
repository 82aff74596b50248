/** Closed days: irrigation by meter, by rate and after a power cut. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, addDays, startOfDay } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { readDayNotes } from '../../../../services/tables.ts'
import {
  type Stores,
  appendDays,
  dayRow,
  dueAfter,
  irrigationRow,
  notesOf,
  openStores,
  plantFarm,
  probeReadings,
  reading,
} from '../farm.ts'

const ZONE = 'America/Phoenix'

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2012, 5, 1))
})
afterEach(() => stores.close())

const live = appendDays(() => stores)

describe('irrigation', () => {
  const meter = (hour: number, litres: number, day = '2012-06-02') =>
    reading('valves1', 'water.total/V1', startOfDay(day, ZONE) + hour * HOUR_MS, litres)

  it('counts the litres of the meter times the efficiency: 250 m3 on 1 ha at 80 % is 20 mm', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append([
      meter(-2, 1_000_000),
      meter(3, 1_000_000),
      meter(5, 1_250_000),
      meter(20, 1_250_000),
    ])
    await closeDays(stores, dueAfter('2012-06-02'))
    expect(await dayRow(stores, '2012-06-01')).toMatchObject({ irrigationMm: 0, irrigationSource: 'none' })
    expect(await dayRow(stores, '2012-06-02')).toMatchObject({
      irrigationMm: 20,
      irrigationSource: 'metered',
    })
  })

  it('a run that the meter has counted is not counted again from its record', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await stores.series.append([meter(-2, 0), meter(5, 250_000), meter(20, 250_000)])
    const startMs = startOfDay('2012-06-02', ZONE)
    await stores.state
      .insertInto('irrigation')
      .values(
        irrigationRow({
          commandedAtMs: startMs + 3 * HOUR_MS,
          openedAtMs: startMs + 3 * HOUR_MS,
          closedAtMs: startMs + 4 * HOUR_MS,
          ranMs: HOUR_MS,
          litres: 250_000,
          volumeSource: 'metered',
        }),
      )
      .execute()
    await closeDays(stores, dueAfter('2012-06-02'))
    expect((await dayRow(stores, '2012-06-02'))?.irrigationMm).toBeCloseTo(20, 9)
  })

  it('without a meter an hour at 10 mm/h and 80 % is 8 mm, marked as by rate', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    const startMs = startOfDay('2012-06-02', ZONE)
    await stores.state
      .insertInto('irrigation')
      .values(
        irrigationRow({
          commandedAtMs: startMs + HOUR_MS,
          openedAtMs: startMs + HOUR_MS,
          closedAtMs: startMs + 2 * HOUR_MS,
          ranMs: HOUR_MS,
          volumeSource: 'rate',
        }),
      )
      .execute()
    await closeDays(stores, dueAfter('2012-06-02'))
    const row = await dayRow(stores, '2012-06-02')
    expect(row).toMatchObject({ irrigationSource: 'rate' })
    expect(row?.irrigationMm).toBeCloseTo(8, 9)
  })

  it('without a meter counts nothing where a dry probe that it must have wetted does not rise', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 4)
    for (let i = 0; i < 4; i++) await stores.series.append(probeReadings(13, addDays('2012-06-01', i)))
    const run = (day: string, fromH: number) => {
      const startMs = startOfDay(day, ZONE) + fromH * HOUR_MS
      const times = { commandedAtMs: startMs, openedAtMs: startMs, closedAtMs: startMs + 12 * HOUR_MS }
      return irrigationRow({ id: day, ...times, ranMs: 12 * HOUR_MS, volumeSource: 'rate' })
    }
    // the second one ends at 23:00: the probes of the evening cannot show its water yet
    await stores.state
      .insertInto('irrigation')
      .values([run('2012-06-03', 1), run('2012-06-04', 11)])
      .execute()
    await closeDays(stores, dueAfter('2012-06-04'))
    const [missing, late] = [await dayRow(stores, '2012-06-03'), await dayRow(stores, '2012-06-04')]
    expect(missing).toMatchObject({ irrigationMm: 0, irrigationSource: 'rate' })
    expect(readDayNotes(missing!.notes)).toContainEqual({ key: 'water-missing', params: { mm: 96 } })
    expect(late!.irrigationMm).toBeCloseTo(96, 6)
    expect(notesOf(late)).not.toContain('water-missing')
  })

  it('a run ended by a power cut counts with its upper bound, with a large uncertainty', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 2)
    await closeDays(stores, dueAfter('2012-06-01'))
    const startMs = startOfDay('2012-06-02', ZONE)
    await stores.state
      .insertInto('irrigation')
      .values(
        irrigationRow({
          commandedAtMs: startMs,
          closedAtMs: startMs + HOUR_MS,
          ranMs: HOUR_MS,
          volumeSource: 'unknown',
        }),
      )
      .execute()
    await closeDays(stores, dueAfter('2012-06-02'))
    const row = (await dayRow(stores, '2012-06-02'))!
    expect(row.irrigationSource).toBe('unknown')
    // 10 mm/h for an hour at 80 %: otherwise the plan would apply it a second time
    expect(row.irrigationMm).toBeCloseTo(8, 9)
    expect(notesOf(row)).toContain('irrigation-unknown')
  })
})
