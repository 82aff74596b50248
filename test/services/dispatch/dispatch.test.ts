import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startFarm, type Farm } from './farm.ts'

const MINUTE = 60_000
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

const commands = () => farm.state.selectFrom('command').selectAll().orderBy('seq').execute()
const irrigations = () => farm.state.selectFrom('irrigation').selectAll().orderBy('commandedAtMs').execute()
const alerts = () => farm.state.selectFrom('alert').selectAll().where('clearedMs', 'is', null).execute()
const valveRow = (valve = 'V1') =>
  farm.state.selectFrom('valveState').selectAll().where('valve', '=', valve).executeTakeFirst()

describe('a planned run', () => {
  it('opens at its time, runs its ten minutes, and is recorded as metered', async () => {
    await farm.controller.connect()
    await farm.addRun({ startMs: farm.clock.now() + 2 * MINUTE })
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(false)
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(true)
    expect((await farm.run()).state).toBe('running')
    expect(await valveRow()).toMatchObject({ pos: 'open', seq: 1 })
    await farm.pass(10 * MINUTE)

    expect(farm.controller.openMs()).toBe(10 * MINUTE)
    expect(await farm.run()).toMatchObject({ state: 'done', endReason: 'timer' })
    const [record] = await irrigations()
    expect(record).toMatchObject({
      commandedMinutes: 10,
      ranMs: 10 * MINUTE,
      volumeSource: 'metered',
      endReason: 'timer',
      failure: null,
      actor: 'plan:p7',
    })
    // 50 L/min x 10 min on 500 m2 is 1 mm, of which 0.8 reach the roots
    expect(record!.litres).toBeCloseTo(500, 6)
    expect(record!.grossMm).toBeCloseTo(1, 6)
    expect(record!.netMm).toBeCloseTo(0.8, 6)
    expect(await valveRow()).toMatchObject({ pos: 'closed', boundMs: null })
    expect(await alerts()).toEqual([])
    // stored here, so the controller may forget it
    expect(farm.controller.device().flash.journal).toEqual([])
  })

  it('the plan may be a version ahead: a run that was cancelled meanwhile does not open', async () => {
    await farm.controller.connect()
    await farm.addRun({ startMs: farm.clock.now() + 2 * MINUTE })
    await farm.state.updateTable('run').set({ state: 'cancelled' }).execute()
    await farm.pass(5 * MINUTE)
    expect(farm.controller.commands()).toEqual([])
  })

  it('waits for an unreachable controller, and opens at its hello', async () => {
    await farm.addRun()
    await farm.pass(5 * MINUTE)
    expect((await farm.run()).state).toBe('approved')
    await farm.controller.connect()
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(true)
  })

  it('a window missed by more than 15 minutes is skipped with its reason', async () => {
    await farm.addRun()
    await farm.pass(16 * MINUTE)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'controller-offline' })
    await farm.controller.connect()
    await farm.pass(2 * MINUTE)
    expect(farm.controller.commands()).toEqual([])
    expect(await commands()).toEqual([])
  })

  it('without a meter the litres are rate x time and marked as such', async () => {
    await farm.stop()
    farm = await startFarm({ profile: { litresPerPulse: null } })
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(11 * MINUTE)
    const [record] = await irrigations()
    expect(record).toMatchObject({ volumeSource: 'rate', litres: 500, grossMm: 1, ranMs: 10 * MINUTE })
  })
})

describe('a run longer than the controller allows', () => {
  it('is continued by a second command until the dose is reached, and not beyond', async () => {
    await farm.stop()
    farm = await startFarm({ profile: { capMs: 6 * MINUTE } })
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(12 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
    expect((await commands()).map(({ durMs }) => durMs)).toEqual([6 * MINUTE, 4 * MINUTE])
    expect(await farm.run()).toMatchObject({ state: 'done' })
  })
})

describe('the report of a controller', () => {
  it('its own cap is stored with each valve, and follows the device', async () => {
    await farm.controller.connect()
    await farm.pass(MINUTE)
    expect(await valveRow()).toMatchObject({ capMs: 120 * MINUTE })
    await farm.stop()
    farm = await startFarm({ profile: { capMs: 6 * MINUTE } })
    await farm.controller.connect()
    await farm.pass(MINUTE)
    expect(await valveRow('V2')).toMatchObject({ capMs: 6 * MINUTE })
  })

  it('a latched fault raises an alert for every field it waters, until it is cleared at the device', async () => {
    await farm.controller.connect()
    farm.controller.breakFlow(0)
    await farm.addRun()
    await farm.pass(3 * MINUTE)
    expect(await alerts()).toMatchObject([
      { cause: 'valve-fault', deviceId: 'controller-1', params: '{"valve":null,"fault":"no-flow"}' },
    ])
    const told = () => farm.heardEvents().filter(({ event }) => event === 'alert')
    expect(told()).toMatchObject([{ fields: ['field-1', 'field-2'] }])
    expect((await farm.ask({ minutes: 5 })).reason).toBe('valve-fault')
    farm.controller.clearFault()
    await farm.settle()
    expect(await alerts()).toEqual([])
    expect(told()).toHaveLength(2)
  })
})

describe('a zone that takes more than its pump delivers', () => {
  it('is not opened by the plan, with the reason; a person may open it, alone', async () => {
    await farm.state.updateTable('pump').set({ capacityLpm: 40 }).execute()
    await farm.controller.connect()
    await farm.pass(MINUTE)
    await farm.addRun()
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'pump-too-small' })
    expect(farm.controller.isOpen()).toBe(false)
    expect((await farm.ask({ minutes: 5 })).state).toBe('accepted')
    expect(farm.controller.isOpen()).toBe(true)
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-2' })).reason).toBe('pump-full')
  })

  it('a pump without a row delivers nothing to the plan', async () => {
    await farm.state.deleteFrom('pump').execute()
    await farm.controller.connect()
    await farm.pass(MINUTE)
    await farm.addRun()
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: 'pump-too-small' })
  })
})

describe('a person', () => {
  it('starts a valve, always with a duration (U12)', async () => {
    await farm.controller.connect()
    await farm.pass(MINUTE)
    const request = await farm.ask({ minutes: 5 })
    expect(request).toMatchObject({ state: 'accepted', reason: null })
    expect(farm.controller.isOpen()).toBe(true)
    expect(await farm.run(request.resultId!)).toMatchObject({
      cause: 'manual',
      actor: 'user-sato',
      minutes: 5,
    })
    await farm.pass(6 * MINUTE)
    expect(farm.controller.openMs()).toBe(5 * MINUTE)
    expect((await commands())[0]).toMatchObject({ actor: 'user-sato', requestId: request.id, state: 'done' })
  })

  it('gets the reason when a valve is not opened', async () => {
    expect((await farm.ask({ minutes: 5 })).reason).toBe('controller-offline')
    await farm.controller.connect()
    await farm.pass(MINUTE)
    expect((await farm.ask({ minutes: null })).reason).toBe('duration-missing')
    expect((await farm.ask({ minutes: 999 })).reason).toBe('too-long')
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-9' })).reason).toBe('not-found')
    expect((await farm.ask({ minutes: 5, org: 'other-coop' })).reason).toBe('not-found')
    await farm.ask({ minutes: 5 })
    expect((await farm.ask({ minutes: 5 })).reason).toBe('valve-busy')
    await farm.state.updateTable('pump').set({ capacityLpm: 60 }).execute()
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-2' })).reason).toBe('pump-full')
    await farm.state
      .updateTable('zone')
      .set({ pausedUntilMs: farm.clock.now() + MINUTE })
      .execute()
    expect((await farm.ask({ minutes: 5, zoneId: 'zone-2' })).reason).toBe('paused')
    expect((await farm.ask({ minutes: 5, atMs: farm.clock.now() - 10 * MINUTE })).reason).toBe('expired')
  })

  it('STOP closes the valve, cancels runs within the hour, and leaves tomorrow (U11)', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.addRun({ startMs: farm.clock.now() + 30 * MINUTE })
    await farm.addRun({ startMs: farm.clock.now() + 20 * 60 * MINUTE })
    await farm.pass(3 * MINUTE)
    const request = await farm.ask({ kind: 'stop' })
    expect(request.state).toBe('accepted')
    expect(farm.controller.isOpen()).toBe(false)
    await farm.pass(40 * MINUTE)
    expect(farm.controller.openMs()).toBe(3 * MINUTE)
    expect((await commands())[0]).toMatchObject({ state: 'aborted', outcome: 'command', ranMs: 3 * MINUTE })
    expect(await farm.run('run-1')).toMatchObject({ state: 'done', endReason: 'command' })
    expect(await farm.run('run-2')).toMatchObject({ state: 'cancelled', endReason: 'stopped' })
    expect(await farm.run('run-3')).toMatchObject({ state: 'approved' })
    expect((await irrigations())[0]).toMatchObject({ failure: null, ranMs: 3 * MINUTE })
  })

  it('STOP is retried for ten minutes when the controller does not respond', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(2 * MINUTE)
    farm.controller.isDeaf(true)
    await farm.ask({ kind: 'stop' })
    await farm.pass(10_000)
    farm.controller.isDeaf(false)
    await farm.pass(10_000)
    expect(farm.controller.isOpen()).toBe(false)
    expect((await commands())[0]).toMatchObject({ state: 'aborted' })
  })

  it('the emergency stop closes every valve of every controller', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.addRun({ zoneId: 'zone-2', fieldId: 'field-2' })
    await farm.pass(MINUTE)
    expect([farm.controller.isOpen('V1'), farm.controller.isOpen('V2')]).toEqual([true, true])
    expect((await farm.ask({ kind: 'stop-all', zoneId: null })).state).toBe('accepted')
    expect([farm.controller.isOpen('V1'), farm.controller.isOpen('V2')]).toEqual([false, false])
    await farm.pass(MINUTE)
    expect((await commands()).filter(({ op }) => op === 'open').map(({ state }) => state)).toEqual([
      'aborted',
      'aborted',
    ])
  })

  it('approves a proposal, and it opens; skips another, and it does not', async () => {
    await farm.state.updateTable('zone').set({ mode: 'approve' }).execute()
    await farm.controller.connect()
    await farm.addRun({ state: 'proposed', startMs: farm.clock.now() + MINUTE })
    await farm.addRun({ state: 'proposed', zoneId: 'zone-2', startMs: farm.clock.now() + MINUTE })
    expect((await farm.ask({ kind: 'approve', runId: 'run-1' })).state).toBe('accepted')
    expect((await farm.ask({ kind: 'skip-run', runId: 'run-2' })).state).toBe('accepted')
    await farm.pass(2 * MINUTE)
    expect(farm.controller.isOpen('V1')).toBe(true)
    expect(farm.controller.isOpen('V2')).toBe(false)
    expect(await farm.run('run-1')).toMatchObject({ approvedBy: 'user-sato' })
    expect(await farm.run('run-2')).toMatchObject({ state: 'cancelled', endReason: 'by-person' })
    expect((await farm.ask({ kind: 'skip-run', runId: 'run-1' })).reason).toBe('already-running')
  })

  it('a request that was written while dispatch was down is executed at its start', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(MINUTE)
    await farm.stopDispatch()
    await farm.ask({ kind: 'stop' })
    expect(farm.controller.isOpen()).toBe(true)
    await farm.startDispatch()
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(false)
  })
})

describe('interlocks', () => {
  it.each([
    ['a zone that only gets advice', { mode: 'advise' as const }, 'zone-mode'],
    ['a proposal without approval', { mode: 'approve' as const }, 'zone-mode'],
    ['a paused zone', { pausedUntilMs: 9e12 }, 'paused'],
    ['a zone whose daily water is used up', { dailyMaxLitres: 499 }, 'daily-limit'],
    ['a zone without a valve', { valve: null }, 'no-valve'],
  ])('%s is not watered by the plan', async (_, changes, why) => {
    await farm.controller.connect()
    await farm.state.updateTable('zone').set(changes).execute()
    await farm.addRun()
    await farm.pass(MINUTE)
    expect(await farm.run()).toMatchObject({ state: 'skipped', endReason: why })
    expect(farm.controller.isOpen()).toBe(false)
  })

  it('two zones that exceed the pump run one after the other', async () => {
    await farm.state.updateTable('pump').set({ capacityLpm: 60 }).execute()
    await farm.controller.connect()
    await farm.addRun()
    await farm.addRun({ zoneId: 'zone-2', fieldId: 'field-2' })
    await farm.pass(MINUTE)
    expect([farm.controller.isOpen('V1'), farm.controller.isOpen('V2')]).toEqual([true, false])
    await farm.pass(10 * MINUTE)
    expect([farm.controller.isOpen('V1'), farm.controller.isOpen('V2')]).toEqual([false, true])
    await farm.pass(10 * MINUTE)
    expect(farm.controller.openMs('V2')).toBe(10 * MINUTE)
  })

  it('water used today counts against the daily limit', async () => {
    await farm.state.updateTable('zone').set({ dailyMaxLitres: 900 }).execute()
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(11 * MINUTE)
    await farm.addRun()
    await farm.pass(MINUTE)
    expect(await farm.run('run-2')).toMatchObject({ state: 'skipped', endReason: 'daily-limit' })
  })
})

describe('when something breaks', () => {
  it('lost acks: the state reports the same, and the record is exact', async () => {
    await farm.controller.connect()
    farm.controller.swallowAcks(true)
    await farm.addRun()
    await farm.pass(12 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
    expect((await commands()).map(({ state }) => state)).toEqual(['done'])
    expect((await irrigations())[0]).toMatchObject({ ranMs: 10 * MINUTE, volumeSource: 'metered' })
  })

  it('an opening that never arrives is fenced after 90 s, and the run is retried with a new number', async () => {
    await farm.controller.connect()
    await farm.pass(MINUTE)
    farm.controller.isDeaf(true)
    await farm.addRun()
    await farm.pass(100_000)
    expect((await commands())[0]).toMatchObject({ state: 'fencing' })
    expect(await alerts()).toMatchObject([{ cause: 'valve-unconfirmed' }])
    farm.controller.isDeaf(false)
    await farm.pass(12 * MINUTE)
    const orders = await commands()
    expect(orders.map(({ op, state }) => [op, state])).toEqual([
      ['open', 'resolved'],
      ['close', 'done'],
      ['open', 'done'],
    ])
    expect(new Set(orders.map(({ seq }) => seq)).size).toBe(3)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
    expect(await alerts()).toEqual([])
  })

  it('the network fails for five minutes: the valve closes with the lease, the rest of the dose follows', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(3 * MINUTE)
    await farm.controller.unplug()
    await farm.pass(2 * MINUTE)
    expect(farm.controller.isOpen()).toBe(false)
    expect((await commands())[0]).toMatchObject({ state: 'unknown' })
    expect(await alerts()).toMatchObject([{ cause: 'valve-unconfirmed' }])
    expect((await valveRow())!.boundMs).toBeGreaterThan(farm.clock.now() - 5 * MINUTE)
    await farm.pass(3 * MINUTE)
    await farm.controller.connect()
    await farm.pass(10 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
    const records = await irrigations()
    expect(records.map(({ endReason }) => endReason)).toEqual(['lease', 'timer'])
    expect(records.reduce((sum, { litres }) => sum + litres!, 0)).toBeCloseTo(500, 6)
    expect(await farm.run()).toMatchObject({ state: 'done' })
    expect(await alerts()).toEqual([])
  })

  it('a power cut during a run: the whole command counts as run, the water as unknown, and nothing is watered twice', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(4 * MINUTE)
    await farm.controller.powerCut()
    await farm.pass(20 * MINUTE)
    expect(farm.controller.openMs()).toBeLessThanOrEqual(10 * MINUTE)
    const [record] = await irrigations()
    expect(record).toMatchObject({ endReason: 'power', volumeSource: 'unknown', litres: null, grossMm: null })
    expect(record!.ranMs).toBeGreaterThanOrEqual(4 * MINUTE)
    const total = (await irrigations()).reduce((sum, { ranMs }) => sum + ranMs, 0)
    expect(total).toBeLessThanOrEqual(10 * MINUTE)
  })

  it('a restart of the services while a valve is open: the run goes on, nothing is lost', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(3 * MINUTE)
    await farm.restart(20_000)
    await farm.pass(9 * MINUTE)
    expect(farm.controller.openMs()).toBe(10 * MINUTE)
    expect((await commands()).map(({ state, outcome }) => [state, outcome])).toEqual([['done', 'timer']])
    expect(await alerts()).toEqual([])
  })

  it('a restart while the controller is unreachable: its hello settles the run', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(MINUTE)
    await farm.controller.unplug()
    await farm.restart(4 * MINUTE)
    await farm.controller.connect()
    await farm.pass(30_000)
    expect((await commands())[0]).toMatchObject({ state: 'aborted', outcome: 'lease' })
  })

  it('a restart while a valve was open and its controller stays unreachable: an alert is raised, and the command ends', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(MINUTE)
    await farm.controller.unplug()
    await farm.restart(MINUTE)
    await farm.pass(30_000)
    expect(await alerts()).toEqual([])
    await farm.pass(MINUTE + 1_000)
    expect(await alerts()).toMatchObject([{ cause: 'valve-unconfirmed', fieldId: 'field-1' }])
    await farm.pass(15 * MINUTE)
    expect((await commands())[0]).toMatchObject({ state: 'resolved', ranMs: 10 * MINUTE })
    expect(await irrigations()).toMatchObject([{ volumeSource: 'unknown', litres: null }])
    // its hello corrects the record: what the controller knows replaces the bound
    await farm.controller.connect()
    await farm.pass(MINUTE)
    expect(await irrigations()).toMatchObject([{ volumeSource: 'metered', endReason: 'lease' }])
    expect((await irrigations())[0]!.ranMs).toBeLessThan(4 * MINUTE)
  })

  it('a state store restored from an old backup: numbers continue above those the controller has used', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(11 * MINUTE)
    await farm.stopDispatch()
    await farm.state.deleteFrom('command').execute()
    await farm.startDispatch()
    await farm.pass(MINUTE)
    await farm.addRun()
    await farm.pass(MINUTE)
    expect((await commands())[0]!.seq).toBe(2)
    expect(farm.controller.isOpen()).toBe(true)
  })

  it('three failures in a row lock the valve for the plan; a successful manual start unlocks it', async () => {
    await farm.controller.connect()
    farm.controller.breakFlow(0)
    for (let time = 0; time < 3; time++) {
      await farm.addRun()
      await farm.pass(3 * MINUTE)
      farm.controller.device().flash.fault = null
    }
    expect((await alerts()).map(({ cause }) => cause)).toContain('valve-locked-out')
    await farm.addRun()
    await farm.pass(MINUTE)
    expect(await farm.run('run-4')).toMatchObject({ state: 'skipped', endReason: 'locked-out' })
    farm.controller.breakFlow(null)
    expect((await farm.ask({ minutes: 2 })).state).toBe('accepted')
    await farm.pass(3 * MINUTE)
    expect((await alerts()).map(({ cause }) => cause)).not.toContain('valve-locked-out')
    await farm.addRun()
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(true)
  })

  it('a valve closed by hand: that is deliberate, not a failure, and it is not opened again', async () => {
    await farm.controller.connect()
    await farm.addRun()
    await farm.pass(3 * MINUTE)
    farm.controller.closeByHand()
    await farm.pass(20 * MINUTE)
    expect(farm.controller.openMs()).toBe(3 * MINUTE)
    expect(await farm.run()).toMatchObject({ state: 'done', endReason: 'local' })
  })
})
