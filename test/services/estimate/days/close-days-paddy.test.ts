/** Closed days of a paddy: its level and its percolation. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, startOfDay } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import {
  type Stores,
  appendDays,
  dayRow,
  deviceRow,
  dueAfter,
  notesOf,
  openStores,
  plantFarm,
  reading,
} from '../farm.ts'

const ZONE = 'America/Phoenix'

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2012, 5, 1))
})
afterEach(() => stores.close())

const live = appendDays(() => stores)

describe('paddy', () => {
  it('uses the level of its gauge, and models it while the gauge is silent', async () => {
    await plantFarm(stores, { kind: 'paddy', soilTexture: 'clay' })
    await stores.state.updateTable('season').set({ crop: 'rice' }).execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'gauge1', kind: 'gauge', fieldId: 'field1' }))
      .execute()
    await live('2012-06-01', 3)
    const at = (hour: number, mm: number) =>
      reading('gauge1', 'water.level', startOfDay('2012-06-01', ZONE) + hour * HOUR_MS, mm, {
        field: 'field1',
      })
    await stores.series.append([at(20, 55), at(22, 52), at(23.5, 50), at(47.5, 35)])
    await closeDays(stores, dueAfter('2012-06-03'))
    const [one, two, three] = await Promise.all(
      ['2012-06-01', '2012-06-02', '2012-06-03'].map((day) => dayRow(stores, day)),
    )
    expect(one).toMatchObject({ levelMm: 50, stage: 'rooting', depletionMm: null, ks: 1 })
    expect(two?.levelMm).toBe(35)
    // the daily loss of standing water, less the crop use of the rice
    expect(two!.deepPercolationMm!).toBeCloseTo(50 - 35 - two!.etcMm!, 6)
    expect(notesOf(three)).toContain('level-modelled')
    expect(three!.levelMm!).toBeCloseTo(35 - three!.etcMm! - 3, 6)
  })
})

describe('the day water loss of a paddy', () => {
  it('three ponded days determine percolation; the model then uses it instead of the texture', async () => {
    await plantFarm(stores, { kind: 'paddy', soilTexture: 'clay' })
    await stores.state.updateTable('season').set({ crop: 'rice' }).execute()
    await stores.state
      .insertInto('device')
      .values(deviceRow({ id: 'gauge1', kind: 'gauge', fieldId: 'field1' }))
      .execute()
    await live('2012-06-01', 5)
    const at = (day: number, mm: number) =>
      reading('gauge1', 'water.level', startOfDay('2012-06-01', ZONE) + (day * 24 - 0.5) * HOUR_MS, mm, {
        field: 'field1',
      })
    await stores.series.append([at(1, 140), at(2, 120), at(3, 101), at(4, 80)])
    await closeDays(stores, dueAfter('2012-06-05'))
    const days = await stores.state.selectFrom('fieldDay').selectAll().orderBy('day').execute()
    const [sank2, sank3, sank4] = days.slice(1, 4).map((row) => row.deepPercolationMm!) as [
      number,
      number,
      number,
    ]
    expect(sank2).toBeCloseTo(20 - days[1]!.etcMm!, 6)
    const fifth = days[4]!
    expect(notesOf(fifth)).toContain('level-modelled')
    const median = [sank2, sank3, sank4].toSorted((a, b) => a - b)[1]!
    expect(median).toBeGreaterThan(3) // of clay by the table
    expect(fifth.levelMm!).toBeCloseTo(80 - fifth.etcMm! - median, 6)
  })
})
