/**
 * Dispatch: from an approved run or a manual request to an open valve, and to the record of its water. All messages
 * are processed in one queue, in order of arrival. Nothing polls: one timer waits for the next due time.
 */
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import {
  parseAck,
  parseHeartbeat,
  parseOnline,
  parseState,
  parseTelemetry,
  type Config,
} from '../../broker/contract/messages.ts'
import type { Result } from '../../broker/contract/result.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import {
  everyDevice,
  everyInternal,
  parseTopic,
  topicOf,
  type DeviceKind,
} from '../../broker/contract/topics.ts'
import type { Bus, Clock, Logger, Running, State } from '../ports.ts'
import type { Journal } from '../ports/journal.ts'
import { subscribeToChanges } from '../runtime/change-events.ts'
import { parseRequest } from '../runtime/request-events.ts'
import { loadValveAlerts } from './alerts.ts'
import { resendFaultClears } from './controllers/clear-fault.ts'
import { applyClockChange } from './controllers/clock-change.ts'
import { acceptMessage, refuseMessage } from './controllers/refused-messages.ts'
import { keyName, OpenCommands, type DispatchState } from './dispatch-state.ts'
import { hasUnwrittenLatches, loadLatches, writeLatches } from './flow/flow-latch.ts'
import { newFlowState, superviseTelemetry } from './flow/flow-supervision.ts'
import { resendForcedCloses } from './controllers/forced-close.ts'
import { handleAck, handleHeartbeat, handleState } from './controllers/handle-message.ts'
import { newMonitorState, checkOpenCommands } from './protocol-monitor/monitor.ts'
import type { Rule } from './protocol-monitor/rules.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import { processOutputs } from './outputs/outputs.ts'
import { publishMeteredWater } from './notify.ts'
import { createOutbox, type Address } from './outbox.ts'
import { processRequests } from './requests/requests.ts'
import { stopNotes } from './requests/stop-notes.ts'
import { executeUnrecordedStop, loadNotedStops, sendUnrecordedStop } from './requests/unrecorded-stop.ts'
import { findInterruptedRuns } from './runs/run-end.ts'
import { openDueRuns, loadApprovedRuns } from './runs/open-run.ts'
import { steadyClock } from './monotonic-clock.ts'
import { loadOpenCommands, advanceCommand } from './runs/supervise-run.ts'
import { createValveStateStore } from './controllers/valve-state.ts'
import { waitingMessages, type WaitingMessages } from './controllers/waiting-messages.ts'

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

async function subscribeToControllers({
  bus,
  log,
  messages,
  dispatch,
}: {
  bus: Bus
  log: Logger
  messages: WaitingMessages
  dispatch: DispatchState
}): Promise<void> {
  const subscribe = <T>(
    kind: DeviceKind,
    parse: (payload: Uint8Array) => Result<T>,
    handle: (from: Address, message: T, retained: boolean) => Promise<void>,
  ) =>
    bus.subscribe(everyDevice(kind), ({ topic, payload, retained }) => {
      const from = parseTopic(topic)
      const message = parse(payload)
      if (!from.ok) return log.warn({ topic, reason: from.error }, 'invalid message')
      if (!message.ok) {
        log.warn({ topic, reason: message.error }, 'invalid message')
        // an empty retained message clears the topic
        if (payload.length === 0) return
        return messages.add(from.value, () => refuseMessage(dispatch, from.value, kind, message.error))
      }
      return messages.add(from.value, async () => {
        await handle(from.value, message.value, retained)
        await acceptMessage(dispatch, from.value, kind)
        // a due run may wait for this message
        if (dispatch.dueRuns.size > 0)
          await openDueRuns(dispatch, kind === 'ack' ? undefined : from.value.device)
      })
    })

  await subscribe('state', parseState, (from, state, retained) =>
    handleState(dispatch, from, state, retained),
  )
  await subscribe('heartbeat', parseHeartbeat, (from, heartbeat) =>
    handleHeartbeat(dispatch, from, heartbeat),
  )
  await subscribe('ack', parseAck, (from, ack) => handleAck(dispatch, from, ack))
}

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

/**
 * `setUpControllers` publishes the protocol intervals to every controller as retained configuration, and subscribes to the
 * telemetry of new controllers. Only controllers: the probes of a large farm send far more messages. `greetController`
 * publishes them again to one that has just connected.
 */
function controllerSetup({
  bus,
  log,
  messages,
  dispatch,
}: {
  bus: Bus
  log: Logger
  messages: WaitingMessages
  dispatch: DispatchState
}) {
  const subscribed = new Set<string>()
  const configs = new Map<string, Config>()

  async function subscribeToMeter(topic: string): Promise<void> {
    if (subscribed.has(topic)) return
    subscribed.add(topic)
    await bus.subscribe(topic, ({ topic, payload }) => {
      const from = parseTopic(topic)
      const telemetry = parseTelemetry(payload)
      // ingest stores invalid messages with their reason
      if (from.ok && telemetry.ok)
        return messages.add(from.value, () => superviseTelemetry(dispatch, from.value, telemetry.value))
    })
  }

  async function setUpControllers(): Promise<void> {
    const rows = await dispatch.state
      .selectFrom('device')
      .select(['id', 'org', 'commandKey'])
      .where('commandKey', 'is not', null)
      .where('revokedAtMs', 'is', null)
      .execute()
    const { heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs } = dispatch.timing
    const version = Math.floor(dispatch.clock.now() / 1000)
    const config: Config = { v: 1, version, heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs }
    configs.clear()
    // in memory: a STOP closes while the store does not respond
    dispatch.commandKeys.clear()
    for (const { id, org, commandKey } of rows) {
      dispatch.commandKeys.set(keyName(org, id), commandKey)
      configs.set(topicOf(org, id, 'config'), config)
      dispatch.outbox.config({ org, device: id }, config)
    }
    const subscriptions = rows.map(({ id, org }) => subscribeToMeter(topicOf(org, id, 'telemetry')))
    await Promise.all(subscriptions).catch((error: unknown) =>
      log.warn({ error }, 'could not subscribe to the meters of some controllers'),
    )
  }

  function greetController({ org, device }: Address): void {
    const config = configs.get(topicOf(org, device, 'config'))
    if (config !== undefined) dispatch.outbox.config({ org, device }, config)
  }

  return { setUpControllers, greetController }
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
