/** Mains above a pump, each with its capacity, its number of open valves and its water, as dispatch holds to them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { toJson, type PumpRow, type PumpSchedule } from '../../../../services/tables.ts'
import { startFarm, type Farm } from '../farm.ts'
import { ORG } from '../farm-rows.ts'

let farm: Farm
beforeEach(async () => {
  farm = await startFarm()
  // zone 1 on pump 1, zone 2 on pump 2, both fed by a sub-main, that by the main
  await addPump('main')
  await addPump('sub', {}, { feedsFrom: 'main' })
  await addPump('pump-2', {}, { feedsFrom: 'sub' })
  await setPump('pump-1', {}, { feedsFrom: 'sub' })
  await farm.state.updateTable('zone').set({ pumpId: 'pump-2' }).where('id', '=', 'zone-2').execute()
  await farm.controller.connect()
  await farm.pass(MINUTE_MS)
})
afterEach(async () => {
  // the monitor follows the way of the water by itself
  expect(farm.dispatch().incidents()).toEqual({})
  await farm.stop()
})

const addPump = (id: string, set: Partial<PumpRow> = {}, schedule: PumpSchedule = {}) =>
  farm.state
    .insertInto('pump')
    .values({
      id,
      org: ORG,
      farmId: 'farm-1',
      name: id,
      capacityLpm: 1_000,
      dailyM3: null,
      maxOpenValves: 20,
      schedule: toJson(schedule),
      ...set,
    })
    .execute()

const setPump = (id: string, set: Partial<PumpRow>, schedule?: PumpSchedule) =>
  farm.state
    .updateTable('pump')
    .set({ ...set, ...(schedule ? { schedule: toJson(schedule) } : {}) })
    .where('id', '=', id)
    .execute()

const asOfYesterday = () =>
  farm.state
    .updateTable('irrigation')
    .set(({ eb }) => ({ commandedAtMs: eb('commandedAtMs', '-', DAY_MS) }))
    .execute()

/** Manual irrigation of unknown volume on the north field: at most 240 minutes of 50 L/min. */
const byHand = () =>
  farm.state
    .insertInto('irrigation')
    .values({
      id: 'hand-1',
      org: ORG,
      farmId: 'farm-1',
      fieldId: 'field-1',
      zoneId: 'zone-1',
      runId: 'hand-1',
      commandId: 'hand-1',
      cause: 'manual-entry',
      decisionId: null,
      actor: 'sato',
      commandedAtMs: farm.clock.now(),
      commandedMinutes: 0,
      openedAtMs: farm.clock.now(),
      closedAtMs: null,
      ranMs: 0,
      litres: null,
      volumeSource: 'unknown',
      grossMm: null,
      netMm: null,
      endReason: 'manual-entry',
      failure: null,
    })
    .execute()

const south = { zoneId: 'zone-2', fieldId: 'field-2' }
const open = () => [farm.controller.isOpen('V1'), farm.controller.isOpen('V2')]

describe.each([
  ['too little for both', { capacityLpm: 60 }],
  ['one valve at a time', { maxOpenValves: 1 }],
])('a main two steps above: %s', (_, set) => {
  beforeEach(() => setPump('main', set))

  it('planned runs on different pumps flow one after the other', async () => {
    await farm.addRun()
    await farm.addRun(south)
    await farm.pass(MINUTE_MS)
    expect(open()).toEqual([true, false])
    await farm.pass(10 * MINUTE_MS)
    expect(open()).toEqual([false, true])
    await farm.pass(11 * MINUTE_MS)
    expect(farm.controller.openMs('V2')).toBe(10 * MINUTE_MS)
  })

  it('a person gets the reason that it is busy, and may start when it is free', async () => {
    await farm.ask({ minutes: 5 })
    expect(await farm.ask({ minutes: 5, zoneId: 'zone-2' })).toMatchObject({
      state: 'refused',
      reason: 'pump-full',
    })
    await farm.pass(6 * MINUTE_MS)
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-2' })).state).toBe('accepted')
  })

  it('zones that do not depend on it may run at the same time', async () => {
    await setPump('pump-2', {}, {})
    await farm.ask({ minutes: 5 })
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-2' })).state).toBe('accepted')
  })
})

describe('a main that delivers less than the zone takes', () => {
  it('delivers nothing to the plan; a person may open it, alone', async () => {
    await setPump('main', { capacityLpm: 40 })
    await farm.addRun()
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'pump-too-small' })
    expect((await farm.ask({ minutes: 5 })).state).toBe('accepted')
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-2' })).reason).toBe('pump-full')
  })

  it('a main without a row delivers nothing to the plan', async () => {
    await farm.state.deleteFrom('pump').where('id', '=', 'main').execute()
    await farm.addRun()
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'pump-too-small' })
  })
})

describe('the water of a main', () => {
  it('of the day: the use of all zones below it counts, open runs with their whole command', async () => {
    await setPump('main', { dailyM3: 0.9 })
    await farm.addRun()
    await farm.pass(MINUTE_MS)
    // 500 L are ordered of 900
    expect((await farm.ask({ minutes: 10, zoneId: 'zone-2' })).reason).toBe('daily-limit')
    expect((await farm.ask({ minutes: 8, zoneId: 'zone-2' })).state).toBe('accepted')
    await farm.pass(11 * MINUTE_MS)
    await farm.addRun(south)
    expect(await farm.run('run-2')).toMatchObject({ state: 'skipped', endReason: 'daily-limit' })
  })

  it('of the day: voided water returns its share', async () => {
    await setPump('main', { dailyM3: 0.9 })
    await farm.addRun()
    await farm.pass(11 * MINUTE_MS)
    expect((await farm.ask({ minutes: 10, zoneId: 'zone-2' })).reason).toBe('daily-limit')
    await farm.state.updateTable('irrigation').set({ voidedAtMs: farm.clock.now() }).execute()
    expect((await farm.ask({ minutes: 10, zoneId: 'zone-2' })).state).toBe('accepted')
  })

  it('of the season: water of earlier days counts as well', async () => {
    await setPump('main', {}, { season: { m3: 0.9, fromDay: '2026-07-01' } })
    await farm.addRun()
    await farm.pass(11 * MINUTE_MS)
    await asOfYesterday()
    await farm.addRun(south)
    expect(await farm.run('run-2')).toMatchObject({ state: 'skipped', endReason: 'season-quota' })
    expect((await farm.ask({ minutes: 10, zoneId: 'zone-2' })).reason).toBe('season-quota')
    expect((await farm.ask({ minutes: 7, zoneId: 'zone-2' })).state).toBe('accepted')
  })

  it.each([
    ['of the day', 'daily-limit', () => setPump('main', { dailyM3: 12.3 })],
    [
      'of the season',
      'season-quota',
      () => setPump('main', {}, { season: { m3: 12.3, fromDay: '2026-07-01' } }),
    ],
  ])('%s: manual water of unknown volume counts as the largest run', async (_, why, limit) => {
    await limit()
    await byHand()
    // 12,000 L are taken as used, 300 are left
    expect((await farm.ask({ minutes: 7, zoneId: 'zone-2' })).reason).toBe(why)
    await farm.addRun(south)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: why })
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-2' })).state).toBe('accepted')
  })

  it('of the day, of one zone: manual water of unknown volume counts', async () => {
    const set = (dailyMaxLitres: number) => farm.state.updateTable('zone').set({ dailyMaxLitres }).execute()
    await set(12_300)
    await byHand()
    expect((await farm.ask({ minutes: 7 })).reason).toBe('daily-limit')
    expect((await farm.ask({ minutes: 5 })).state).toBe('accepted')
  })

  it('before the start of a season nothing counts, and in one that started today nothing of before', async () => {
    await setPump('main', {}, { season: { m3: 0.5, fromDay: '2026-07-08' } })
    await farm.addRun()
    await farm.pass(11 * MINUTE_MS)
    expect(await farm.run()).toMatchObject({ state: 'done' })
    await asOfYesterday()
    await setPump('main', {}, { season: { m3: 0.5, fromDay: '2026-07-07' } })
    await farm.addRun(south)
    await farm.pass(11 * MINUTE_MS)
    expect(await farm.run('run-2')).toMatchObject({ state: 'done' })
    expect((await farm.ask({ minutes: 2 })).reason).toBe('season-quota')
  })
})

it('mains in a loop are visited once each', async () => {
  await setPump('main', { maxOpenValves: 1 }, { feedsFrom: 'sub' })
  await farm.addRun()
  await farm.addRun(south)
  await farm.pass(MINUTE_MS)
  expect(open()).toEqual([true, false])
  await farm.pass(10 * MINUTE_MS)
  expect(open()).toEqual([false, true])
})
