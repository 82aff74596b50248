/**
 * Dispatch: from an approved run or a person's wish to an open valve, and to the record of what flowed.
 *
 * Everything that is heard stands in one line and is done in that order. Nothing polls: one timer waits for the next
 * instant at which something is due.
 */
import type { Timing } from '../../broker/contract/command-lifecycle/timing.ts'
import { parseAck, parseHeartbeat, parseState, parseTelemetry } from '../../broker/contract/messages.ts'
import type { Result } from '../../broker/contract/result.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import {
  everyDevice,
  everyInternal,
  parseTopic,
  topicOf,
  type DeviceKind,
} from '../../broker/contract/topics.ts'
import type { Bus, BusMessage, ChangeEvent, Clock, Logger, Running, State } from '../ports.ts'
import { loadValveAlerts } from './alerts.ts'
import { resendFaultClears } from './controllers/clear-fault.ts'
import { applyClockChange } from './controllers/clock-change.ts'
import { OpenCommands, type DispatchState } from './dispatch-state.ts'
import { hasUnwrittenLatches, loadLatches, writeLatches } from './flow/flow-latch.ts'
import { newFlowState, superviseTelemetry } from './flow/flow-supervision.ts'
import { resendForcedCloses } from './controllers/forced-close.ts'
import { handleAck, handleHeartbeat, handleState } from './controllers/handle-message.ts'
import { newMonitorState, checkOpenCommands } from './protocol-monitor/monitor.ts'
import type { Rule } from './protocol-monitor/rules.ts'
import { serialQueue } from '../runtime/serial-queue.ts'
import { processOutputs } from './outputs/outputs.ts'
import { createOutbox, type Address } from './outbox.ts'
import { processRequests } from './requests/requests.ts'
import { parseUnrecordedStop, executeUnrecordedStop } from './requests/unrecorded-stop.ts'
import { findInterruptedRuns } from './runs/run-end.ts'
import { openDueRuns, loadApprovedRuns } from './runs/open-run.ts'
import { steadyClock } from './monotonic-clock.ts'
import { loadOpenCommands, advanceCommand } from './runs/supervise-run.ts'
import { createValveStateStore } from './controllers/valve-state.ts'

// a valve's change is on the page within the blink of an eye, however many speak at once
const MAX_WRITE_DELAY_MS = 100

export interface Dispatch extends Running {
  /** Resolves when everything heard so far is done and said. */
  settled(): Promise<void>
  /** How often a monitor has found a rule of the protocol broken, by rule. */
  incidents(): Partial<Record<Rule, number>>
}

export async function startDispatch(deps: {
  state: State
  bus: Bus
  clock: Clock
  log: Logger
  timing: Timing
}): Promise<Dispatch> {
  const { state, bus, log, timing } = deps
  const clock = steadyClock(deps.clock)
  const out = createOutbox({ bus, log })
  const alerts = await loadValveAlerts({ state, out })
  const desk: DispatchState = {
    state,
    clock,
    log,
    timing,
    outbox: out,
    alerts,
    valveStates: createValveStateStore({ state }),
    connections: new Map(),
    commandKeys: new Map(),
    openCommands: new OpenCommands(),
    dueRuns: new Map(),
    forcedCloses: new Map(),
    faultClears: new Map(),
    pendingStops: new Map(),
    monitor: newMonitorState(),
    flow: newFlowState(loadLatches(alerts)),
    readRunsAtMs: clock.now(),
    readRequestsAtMs: clock.now(),
    checkOutputsAtMs: clock.now(),
    skipNotifiedMs: new Map(),
  }
  const line = serialQueue()
  const alarm = wakeTimer(clock, () => then(() => processDueWork(desk)))
  let isStopped = false
  const then: Enqueue = (work) => line.enqueue(() => attend(work))
  const first: Enqueue = (work) => line.enqueueUrgent(() => attend(work))

  async function attend(work: () => Promise<void>): Promise<void> {
    if (isStopped) return
    let notBeforeMs = clock.now()
    try {
      await applyClockChange(desk)
      notBeforeMs = clock.now()
      await work()
      // words that came together are written together, but none waits long
      if (
        !line.isWaiting() ||
        clock.now() - (desk.valveStates.oldestChangeMs() ?? Infinity) > MAX_WRITE_DELAY_MS
      )
        await desk.valveStates.write()
    } catch (error) {
      log.error({ error }, 'dispatch could not do its work; it is tried again')
      notBeforeMs += timing.resendMs
    }
    alarm.setFor(Math.max(notBeforeMs, nextDueAtMs(desk)))
  }

  await loadOpenCommands(desk)
  for (const due of await findInterruptedRuns(state, clock.now(), timing.missedWindowMs))
    desk.dueRuns.set(due.run.id, due)
  const tellControllers = controllerSetup({ bus, log, then, desk })
  await subscribeToControllers({ bus, log, then, desk })
  // the word says only that something was asked; the store says what, also of an earlier word that was lost
  await bus.subscribe(everyInternal('request'), ({ topic, payload }) =>
    first(async () => {
      const unrecorded = parseUnrecordedStop(payload)
      if (!unrecorded.ok) log.warn({ topic, reason: unrecorded.error }, 'not understood')
      else if (unrecorded.value) await executeUnrecordedStop(desk, topic.split('/')[2]!, unrecorded.value)
      await processRequests(desk)
      await processDueWork(desk)
    }),
  )
  await bus.subscribe(everyInternal('event'), (message) => {
    const event = eventOf(message)
    if (event?.event === 'plan')
      return then(async () => {
        await processOutputs(desk)
        await loadApprovedRuns(desk)
        await openDueRuns(desk)
      })
    if (event?.event === 'device')
      return then(async () => {
        desk.commandKeys.clear()
        await tellControllers()
      })
  })
  await then(async () => {
    await tellControllers()
    await processRequests(desk)
    await loadApprovedRuns(desk)
    await openDueRuns(desk)
  })

  return {
    incidents: () => desk.monitor.counts,
    async settled() {
      await line.settled()
      await out.settled()
    },
    async stop() {
      isStopped = true
      alarm.cancel()
      await line.settled()
      await desk.valveStates
        .flush()
        .catch((error: unknown) => log.warn({ error }, 'heartbeats could not be written'))
      await out.settled()
    },
  }
}

type Enqueue = (work: () => Promise<void>) => Promise<void>

async function subscribeToControllers({
  bus,
  log,
  then,
  desk,
}: {
  bus: Bus
  log: Logger
  then: Enqueue
  desk: DispatchState
}): Promise<void> {
  const hear = <T>(
    kind: DeviceKind,
    parse: (payload: Uint8Array) => Result<T>,
    take: (from: Address, message: T, retained: boolean) => Promise<void>,
  ) =>
    bus.subscribe(everyDevice(kind), ({ topic, payload, retained }) => {
      const from = parseTopic(topic)
      const message = parse(payload)
      if (!from.ok) return log.warn({ topic, reason: from.error }, 'not understood')
      if (!message.ok) return log.warn({ topic, reason: message.error }, 'not understood')
      // retained: the bus has connected, perhaps again, and what was asked meanwhile was not heard
      if (retained) desk.readRequestsAtMs = Math.min(desk.readRequestsAtMs, desk.clock.now())
      return then(async () => {
        await take(from.value, message.value, retained)
        // it may be what a run was waiting for
        if (desk.dueRuns.size > 0) await openDueRuns(desk, kind === 'ack' ? undefined : from.value.device)
      })
    })

  await hear('state', parseState, (from, state, retained) => handleState(desk, from, state, retained))
  await hear('heartbeat', parseHeartbeat, (from, heartbeat) => handleHeartbeat(desk, from, heartbeat))
  await hear('ack', parseAck, (from, ack) => handleAck(desk, from, ack))
}

/** Everything that is due now. */
async function processDueWork(desk: DispatchState): Promise<void> {
  const nowMs = desk.clock.now()
  if (desk.readRequestsAtMs <= nowMs) await processRequests(desk)
  const due = [...desk.openCommands.values()].filter(({ checkAtMs: lookAtMs }) => lookAtMs <= nowMs)
  for (const live of due) await advanceCommand(desk, live, { type: 'tick' })
  await resendForcedCloses(desk)
  await resendFaultClears(desk)
  if (hasUnwrittenLatches(desk)) await writeLatches(desk)
  if (desk.checkOutputsAtMs <= nowMs) await processOutputs(desk)
  if (desk.readRunsAtMs <= nowMs) await loadApprovedRuns(desk)
  await openDueRuns(desk)
  if (flushAtMs(desk) <= nowMs) await desk.valveStates.flush()
  await checkOpenCommands(desk)
}

/** Asked after each word of a controller, so what a farm of a thousand has open is only looked through. */
function nextDueAtMs(desk: DispatchState): AtMs {
  const nowMs = desk.clock.now()
  let nextMs = Math.min(
    ...[desk.readRunsAtMs, desk.readRequestsAtMs, desk.checkOutputsAtMs, flushAtMs(desk)],
    hasUnwrittenLatches(desk) ? nowMs + desk.timing.resendMs : Infinity,
  )
  for (const { checkAtMs: lookAtMs } of desk.openCommands.values()) nextMs = Math.min(nextMs, lookAtMs)
  for (const { fromMs, expiresAtMs } of desk.dueRuns.values())
    nextMs = Math.min(nextMs, fromMs > nowMs ? fromMs : expiresAtMs + 1)
  for (const waiting of [desk.forcedCloses, desk.faultClears])
    for (const { sentAtMs } of waiting.values()) nextMs = Math.min(nextMs, sentAtMs + desk.timing.resendMs)
  return nextMs
}

/** Heartbeats of all controllers are written together, half an interval after the first of them. */
const flushAtMs = (desk: DispatchState): AtMs => {
  const firstMs = desk.valveStates.oldestHeartbeatMs()
  return firstMs === null ? Infinity : firstMs + desk.timing.heartbeatOpenMs / 2
}

/**
 * Gives what tells every controller the intervals that it must keep, as its retained configuration, and hears the meters
 * of those that are new. Only theirs: the probes of a large farm speak far more often.
 */
function controllerSetup({
  bus,
  log,
  then,
  desk,
}: {
  bus: Bus
  log: Logger
  then: Enqueue
  desk: DispatchState
}) {
  const heard = new Set<string>()

  async function hearMeters(topic: string): Promise<void> {
    if (heard.has(topic)) return
    heard.add(topic)
    await bus.subscribe(topic, ({ topic, payload }) => {
      const from = parseTopic(topic)
      const told = parseTelemetry(payload)
      // ingest keeps what cannot be read, with its reason
      if (from.ok && told.ok) return then(() => superviseTelemetry(desk, from.value, told.value))
    })
  }

  return async () => {
    const rows = await desk.state
      .selectFrom('device')
      .select(['id', 'org'])
      .where('commandKey', 'is not', null)
      .where('revokedAtMs', 'is', null)
      .execute()
    const { heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs } = desk.timing
    const version = Math.floor(desk.clock.now() / 1000)
    for (const { id, org } of rows)
      desk.outbox.config(
        { org, device: id },
        { v: 1, version, heartbeatIdleMs, heartbeatOpenMs, leaseMs, stateMs },
      )
    const heardAll = rows.map(({ id, org }) => hearMeters(topicOf(org, id, 'telemetry')))
    await Promise.all(heardAll).catch((error: unknown) =>
      log.warn({ error }, 'the meters of some controllers cannot be heard'),
    )
  }
}

/** One timer, for the earliest instant asked for. */
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

const text = new TextDecoder()

function eventOf({ payload }: BusMessage): Partial<ChangeEvent> | null {
  try {
    return JSON.parse(text.decode(payload)) as Partial<ChangeEvent>
  } catch {
    return null
  }
}
