/** Heartbeats are written together, and stay in memory until they are written. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createValveStateStore } from '../../../../services/dispatch/controllers/valve-state.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG } from '../farm-rows.ts'

let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

const heartbeatMs = async () =>
  (await farm.state.selectFrom('valveState').select('heartbeatAtMs').executeTakeFirstOrThrow()).heartbeatAtMs

it('a heartbeat that could not be written is written by the next flush', async () => {
  await farm.state
    .insertInto('valveState')
    .values({
      deviceId: CONTROLLER,
      valve: 'V1',
      org: ORG,
      pos: 'closed',
      feedback: null,
      seq: 0,
      ranMs: 0,
      litres: null,
      why: 'boot',
      sess: 's',
      reportedAtMs: 1_000,
      heartbeatAtMs: 1_000,
      boundMs: null,
      capMs: 60_000,
      isTimed: 0,
      kind: null,
    })
    .execute()
  const store = createValveStateStore({ state: farm.state })
  store.noteHeartbeat(ORG, CONTROLLER, 5_000)
  const repair = await farm.breakTable('valve_state', ['update'])
  await expect(store.flush()).rejects.toThrow()
  expect(store.oldestHeartbeatMs()).toBe(5_000)
  await repair()
  await store.flush()
  expect(await heartbeatMs()).toBe(5_000)
  expect(store.oldestHeartbeatMs()).toBe(null)
})
