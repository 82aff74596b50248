/** One opening and the messages about it, where the order of events matters. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import { loadValveAlerts } from '../../../../services/dispatch/alerts.ts'
import { OpenCommands, type DispatchState } from '../../../../services/dispatch/dispatch-state.ts'
import { newFlowState } from '../../../../services/dispatch/flow/flow-supervision.ts'
import { newMonitorState } from '../../../../services/dispatch/protocol-monitor/monitor.ts'
import { stopNotes } from '../../../../services/dispatch/requests/stop-notes.ts'
import { createOutbox } from '../../../../services/dispatch/outbox.ts'
import { findInterruptedRuns } from '../../../../services/dispatch/runs/run-end.ts'
import { steadyClock } from '../../../../services/dispatch/monotonic-clock.ts'
import { correctRecord } from '../../../../services/dispatch/runs/correct-record.ts'
import { loadOpenCommands, advanceCommand } from '../../../../services/dispatch/runs/supervise-run.ts'
import { createValveStateStore } from '../../../../services/dispatch/controllers/valve-state.ts'
import type { Logger } from '../../../../services/ports.ts'
import { toJson, type Json } from '../../../../services/tables.ts'
import { newConnection } from '../../../../services/dispatch/controllers/connections.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG } from '../farm-rows.ts'

const MINUTE = 60_000
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }
let farm: Farm
beforeEach(async () => void (farm = await startFarm()))
afterEach(() => farm.stop())

async function dispatchState(
  { state, bus, clock, journal }: Farm,
  log: Logger = silent,
): Promise<DispatchState> {
  const out = createOutbox({ bus, log })
  return {
    state,
    clock: steadyClock(clock),
    log,
    timing: standardTiming,
    outbox: out,
    alerts: await loadValveAlerts({ state, log, out }),
    valveStates: createValveStateStore({ state }),
    connections: new Map(),
    commandKeys: new Map(),
    refusedKinds: new Map(),
    openCommands: new OpenCommands(),
    dueRuns: new Map(),
    forcedCloses: new Map(),
    faultClears: new Map(),
    pendingStops: new Map(),
    stopNotes: stopNotes(journal, log),
    monitor: newMonitorState(),
    flow: newFlowState(),
    readRunsAtMs: Infinity,
    readRequestsAtMs: Infinity,
    checkOutputsAtMs: Infinity,
    skipNotifiedMs: new Map(),
  }
}

it('a server that was suspended receives a heartbeat first: commands ended by time are written, not only in memory', async () => {
  await farm.controller.connect()
  await farm.addRun()
  await farm.pass(MINUTE)
  expect(farm.controller.isOpen()).toBe(true)
  await farm.stopDispatch()
  const { state } = farm
  const dispatch = await dispatchState(farm)
  await loadOpenCommands(dispatch)
  const [live] = [...dispatch.openCommands.values()]
  expect(live!.lifecycle.state).toBe('unknown')
  // ten minutes of the run, and long enough after it that nobody waits for the device's word any more
  await farm.pass(15 * MINUTE)
  await advanceCommand(dispatch, live!, { type: 'leased' })

  const [command] = await state.selectFrom('command').selectAll().where('op', '=', 'open').execute()
  expect(command).toMatchObject({ state: 'resolved', outcome: 'unconfirmed' })
  expect(await state.selectFrom('irrigation').select('endReason').execute()).toEqual([
    { endReason: 'unconfirmed' },
  ])
  // the valve is free for the next order
  expect(dispatch.openCommands.size).toBe(0)
})

it('an open command and an alert that cannot be read do not stop the start; both are reported', async () => {
  await farm.controller.connect()
  await farm.addRun()
  await farm.pass(MINUTE)
  await farm.stopDispatch()
  const { state, clock } = farm
  await state
    .updateTable('command')
    .set({ lifecycle: toJson({ seq: 1 }) })
    .execute()
  await state
    .insertInto('alert')
    .values({
      id: 'unreadable',
      org: ORG,
      cause: 'valve-fault',
      severity: 'act',
      fieldId: null,
      deviceId: CONTROLLER,
      params: '[1' as Json<never>,
      sinceMs: clock.now(),
      clearedMs: null,
    })
    .execute()
  const reported: string[] = []
  const dispatch = await dispatchState(farm, {
    ...silent,
    error: (fields: object) => void reported.push((fields as { error: Error }).error.message),
  })
  await loadOpenCommands(dispatch)
  expect(dispatch.openCommands.size).toBe(0)
  expect(dispatch.alerts.activeAlerts('valve-fault')).toMatchObject([{ device: CONTROLLER, valve: null }])
  expect(reported).toEqual([
    expect.stringMatching(/^alert\.params: not JSON/),
    expect.stringMatching(/^command\.lifecycle/),
  ])
})

it('consequences of a heartbeat are written before they are sent: the number of a fence is in the store', async () => {
  await farm.controller.connect()
  await farm.addRun()
  await farm.pass(MINUTE)
  await farm.stopDispatch()
  const { state, clock } = farm
  const dispatch = await dispatchState(farm)
  await loadOpenCommands(dispatch)
  const [live] = [...dispatch.openCommands.values()]
  // the device is back but does not report the opening: it is fenced after 60 s for its state and 30 s more
  await farm.pass(91_000)
  dispatch.connections.set(live!.row.deviceId, {
    ...newConnection(ORG, live!.row.deviceId),
    sess: 'b2.c1',
    heartbeat: { sess: 'b2.c1', n: 1, monoMs: 5_000, receivedAtMs: clock.now() },
    state: {
      v: 1,
      sess: 'b2.c1',
      sv: 1,
      monoMs: 1_000,
      last: {},
      valves: [],
      jr: [],
      capMs: 1,
      fw: 't',
      utcOk: false,
    },
  })
  await advanceCommand(dispatch, live!, { type: 'leased' })

  const orders = await state
    .selectFrom('command')
    .select(['op', 'state', 'seq', 'lifecycle'])
    .orderBy('seq')
    .execute()
  expect(orders).toMatchObject([
    { op: 'open', state: 'fencing', seq: 1 },
    { op: 'close', state: 'sent', seq: 2 },
  ])
  expect(JSON.parse(orders[0]!.lifecycle)).toMatchObject({ closeSeq: 2, closeSentAtMs: clock.now() })
  await dispatch.outbox.settled()
})

it('a record with more than the bound leaves less of the run, and nothing when the dose is complete', async () => {
  await farm.controller.connect()
  await farm.addRun()
  await farm.pass(3 * MINUTE)
  await farm.controller.unplug()
  await farm.pass(9 * MINUTE)
  await farm.stopDispatch()
  const { state, clock } = farm
  const dispatch = await dispatchState(farm)
  for (const due of await findInterruptedRuns(state, clock.now(), standardTiming.missedWindowMs))
    dispatch.dueRuns.set(due.run.id, due)
  // three minutes and a lease of two are the most that it can have run, as far as is known here
  expect(dispatch.dueRuns.get('run-1')!.doseMs).toBeGreaterThanOrEqual(4.9 * MINUTE)
  await correctRecord(dispatch, CONTROLLER, {
    valve: 'V1',
    seq: 1,
    ranMs: 10 * MINUTE,
    litres: 500,
    why: 'timer',
  })
  expect(dispatch.dueRuns.size).toBe(0)
  expect(await farm.run()).toMatchObject({ state: 'done', endReason: 'timer' })
  expect(await state.selectFrom('irrigation').select(['ranMs', 'litres']).execute()).toEqual([
    { ranMs: 10 * MINUTE, litres: 500 },
  ])
})

it('a voided run stays voided when its controller reports more of it; a confirmed bound is a draft again', async () => {
  await farm.controller.connect()
  await farm.addRun()
  await farm.pass(3 * MINUTE)
  await farm.controller.unplug()
  await farm.pass(9 * MINUTE)
  await farm.stopDispatch()
  const { state, clock } = farm
  const voided = { voidedBy: 'sato', voidedAtMs: clock.now(), voidReason: 'another zone' }
  await state
    .updateTable('irrigation')
    .set({ ...voided, confirmedBy: 'sato', confirmedAtMs: clock.now() })
    .execute()
  // water that a person wrote down has no order, and no report of a controller changes it
  const run = await state.selectFrom('irrigation').selectAll().executeTakeFirstOrThrow()
  const byHand = {
    ...run,
    id: 'hand-1',
    runId: 'hand-1',
    commandId: 'hand-1',
    cause: 'manual-entry',
    litres: 70,
  }
  await state.insertInto('irrigation').values(byHand).execute()
  await correctRecord(await dispatchState(farm), CONTROLLER, {
    valve: 'V1',
    seq: 1,
    ranMs: 4 * MINUTE,
    litres: 200,
    why: 'lease',
  })
  expect(await state.selectFrom('irrigation').selectAll().orderBy('id').execute()).toMatchObject([
    byHand,
    { id: run.id, ranMs: 4 * MINUTE, litres: 200, ...voided, confirmedBy: null, confirmedAtMs: null },
  ])
})

it('a controller without leases runs its whole duration unseen, and nothing is watered twice', async () => {
  await farm.stop()
  farm = await startFarm({ profile: { kind: 'timed', capMs: 30 * MINUTE, litresPerPulse: null } })
  await farm.controller.connect()
  await farm.addRun()
  await farm.pass(3 * MINUTE)
  await farm.controller.unplug()
  await farm.pass(11 * MINUTE)
  expect(farm.controller.openMs()).toBe(10 * MINUTE)
  // its end was not received: its duration is the longest possible run time
  const opened = () =>
    farm.state.selectFrom('command').select(['state', 'ranMs']).where('op', '=', 'open').execute()
  expect(await opened()).toEqual([{ state: 'resolved', ranMs: 10 * MINUTE }])
  await farm.controller.connect()
  await farm.pass(20 * MINUTE)
  expect(farm.controller.openMs()).toBe(10 * MINUTE)
  expect(await farm.state.selectFrom('irrigation').select(['ranMs', 'endReason']).execute()).toEqual([
    { ranMs: 10 * MINUTE, endReason: 'timer' },
  ])
})
