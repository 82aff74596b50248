/** Faults that a person clears: a controller's fault remotely, and the lock of a valve that failed three times. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyAudit } from '../../../../services/audit/audit-log.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG } from '../farm-rows.ts'

const MINUTE = 60_000
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

const openAlerts = async () =>
  (await farm.state.selectFrom('alert').select('cause').where('clearedMs', 'is', null).execute()).map(
    ({ cause }) => cause,
  )
const audited = async (action: string) =>
  farm.state.selectFrom('audit').select(['actor', 'detail']).where('action', '=', action).execute()
const clear = () => farm.ask({ kind: 'clear-fault', zoneId: null, deviceId: CONTROLLER })

/** A pipe without water: the controller shuts and latches. */
async function latchFault(): Promise<void> {
  await farm.controller.connect()
  farm.controller.breakFlow(0)
  await farm.addRun()
  await farm.pass(3 * MINUTE)
  expect(farm.controller.device().flash.fault).toBe('no-flow')
}

describe('clearing a fault remotely', () => {
  it('is sent to the controller, audited with the person, and clears the alert', async () => {
    await latchFault()
    expect(await openAlerts()).toContain('valve-fault')
    expect((await clear()).state).toBe('accepted')
    await farm.settle()
    expect(farm.controller.device().flash.fault).toBeNull()
    expect(await openAlerts()).not.toContain('valve-fault')
    const [line] = await audited('fault-cleared')
    expect(line).toMatchObject({ actor: 'user-sato', detail: expect.stringContaining('"faultNo":1') })
  })

  it('is sent again until the controller responds', async () => {
    await latchFault()
    farm.controller.isDeaf(true)
    await clear()
    await farm.pass(12_000)
    expect(farm.controller.device().flash.fault).toBe('no-flow')
    farm.controller.isDeaf(false)
    await farm.pass(10_000)
    expect(farm.controller.device().flash.fault).toBeNull()
    const clears = () => farm.controller.commands().filter(({ op }) => op === 'clear').length
    const sent = clears()
    await farm.pass(5 * MINUTE)
    expect(clears()).toBe(sent)
  })

  it('that arrives late does not clear the next fault', async () => {
    await latchFault()
    farm.controller.isDeaf(true)
    await clear()
    await farm.pass(6_000)
    // meanwhile somebody cleared it at the device, and it latched again
    farm.controller.clearFault()
    farm.controller.isDeaf(false)
    await farm.settle()
    expect(await farm.ask({ minutes: 5 })).toMatchObject({ state: 'accepted' })
    await farm.pass(4 * MINUTE)
    expect(farm.controller.device().flash).toMatchObject({ fault: 'no-flow', faultNo: 2 })
    await farm.pass(10 * MINUTE)
    expect(farm.controller.device().flash.fault).toBe('no-flow')
  })

  it('is refused without a fault, without a connection, or without such a controller', async () => {
    await farm.controller.connect()
    await farm.pass(MINUTE)
    expect((await clear()).reason).toBe('no-fault')
    await farm.controller.unplug()
    await farm.pass(MINUTE)
    expect((await clear()).reason).toBe('controller-offline')
    const other = await farm.ask({ kind: 'clear-fault', zoneId: null, deviceId: 'another' })
    expect(other.reason).toBe('not-found')
  })
})

describe('a valve that failed three times', () => {
  beforeEach(async () => {
    await farm.controller.connect()
    farm.controller.breakFlow(0)
    for (let time = 0; time < 3; time++) {
      await farm.addRun()
      await farm.pass(3 * MINUTE)
      farm.controller.clearFault()
      await farm.settle()
    }
    farm.controller.breakFlow(null)
    expect(await openAlerts()).toContain('valve-locked-out')
  })

  it('stays locked for the plan, however long it waits, until a person clears the lockout', async () => {
    await farm.pass(40 * MINUTE)
    await farm.addRun()
    await farm.pass(MINUTE)
    expect(await farm.run('run-4')).toMatchObject({ state: 'skipped', endReason: 'locked-out' })
    expect((await farm.ask({ kind: 'unlock' })).state).toBe('accepted')
    expect(await openAlerts()).not.toContain('valve-locked-out')
    expect(await audited('valve-unlocked')).toMatchObject([{ actor: 'user-sato' }])
    await farm.addRun()
    await farm.pass(MINUTE)
    expect(farm.controller.isOpen()).toBe(true)
  })

  it('is locked again by three more failures, not by one', async () => {
    await farm.ask({ kind: 'unlock' })
    farm.controller.breakFlow(0)
    for (let time = 0; time < 3; time++) {
      expect(await openAlerts()).not.toContain('valve-locked-out')
      await farm.addRun()
      await farm.pass(3 * MINUTE)
      farm.controller.clearFault()
      await farm.settle()
    }
    expect(await openAlerts()).toContain('valve-locked-out')
  })

  it('and the audit of everything is intact', async () => {
    await farm.ask({ kind: 'unlock' })
    const verdict = await verifyAudit(farm.state, ORG)
    expect(verdict.broken).toBeNull()
    expect(verdict.lines).toBeGreaterThan(6)
  })
})
