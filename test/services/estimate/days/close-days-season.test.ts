/** Closed days: insects, frost and the end of a season. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HOUR_MS, startOfDay } from '../../../../broker/contract/time.ts'
import { closeDays } from '../../../../services/estimate/days/close-days.ts'
import { readFrostedFields } from '../../../../services/alerts/crop-frost.ts'
import { refreshStates } from '../../../../services/estimate/now/refresh-states.ts'
import { readKilledBy, readStoredWater } from '../../../../services/tables.ts'
import {
  ORG,
  type Stores,
  appendDays,
  dayRow,
  dueAfter,
  fieldRow,
  hot,
  notesOf,
  openStores,
  plantFarm,
  seasonRow,
} from '../farm.ts'

const ZONE = 'America/Phoenix'

let stores: Stores
beforeEach(async () => {
  stores = await openStores(Date.UTC(2012, 5, 1))
})
afterEach(() => stores.close())

const live = appendDays(() => stores)

describe('insects', () => {
  it('counts from the biofix with the method of the pest and gives the dates of the next event', async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('degreeDayTracker')
      .values({
        fieldId: 'field1',
        subject: 'codling-moth',
        org: ORG,
        biofixDay: '2012-06-02',
        sumCd: 0,
        throughDay: null,
        missingDays: 0,
        nextEvent: null,
      })
      .execute()
    await live('2012-06-01', 4)
    await closeDays(stores, dueAfter('2012-06-04'))
    const watch = await stores.state.selectFrom('degreeDayTracker').selectAll().executeTakeFirstOrThrow()
    // 18-38 °C by single sine between 10 and 31.1 °C: 2 to 4 June
    expect(watch).toMatchObject({ throughDay: '2012-06-04', missingDays: 0 })
    expect(watch.sumCd / 3).toBeGreaterThan(14)
    expect(watch.sumCd / 3).toBeLessThan(18)
    const next = JSON.parse(watch.nextEvent!) as {
      key: string
      needCd: number
      fromDay: string
      toDay: string
    }
    expect(next.key).toBe('egg-hatch')
    expect(next.needCd).toBeCloseTo(138.9, 1)
    expect(next.fromDay > '2012-06-04' && next.toDay >= next.fromDay).toBe(true)
  })
  it('counts a day without temperatures as missing', async () => {
    await plantFarm(stores)
    await stores.state
      .insertInto('degreeDayTracker')
      .values({
        fieldId: 'field1',
        subject: 'corn-earworm',
        org: ORG,
        biofixDay: '2012-05-30',
        sumCd: 0,
        throughDay: null,
        missingDays: 0,
        nextEvent: null,
      })
      .execute()
    await live('2012-06-01', 1)
    await closeDays(stores, dueAfter('2012-06-01'))
    const watch = await stores.state.selectFrom('degreeDayTracker').selectAll().executeTakeFirstOrThrow()
    expect(watch).toMatchObject({ throughDay: '2012-06-01', missingDays: 2 })
  })
})

describe('a frosty night', () => {
  const frosty = { ...hot, tempMinC: -3, tempMaxC: 12, dewC: -6 }
  const forecast = { daily: () => Promise.resolve(null) }

  it('ends a grown crop: its state, an alert and the day name it, until a person reports that it lives', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 60)
    await live('2012-07-31', 1, frosty)
    await closeDays(stores, dueAfter('2012-07-31'))
    const refreshed = async () => {
      await refreshStates({ ...stores, forecast } as never, startOfDay('2012-08-01', ZONE) + 8 * HOUR_MS)
      return (await stores.state.selectFrom('fieldState').select('killedBy').executeTakeFirstOrThrow())
        .killedBy
    }
    expect(readKilledBy((await refreshed())!)).toMatchObject({ day: '2012-07-31' })
    expect(notesOf(await dayRow(stores, '2012-07-31'))).toContain('killed-by-frost')
    expect(await readFrostedFields(stores.state)).toMatchObject([
      { cause: 'crop-frost', fieldId: 'field1', params: { field: 'North', day: '2012-07-31' } },
    ])
    await stores.state.updateTable('season').set({ survivedFrostDay: '2012-07-31' }).execute()
    expect(await refreshed()).toBeNull()
    expect(await readFrostedFields(stores.state)).toEqual([])
  })
})

describe('the water of a season that has ended', () => {
  it('is kept for the next one, which starts with its estimates', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 70)
    await closeDays(stores, dueAfter('2012-08-09'))
    await stores.state.updateTable('season').set({ harvestedDay: '2012-08-09' }).execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 'season2', year: 2013, plantedDay: '2012-10-01' }))
      .execute()
    await live('2012-10-01', 20)
    await closeDays(stores, dueAfter('2012-10-20'))
    const waters = await stores.state
      .selectFrom('fieldWater')
      .select(['day', 'body'])
      .orderBy('day')
      .execute()
    // of the last season there is one, until the next has water of its own for long enough
    expect(waters.filter(({ day }) => day <= '2012-08-09')).toHaveLength(0)
    expect(readStoredWater(waters.at(-1)!.body)).toMatchObject({ plantedDay: '2012-10-01', daysRecorded: 20 })
  })

  it('stays while nothing newer is known', async () => {
    await plantFarm(stores)
    await live('2012-06-01', 3)
    await closeDays(stores, dueAfter('2012-06-03'))
    await stores.state.updateTable('season').set({ harvestedDay: '2012-06-03' }).execute()
    await stores.state
      .insertInto('season')
      .values(seasonRow({ id: 'season2', fieldId: 'field2', year: 2013, plantedDay: '2012-07-01' }))
      .execute()
    await stores.state
      .insertInto('field')
      .values(fieldRow({ id: 'field2' }))
      .execute()
    await live('2012-07-01', 1)
    await closeDays(stores, dueAfter('2012-07-01'))
    const kept = await stores.state
      .selectFrom('fieldWater')
      .select(['fieldId', 'day'])
      .orderBy('day')
      .execute()
    expect(kept).toEqual([
      { fieldId: 'field1', day: '2012-06-03' },
      { fieldId: 'field2', day: '2012-07-01' },
    ])
  })
})
