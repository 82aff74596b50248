/**
 * Dispatch: from an approved run or a manual request to an open valve, and to the record of its water. All messages
 * are processed in one queue, in order of arrival. Nothing polls: one timer waits for the next due time.
 */
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import { parseOnline } from '../../broker/contract/messages.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import { everyDevice, everyInternal, parseTopic } from '../../broker/contract/topics.ts'
import type { Bus, Clock, Logger, Running, State } from '../ports.ts'
import type { Journal } from '../ports/journal.ts'
import { subscribeToChanges } from '../runtime/change-events.ts'
import { parseRequest } from '../runtime/request-events.ts'
import { loadValveAlerts } from './alerts.ts'
import { resendFaultClears } from './controllers/clear-fault.ts'
import { applyClockChange } from './controllers/clock-change.ts'
import { controllerSetup } from './controllers/controller-setup.ts'
import { OpenCommands, type DispatchState } from './dispatch-state.ts'
import { hasUnwrittenLatches, loadLatches, writeLatches } from './flow/flow-latch.ts'
import { newFlowState } from './flow/flow-supervision.ts'
import { resendForcedCloses } from './controllers/forced-close.ts'
import { subscribeToControllers } from './controllers/subscribe-to-controllers.ts'
import { newMonitorState, checkOpenCommands } from './protocol-monitor/monitor.ts'
import type { Rule } from './protocol-monitor/rules.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import { processOutputs } from './outputs/outputs.ts'
import { publishMeteredWater } from './notify.ts'
import { createOutbox } from './outbox.ts'
import { processRequests } from './requests/requests.ts'
import { stopNotes } from './requests/stop-notes.ts'
import { executeUnrecordedStop, loadNotedStops, sendUnrecordedStop } from './requests/unrecorded-stop.ts'
import { findInterruptedRuns } from './runs/run-end.ts'
import { openDueRuns, loadApprovedRuns } from './runs/open-run.ts'
import { steadyClock } from './monotonic-clock.ts'
import { loadOpenCommands, advanceCommand } from './runs/supervise-run.ts'
import { createValveStateStore } from './controllers/valve-state.ts'
import { waitingMessages } from './controllers/waiting-messages.ts'

// a valve change is visible almost at once, however many controllers report together
const MAX_WRITE_DELAY_MS = 100

export interface Dispatch extends Running {
  /** Resolves when every message received so far is processed and every response published. */
  settled(): Promise<void>
  /** Violations of the protocol found by the monitors, by rule. */
  incidents(): Partial<Record<Rule, number>>
}

/** Loads the open commands and alerts, subscribes to the bus and starts the timer. */
export async function startDispatch(deps: {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  timing: Timing
  /** keeps STOPs that the state store could not take */
  journal: Pick<Journal, 'notes' | 'putNote'>
}): Promise<Dispatch> {
  const { state, bus, log, timing } = deps
  const clock = steadyClock(deps.clock)
  const outbox = createOutbox({ bus, log })
  const alerts = await loadValveAlerts({ state, log, out: outbox })
  const dispatch: DispatchState = {
    state,
    clock,
    log,
    timing,
    outbox,
    alerts,
    valveStates: createValveStateStore({ state }),
    connections: new Map(),
    commandKeys: new Map(),
    refusedKinds: new Map(),
    openCommands: new OpenCommands(),
    dueRuns: new Map(),
    forcedCloses: new Map(),
    faultClears: new Map(),
    pendingStops: new Map(),
    stopNotes: stopNotes(deps.journal, log),
    monitor: newMonitorState(),
    flow: newFlowState(loadLatches(alerts)),
    readRunsAtMs: clock.now(),
    readRequestsAtMs: clock.now(),
    checkOutputsAtMs: clock.now(),
    skipNotifiedMs: new Map(),
  }
  const queue = serialQueue()
  const alarm = wakeTimer(clock, () => enqueue(() => processDueWork(dispatch)))
  let isStopped = false
  const enqueue: Enqueue = (task) => queue.enqueue(() => runTask(task))
  const enqueueUrgent: Enqueue = (task) => queue.enqueueUrgent(() => runTask(task))

  async function runTask(task: () => Promise<void>): Promise<void> {
    if (isStopped) return
    let notBeforeMs = clock.now()
    try {
      await applyClockChange(dispatch)
      notBeforeMs = clock.now()
      await task()
      // states that arrive together are written together, with a short maximum delay
      if (
        !queue.isWaiting() ||
        clock.now() - (dispatch.valveStates.oldestChangeMs() ?? Infinity) > MAX_WRITE_DELAY_MS
      )
        publishMeteredWater(dispatch, await dispatch.valveStates.write())
    } catch (error) {
      log.error({ error }, 'dispatch failed to process a task; retrying')
      notBeforeMs += timing.resendMs
    }
    alarm.setFor(Math.max(notBeforeMs, nextDueAtMs(dispatch)))
  }

  loadNotedStops(dispatch)
  await loadOpenCommands(dispatch)
  for (const due of await findInterruptedRuns(state, clock.now(), timing.missedWindowMs))
    dispatch.dueRuns.set(due.run.id, due)
  const messages = waitingMessages({ enqueue, clock, log })
  const { setUpControllers, greetController } = controllerSetup({ bus, log, messages, dispatch })
  await subscribeToControllers({ bus, log, messages, dispatch })
  // requests may have been missed
  bus.onConnected(() => void enqueueUrgent(() => processRequests(dispatch)))
  // a controller that comes back may have missed its configuration
  if (!bus.keepsRetained)
    await bus.subscribe(everyDevice('online'), ({ topic, payload }) => {
      const from = parseTopic(topic)
      const online = parseOnline(payload)
      if (from.ok && online.ok && online.value.on === 1) greetController(from.value)
    })
  // the event is only a hint: requests are read from the store, including any whose event was
  // lost
  await bus.subscribe(everyInternal('request'), async ({ topic, payload }) => {
    const request = parseRequest(payload)
    if (!request.ok) log.warn({ topic, reason: request.error }, 'invalid message')
    const org = topic.split('/')[2]!
    const stop =
      request.ok && request.value.unrecorded !== undefined && !isStopped
        ? { id: request.value.id, ...request.value.unrecorded }
        : null
    const sent = stop && sendUnrecordedStop(dispatch, org, stop)
    await enqueueUrgent(async () => {
      if (stop !== null) await executeUnrecordedStop(dispatch, org, stop)
      await processRequests(dispatch)
      await processDueWork(dispatch)
    })
    await sent
  })
  await subscribeToChanges(bus, (_org, { event }) => {
    if (event === 'plan')
      return enqueue(async () => {
        await processOutputs(dispatch)
        await loadApprovedRuns(dispatch)
        await openDueRuns(dispatch)
      })
    if (event === 'device')
      return enqueue(() =>
        setUpControllers().catch((error: unknown) => {
          // each is read when it is needed
          dispatch.commandKeys.clear()
          throw error
        }),
      )
  })
  await enqueue(async () => {
    await setUpControllers()
    await processRequests(dispatch)
    await loadApprovedRuns(dispatch)
    await openDueRuns(dispatch)
  })

  return {
    incidents: () => dispatch.monitor.counts,
    async settled() {
      await queue.settled()
      await outbox.settled()
    },
    async stop() {
      isStopped = true
      alarm.cancel()
      await queue.settled()
      await messages.stop()
      await dispatch.valveStates
        .flush()
        .catch((error: unknown) => log.warn({ error }, 'heartbeats could not be written'))
      await outbox.settled()
    },
  }
}

type Enqueue = (task: () => Promise<void>) => Promise<void>

/** Processes everything that is due now. */
async function processDueWork(dispatch: DispatchState): Promise<void> {
  const nowMs = dispatch.clock.now()
  if (dispatch.readRequestsAtMs <= nowMs) await processRequests(dispatch)
  const due = [...dispatch.openCommands.values()].filter(({ checkAtMs }) => checkAtMs <= nowMs)
  for (const openCommand of due) await advanceCommand(dispatch, openCommand, { type: 'tick' })
  await resendForcedCloses(dispatch)
  await resendFaultClears(dispatch)
  if (hasUnwrittenLatches(dispatch)) await writeLatches(dispatch)
  if (dispatch.checkOutputsAtMs <= nowMs) await processOutputs(dispatch)
  if (dispatch.readRunsAtMs <= nowMs) await loadApprovedRuns(dispatch)
  await openDueRuns(dispatch)
  if (flushAtMs(dispatch) <= nowMs) await dispatch.valveStates.flush()
  await checkOpenCommands(dispatch)
}

/** Called after each message of a controller, so it only scans memory: a farm may have a thousand openings. */
function nextDueAtMs(dispatch: DispatchState): AtMs {
  const nowMs = dispatch.clock.now()
  let nextMs = Math.min(
    ...[dispatch.readRunsAtMs, dispatch.readRequestsAtMs, dispatch.checkOutputsAtMs, flushAtMs(dispatch)],
    hasUnwrittenLatches(dispatch) ? nowMs + dispatch.timing.resendMs : Infinity,
  )
  for (const { checkAtMs } of dispatch.openCommands.values()) nextMs = Math.min(nextMs, checkAtMs)
  for (const { fromMs, expiresAtMs } of dispatch.dueRuns.values())
    nextMs = Math.min(nextMs, fromMs > nowMs ? fromMs : expiresAtMs + 1)
  for (const pending of [dispatch.forcedCloses, dispatch.faultClears])
    for (const { sentAtMs } of pending.values())
      nextMs = Math.min(nextMs, sentAtMs + dispatch.timing.resendMs)
  return nextMs
}

/** Heartbeats of all controllers are written together, half an interval after the first of them. */
const flushAtMs = (dispatch: Pick<DispatchState, 'timing' | 'valveStates'>): AtMs => {
  const firstMs = dispatch.valveStates.oldestHeartbeatMs()
  return firstMs === null ? Infinity : firstMs + dispatch.timing.heartbeatOpenMs / 2
}

/** One timer, for the earliest requested instant. */
function wakeTimer(clock: Clock, ring: () => Promise<void>) {
  let cancel = () => {}
  let setMs = Infinity
  return {
    setFor(atMs: AtMs) {
      if (atMs === setMs) return
      cancel()
      setMs = atMs
      if (atMs === Infinity) return void (cancel = () => {})
      cancel = clock.at(atMs, () => {
        setMs = Infinity
        return ring()
      })
    },
    cancel: () => cancel(),
  }
}
