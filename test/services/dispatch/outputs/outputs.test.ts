/** A siren on the controller of two valves: real broker, real client, the device's own machine. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { internalTopic } from '../../../../broker/contract/topics.ts'
import { toJson, type AuxOutputRow, type AuxOutputRunRow } from '../../../../services/tables.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG, zone } from '../farm-rows.ts'

const MINUTE = 60_000
const siren = { id: 'S1', ratedLpm: null, kind: 'siren' }
const profile = { valves: [{ id: 'V1', ratedLpm: 50 }, { id: 'V2', ratedLpm: 50 }, siren] }
let farm: Farm
beforeEach(async () => {
  farm = await startFarm({ profile })
  await farm.controller.connect()
  await farm.settle()
})
afterEach(() => farm.stop())

// 05:00 in Japan, when the tests begin
const hours = toJson([{ fromMin: 4 * 60, toMin: 8 * 60 }])
async function addOutput(changes: Partial<AuxOutputRow> = {}): Promise<void> {
  const row: AuxOutputRow = {
    id: 'output-1',
    org: ORG,
    farmId: 'farm-1',
    fieldId: 'field-1',
    name: 'Siren',
    kind: 'siren',
    deviceId: CONTROLLER,
    valve: 'S1',
    isOn: 1,
    switchedBy: 'user-sato',
    switchedAtMs: 0,
    rule: toJson({ by: 'birds' } as const),
    hours,
    quietHours: null,
    onMinutes: 2,
    everyMinutes: 10,
    maxDailyMinutes: 60,
    maxWindMps: null,
    pausedUntilMs: null,
    reason: null,
    ...changes,
  }
  await farm.state.insertInto('auxOutput').values(row).execute()
}
async function addTurn(changes: Partial<AuxOutputRunRow> = {}): Promise<void> {
  const row: AuxOutputRunRow = {
    id: 'turn-1',
    org: ORG,
    farmId: 'farm-1',
    fieldId: 'field-1',
    outputId: 'output-1',
    fromMs: farm.clock.now(),
    minutes: 2,
    state: 'due',
    reason: toJson({ key: 'birds-on', params: {} }),
    commandId: null,
    ranMs: null,
    endReason: null,
    ...changes,
  }
  await farm.state.insertInto('auxOutputRun').values(row).execute()
  await tell()
}
async function tell(): Promise<void> {
  const event = JSON.stringify({ event: 'plan', atMs: farm.clock.now(), id: 'plan:outputs' })
  await farm.bus.publish(internalTopic(ORG, 'event'), event, { qos: 1, retain: false })
  await farm.settle()
}
const turn = (id = 'turn-1') =>
  farm.state.selectFrom('auxOutputRun').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const set = (changes: Partial<AuxOutputRow>) => farm.state.updateTable('auxOutput').set(changes).execute()

describe('a siren that a person has opted in', () => {
  it('sounds for its two minutes, and is logged as a command of the person', async () => {
    await addOutput()
    await addTurn()
    expect(farm.controller.isOpen('S1')).toBe(true)
    await farm.pass(3 * MINUTE)
    expect(farm.controller.isOpen('S1')).toBe(false)
    expect(farm.controller.openMs('S1')).toBe(2 * MINUTE)
    expect(await turn()).toMatchObject({ state: 'done', ranMs: 2 * MINUTE, endReason: 'timer' })
    const [order] = await farm.state.selectFrom('command').selectAll().execute()
    expect(order).toMatchObject({ actor: 'user-sato', reason: 'output', runId: null, durMs: 2 * MINUTE })
    expect(await farm.state.selectFrom('irrigation').selectAll().execute()).toEqual([])
    const audit = await farm.state.selectFrom('audit').select(['action', 'actor']).execute()
    expect(audit).toContainEqual({ action: 'command-done', actor: 'user-sato' })
    expect(farm.dispatch().incidents()).toEqual({})
  })

  it('is silent within a second after it is switched off', async () => {
    await addOutput()
    await addTurn()
    await farm.pass(20_000)
    await set({ isOn: 0 })
    await tell()
    await farm.pass(1_000)
    expect(farm.controller.isOpen('S1')).toBe(false)
    await farm.pass(10_000)
    expect((await turn()).state).toBe('done')
  })

  it('is silent when its rule no longer applies, and the log has the reason', async () => {
    await addOutput()
    await addTurn()
    await farm.pass(20_000)
    await farm.state.updateTable('auxOutputRun').set({ state: 'ending', endReason: 'birds-night' }).execute()
    await tell()
    await farm.pass(1_000)
    expect(farm.controller.isOpen('S1')).toBe(false)
    await farm.pass(10_000)
    expect(await turn()).toMatchObject({ state: 'done', endReason: 'birds-night' })
  })

  it('is silent with its lease when the server is down', async () => {
    await addOutput({ onMinutes: 3 })
    await addTurn({ minutes: 3 })
    await farm.stopDispatch()
    await farm.pass(3 * MINUTE)
    expect(farm.controller.openMs('S1')).toBeLessThanOrEqual(121_000)
  })

  it('is stopped by a server that restarts after it was switched off', async () => {
    await addOutput()
    await addTurn()
    await farm.stopDispatch()
    await set({ isOn: 0 })
    await farm.startDispatch()
    await farm.pass(15_000)
    expect(farm.controller.isOpen('S1')).toBe(false)
  })

  it('is silenced by STOP, and stays silent for an hour', async () => {
    await addOutput()
    await addTurn()
    await farm.ask({ kind: 'stop-all', zoneId: null })
    expect(farm.controller.isOpen('S1')).toBe(false)
    await farm.pass(10_000)
    await addTurn({ id: 'turn-2' })
    expect(await turn('turn-2')).toMatchObject({ state: 'skipped', endReason: 'paused' })
    const { pausedUntilMs } = await farm.state.selectFrom('auxOutput').selectAll().executeTakeFirstOrThrow()
    expect(pausedUntilMs! - farm.clock.now()).toBe(60 * MINUTE - 10_000)
    await set({ pausedUntilMs: farm.clock.now() })
    await addTurn({ id: 'turn-3' })
    expect(farm.controller.isOpen('S1')).toBe(true)
  })

  it('sounds during a run of water, and neither delays the other', async () => {
    await addOutput()
    await farm.addRun()
    await addTurn()
    expect([farm.controller.isOpen('V1'), farm.controller.isOpen('S1')]).toEqual([true, true])
    await farm.pass(11 * MINUTE)
    expect((await farm.run()).state).toBe('done')
    expect((await turn()).state).toBe('done')
  })
})

describe('an output that is not switched', () => {
  const refusals: [string, Partial<AuxOutputRow>, string][] = [
    ['what nobody has opted in', { isOn: 0 }, 'off'],
    ['out of its hours', { hours: toJson([{ fromMin: 600, toMin: 700 }]) }, 'outside-hours'],
    ['in quiet hours', { quietHours: toJson({ fromMin: 19 * 60, toMin: 7 * 60 }) }, 'quiet'],
    ['more than its day allows', { maxDailyMinutes: 1 }, 'day-limit'],
    ['an output that the controller does not have', { valve: 'S9' }, 'no-valve'],
    ['a fan that its controller calls a siren', { kind: 'fan' }, 'not-auxiliary'],
    ['what no list of harmless kinds knows', { kind: 'sprayer' as never }, 'not-auxiliary'],
    ['a valve of water, by the controller’s own word', { valve: 'V3' }, 'not-auxiliary'],
    ['the valve of a zone', { valve: 'V1' }, 'not-auxiliary'],
  ]
  it.each(refusals)('%s', async (_, changes, reason) => {
    await farm.stop()
    farm = await startFarm({ profile: { valves: [...profile.valves, { id: 'V3', ratedLpm: 50 }] } })
    await farm.controller.connect()
    await farm.settle()
    await addOutput(changes)
    await addTurn()
    await farm.pass(MINUTE)
    expect(farm.controller.commands().filter(({ op }) => op === 'open')).toEqual([])
    expect(await turn()).toMatchObject({ state: 'skipped', endReason: reason, commandId: null })
  })

  it('a run whose controller is unreachable for five minutes', async () => {
    await farm.controller.unplug()
    await farm.pass(MINUTE)
    await addOutput()
    await addTurn()
    await farm.pass(5 * MINUTE)
    expect((await turn()).state).toBe('due')
    await farm.pass(10_000)
    expect(await turn()).toMatchObject({ state: 'skipped', endReason: 'controller-offline' })
  })

  it('a siren for a zone that names it as its valve', async () => {
    await farm.state.updateTable('zone').set({ valve: 'S1' }).where('id', '=', zone.id).execute()
    await farm.addRun()
    await farm.pass(16 * MINUTE)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'no-valve' })
    expect(farm.controller.openMs('S1')).toBe(0)
  })
})

it('irrigation does not wait when outputs cannot be read', async () => {
  await farm.state.schema.dropTable('auxOutputRun').execute()
  await farm.addRun()
  expect(farm.controller.isOpen('V1')).toBe(true)
})
