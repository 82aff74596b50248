/** The users of an external broker follow the devices in the store, whatever happens at the broker. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import {
  startBrokerUsers,
  type BrokerUsersKeeper,
} from '../../../services/broker-users/start-broker-users.ts'
import type { OpenState } from '../../../services/adapters/state.ts'
import type { BrokerUser, BrokerUsers } from '../../../services/ports/broker-users.ts'
import type { DeviceRow } from '../../../services/tables.ts'
import { silent } from '../../broker/rig.ts'
import { openTestState } from '../../support/state.ts'

let store: OpenState
let clock: VirtualClock
let keeper: BrokerUsersKeeper
let there: Map<string, BrokerUser>
let isAway: boolean

/** The broker: what it has, or nothing while it is away. */
const broker: BrokerUsers = {
  async put(users) {
    if (isAway) throw new Error('away')
    for (const user of users) there.set(user.id, user)
    return []
  },
  async remove(ids) {
    if (isAway) throw new Error('away')
    for (const id of ids) there.delete(id)
  },
  async list() {
    if (isAway) throw new Error('away')
    return [...there.values()]
  },
}

const device = (id: string, row: Partial<DeviceRow> = {}): DeviceRow => ({
  id,
  org: 'coop',
  farmId: null,
  fieldId: null,
  kind: 'probe',
  name: id,
  secretHash: 'x',
  previousSecretHash: null,
  brokerHash: `hash of ${id}`,
  commandKey: null,
  windHeightM: null,
  everyS: 600,
  counterModulus: null,
  calibration: null,
  batteryLowV: null,
  createdAtMs: 0,
  revokedAtMs: null,
  lastSeenMs: null,
  batteryV: null,
  ...row,
})
const add = (...rows: DeviceRow[]) => store.state.insertInto('device').values(rows).execute()
const revoke = (id: string) =>
  store.state.updateTable('device').set({ revokedAtMs: 1 }).where('id', '=', id).execute()
const start = () => (keeper = startBrokerUsers({ state: store.state, users: broker, clock, log: silent }))
const untilThere = (...ids: string[]) => vi.waitFor(() => expect([...there.keys()].sort()).toEqual(ids))

beforeEach(async () => {
  store = await openTestState()
  clock = virtualClock(0)
  there = new Map()
  isAway = false
})
afterEach(async () => {
  await keeper.stop()
  await store.close()
})

it('at the start: every device with a secret, without those that are revoked, of another make, or gone', async () => {
  there.set('erased', { id: 'erased', org: 'coop', hash: 'h', isRotated: false })
  await add(
    device('probe1'),
    device('probe2', { previousSecretHash: 'y' }),
    device('revoked', { revokedAtMs: 1 }),
    device('zigbee', { brokerHash: null }),
  )
  start()
  await untilThere('probe1', 'probe2')
  expect(there.get('probe2')).toEqual({ id: 'probe2', org: 'coop', hash: 'hash of probe2', isRotated: true })
  await vi.waitFor(() => expect(keeper.counters()).toEqual({ added: 2, removed: 1, failures: 0 }))
})

it('a change is sent at once', async () => {
  await add(device('probe1'))
  start()
  await untilThere('probe1')
  await add(device('probe2'))
  await keeper.deviceChanged('probe2')
  await revoke('probe1')
  await keeper.deviceChanged('probe1')
  expect([...there.keys()]).toEqual(['probe2'])
})

it('a change that the broker did not take is repeated until it does', async () => {
  await add(device('probe1'))
  start()
  await untilThere('probe1')
  isAway = true
  await revoke('probe1')
  await keeper.deviceChanged('probe1')
  expect([...there.keys()]).toEqual(['probe1'])
  await vi.waitFor(() => expect(keeper.counters().failures).toBeGreaterThan(1))
  isAway = false
  await vi.waitFor(async () => {
    await clock.advanceTo(clock.now() + 1_000)
    expect(there.size).toBe(0)
  })
})

it('every ten minutes both lists are compared: what a person has changed at the broker is undone', async () => {
  await add(device('probe1'), device('probe2'))
  start()
  await untilThere('probe1', 'probe2')
  await vi.waitFor(() => expect(keeper.counters().added).toBe(2))
  there.delete('probe1')
  there.set('probe2', { ...there.get('probe2')!, hash: 'another' })
  await vi.waitFor(async () => {
    await clock.advanceTo(clock.now() + 10 * MINUTE_MS)
    expect(there.get('probe1')?.hash).toBe('hash of probe1')
    expect(there.get('probe2')?.hash).toBe('hash of probe2')
  })
})
