/**
 * Dispatch: from an approved run or a person's wish to an open valve, and to the record of what flowed.
 *
 * Everything that is heard stands in one line and is done in that order. Nothing polls: one timer waits for the next
 * instant at which something is due.
 */
import type { Timing } from '../../broker/contract/command-life/reduce.ts'
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
import { openAlerts } from './alerts.ts'
import { clearAgain } from './controllers/clear-fault.ts'
import { followClock } from './controllers/clock-change.ts'
import { Lives, type Desk } from './dispatch-state.ts'
import { hasUnwritten, loadLatches, writeLatches } from './flow/flow-latch.ts'
import { newFlowDesk, takeReadings } from './flow/flow-supervision.ts'
import { forceAgain } from './controllers/forced-close.ts'
import { takeAck, takeHeartbeat, takeState } from './controllers/handle-message.ts'
import { newWatch, watchLives } from './protocol-monitor/monitor.ts'
import type { Rule } from './protocol-monitor/rules.ts'
import { openLine } from '../runtime/priority-queue.ts'
import { tendOutputs } from './outputs/outputs.ts'
import { openOutbox, type Address } from './outbox.ts'
import { takeRequests } from './requests/requests.ts'
import { parseUnrecorded, shutUnrecorded } from './requests/unrecorded-stop.ts'
import { interruptedRuns } from './runs/run-end.ts'
import { openDueRuns, readRuns } from './runs/open-run.ts'
import { steadyClock } from './monotonic-clock.ts'
import { loadLives, stepLife } from './runs/supervise-run.ts'
import { openValveReports } from './controllers/valve-state.ts'

// a valve's change is on the page within the blink of an eye, however many speak at once
const WRITTEN_WITHIN_MS = 100

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
  const out = openOutbox({ bus, log })
  const alerts = await openAlerts({ state, out })
  const desk: Desk = {
    state,
    clock,
    log,
    timing,
    out,
    alerts,
    reports: openValveReports({ state }),
    links: new Map(),
    keys: new Map(),
    lives: new Lives(),
    due: new Map(),
    forced: new Map(),
    clearing: new Map(),
    openStops: new Map(),
    watch: newWatch(),
    flow: newFlowDesk(loadLatches(alerts)),
    readRunsAtMs: clock.now(),
    readRequestsAtMs: clock.now(),
    tendOutputsAtMs: clock.now(),
    skipToldMs: new Map(),
  }
  const line = openLine()
  const alarm = alarmClock(clock, () => then(() => tendDesk(desk)))
  let isStopped = false
  const then: Then = (work) => line.add(() => attend(work))
  const first: Then = (work) => line.addFirst(() => attend(work))

  async function attend(work: () => Promise<void>): Promise<void> {
    if (isStopped) return
    let notBeforeMs = clock.now()
    try {
      await followClock(desk)
      notBeforeMs = clock.now()
      await work()
      // words that came together are written together, but none waits long
      if (!line.isWaiting() || clock.now() - (desk.reports.changedMs() ?? Infinity) > WRITTEN_WITHIN_MS)
        await desk.reports.write()
    } catch (error) {
      log.error({ error }, 'dispatch could not do its work; it is tried again')
      notBeforeMs += timing.resendMs
    }
    alarm.setFor(Math.max(notBeforeMs, nextTendMs(desk)))
  }

  await loadLives(desk)
  for (const due of await interruptedRuns(state, clock.now(), timing.missedWindowMs))
    desk.due.set(due.run.id, due)
  const tellControllers = controllers({ bus, log, then, desk })
  await hearDevices({ bus, log, then, desk })
  // the word says only that something was asked; the store says what, also of an earlier word that was lost
  await bus.subscribe(everyInternal('request'), ({ topic, payload }) =>
    first(async () => {
      const unrecorded = parseUnrecorded(payload)
      if (!unrecorded.ok) log.warn({ topic, reason: unrecorded.error }, 'not understood')
      else if (unrecorded.value) await shutUnrecorded(desk, topic.split('/')[2]!, unrecorded.value)
      await takeRequests(desk)
      await tendDesk(desk)
    }),
  )
  await bus.subscribe(everyInternal('event'), (message) => {
    const event = eventOf(message)
    if (event?.event === 'plan')
      return then(async () => {
        await tendOutputs(desk)
        await readRuns(desk)
        await openDueRuns(desk)
      })
    if (event?.event === 'device')
      return then(async () => {
        desk.keys.clear()
        await tellControllers()
      })
  })
  await then(async () => {
    await tellControllers()
    await takeRequests(desk)
    await readRuns(desk)
    await openDueRuns(desk)
  })

  return {
    incidents: () => desk.watch.counts,
    async settled() {
      await line.settled()
      await out.settled()
    },
    async stop() {
      isStopped = true
      alarm.cancel()
      await line.settled()
      await desk.reports
        .flush()
        .catch((error: unknown) => log.warn({ error }, 'heartbeats could not be written'))
      await out.settled()
    },
  }
}

type Then = (work: () => Promise<void>) => Promise<void>

async function hearDevices({
  bus,
  log,
  then,
  desk,
}: {
  bus: Bus
  log: Logger
  then: Then
  desk: Desk
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
        if (desk.due.size > 0) await openDueRuns(desk, kind === 'ack' ? undefined : from.value.device)
      })
    })

  await hear('state', parseState, (from, state, retained) => takeState(desk, from, state, retained))
  await hear('heartbeat', parseHeartbeat, (from, heartbeat) => takeHeartbeat(desk, from, heartbeat))
  await hear('ack', parseAck, (from, ack) => takeAck(desk, from, ack))
}

/** Everything that is due now. */
async function tendDesk(desk: Desk): Promise<void> {
  const nowMs = desk.clock.now()
  if (desk.readRequestsAtMs <= nowMs) await takeRequests(desk)
  const due = [...desk.lives.values()].filter(({ lookAtMs }) => lookAtMs <= nowMs)
  for (const live of due) await stepLife(desk, live, { type: 'tick' })
  await forceAgain(desk)
  await clearAgain(desk)
  if (hasUnwritten(desk)) await writeLatches(desk)
  if (desk.tendOutputsAtMs <= nowMs) await tendOutputs(desk)
  if (desk.readRunsAtMs <= nowMs) await readRuns(desk)
  await openDueRuns(desk)
  if (flushAtMs(desk) <= nowMs) await desk.reports.flush()
  await watchLives(desk)
}

/** Asked after each word of a controller, so what a farm of a thousand has open is only looked through. */
function nextTendMs(desk: Desk): AtMs {
  const nowMs = desk.clock.now()
  let nextMs = Math.min(
    ...[desk.readRunsAtMs, desk.readRequestsAtMs, desk.tendOutputsAtMs, flushAtMs(desk)],
    hasUnwritten(desk) ? nowMs + desk.timing.resendMs : Infinity,
  )
  for (const { lookAtMs } of desk.lives.values()) nextMs = Math.min(nextMs, lookAtMs)
  for (const { fromMs, notAfterMs } of desk.due.values())
    nextMs = Math.min(nextMs, fromMs > nowMs ? fromMs : notAfterMs + 1)
  for (const waiting of [desk.forced, desk.clearing])
    for (const { sentAtMs } of waiting.values()) nextMs = Math.min(nextMs, sentAtMs + desk.timing.resendMs)
  return nextMs
}

/** Heartbeats of all controllers are written together, half an interval after the first of them. */
const flushAtMs = (desk: Desk): AtMs => {
  const firstMs = desk.reports.firstHeardMs()
  return firstMs === null ? Infinity : firstMs + desk.timing.heartbeatOpenMs / 2
}

/**
 * Gives what tells every controller the intervals that it must keep, as its retained configuration, and hears the meters
 * of those that are new. Only theirs: the probes of a large farm speak far more often.
 */
function controllers({ bus, log, then, desk }: { bus: Bus; log: Logger; then: Then; desk: Desk }) {
  const heard = new Set<string>()

  async function hearMeters(topic: string): Promise<void> {
    if (heard.has(topic)) return
    heard.add(topic)
    await bus.subscribe(topic, ({ topic, payload }) => {
      const from = parseTopic(topic)
      const told = parseTelemetry(payload)
      // ingest keeps what cannot be read, with its reason
      if (from.ok && told.ok) return then(() => takeReadings(desk, from.value, told.value))
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
      desk.out.config(
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
function alarmClock(clock: Clock, ring: () => Promise<void>) {
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
