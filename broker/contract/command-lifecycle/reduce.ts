/**
 * The life of one opening as the server sees it: a pure machine, `(life, event) -> life and what to send`.
 *
 *   new -> sent -> running -> done | aborted      new -> expired      sent -> rejected
 *   sent | running -> unknown -> fencing -> resolved (with the most that can have run)
 *
 * Whatever is unclear is fenced, never guessed: a close with a higher number is sent until the device has answered,
 * and after that answer the opening can never run. `unknown` goes back to `running` when the device itself says that
 * the valve is open under our number (a restart of the server, a short loss of the network).
 *
 * The broker keeps the sessions of one device in order: once a message of a new session was heard, no older session
 * comes back.
 */
import { toUnknown, worstCaseRunMs, end, endByJournal, endNeverRun } from './endings.ts'
import { advance, clampToClock } from './timers.ts'
import type { Ack, State } from '../messages.ts'
import type { UnsignedCommand } from '../mac.ts'
import type { AtMs } from '../time.ts'

export type CommandState =
  | 'new'
  | 'sent'
  | 'running'
  | 'done'
  | 'aborted'
  | 'expired'
  | 'rejected'
  | 'unknown'
  | 'fencing'
  | 'resolved'

/** States that still have to come to an end. */
export const activeStates = ['new', 'sent', 'running', 'unknown', 'fencing'] as const satisfies CommandState[]
export const isActiveState = (state: string): boolean => (activeStates as readonly string[]).includes(state)

/** Every interval of the protocol, ms. The server tells a device its part in the retained config message. */
export interface Timing {
  heartbeatIdleMs: number
  heartbeatOpenMs: number
  leaseMs: number // a valve stays open this long after the heartbeat that was last answered
  freshMs: number // nothing is opened on an older heartbeat
  resendMs: number
  expiryMs: number // an opening may begin this long after the heartbeat it answers
  stateMs: number
  unconfirmedMs: number // without an answer or a heartbeat for this long, nobody knows
  missedWindowMs: number // a run that could not begin by then is skipped; farm time, never scaled
  reconcileMs: number
  slackMs: number // clocks, words and relays may differ by so much
}

export const standardTiming: Timing = {
  heartbeatIdleMs: 10_000,
  heartbeatOpenMs: 5_000,
  leaseMs: 120_000,
  freshMs: 15_000,
  resendMs: 5_000,
  expiryMs: 60_000,
  stateMs: 60_000,
  unconfirmedMs: 90_000,
  missedWindowMs: 900_000,
  reconcileMs: 30_000,
  slackMs: 1_000,
}

/** The same protocol with every interval `factor` times as long, for a simulation that runs fast. */
export function scaleTiming(timing: Timing, factor: number): Timing {
  if (!(factor > 0)) throw new RangeError(`timing factor must be above 0, got ${factor}`)
  const scaled = Object.entries(timing).map(([key, ms]) => [key, ms * factor])
  return { ...(Object.fromEntries(scaled) as unknown as Timing), missedWindowMs: timing.missedWindowMs }
}

/** The newest heartbeat of a session whose hello is known. */
export interface Link {
  sess: string
  n: number
  monoMs: number
  heardAtMs: AtMs
}

/** Kept as JSON in the command's row, so that a restart takes up where it stopped. */
export interface CommandLifecycle {
  id: string
  valve: string
  seq: number
  durMs: number
  litres: number | null // dose, where the controller has a meter
  expiresAtMs: AtMs
  isTimed?: boolean // the controller holds no lease: it runs its duration, heard or not
  state: CommandState
  sess: string | null // session it was last sent to
  sentAtMs: AtMs | null // first
  resentAtMs: AtMs | null // last
  firstMonoMs: number | null // it cannot have opened before, on the device's clock
  expMonoMs: number | null // it cannot open after
  leaseMonoMs: number | null // newest heartbeat that was answered while it may be open; null: not known
  confirmedAtMs: AtMs | null
  seenOpenAtMs?: AtMs | null // when the device last said that it is open
  boundAtMs: AtMs | null // shut at the latest by then, on the server's clock
  unknownAtMs: AtMs | null
  unknownReason: 'unconfirmed' | 'overdue' | 'link' | 'restart' | 'journal' | null
  inconclusiveStateAtMs?: AtMs | null // the device told its state while this was unknown, and that settled nothing
  isStopped: boolean // a person wants it shut
  closeSeq: number | null // of the fence
  closeSentAtMs: AtMs | null
  fencedAtMs: AtMs | null
  lastSeq: number // highest number that the device has reported as used up
  rejectReason: string | null // refused, but the number is not used up
  outcome: string | null
  ranMs: number | null // how long it ran; the most it can have run when resolved
  ranLitres: number | null
  isBound: boolean // ranMs is an upper bound
  endedAtMs: AtMs | null
}

export type LifecycleEvent = { atMs: AtMs; link: Link | null } & (
  | { type: 'tick' }
  | { type: 'ack'; ack: Ack }
  /** of the session that is heard now; a retained state counts once a heartbeat of its session was heard */
  | { type: 'state'; state: State }
  | { type: 'stop' }
  /** a lease was sent to the device, for whatever valve */
  | { type: 'leased' }
  | { type: 'restart' }
)

export interface LifecycleStep {
  lifecycle: CommandLifecycle
  send: UnsignedCommand[]
}

export const newLifecycle = (intent: {
  id: string
  valve: string
  seq: number
  durMs: number
  litres: number | null
  expiresAtMs: AtMs
  isTimed?: boolean
}): CommandLifecycle => ({
  ...intent,
  state: 'new',
  sess: null,
  sentAtMs: null,
  resentAtMs: null,
  firstMonoMs: null,
  expMonoMs: null,
  leaseMonoMs: null,
  confirmedAtMs: null,
  boundAtMs: null,
  unknownAtMs: null,
  unknownReason: null,
  isStopped: false,
  closeSeq: null,
  closeSentAtMs: null,
  fencedAtMs: null,
  lastSeq: 0,
  rejectReason: null,
  outcome: null,
  ranMs: null,
  ranLitres: null,
  isBound: false,
  endedAtMs: null,
})

/** One event. What is to be sent must be committed with the new life first. */
export function reduceLifecycle(
  before: CommandLifecycle,
  event: LifecycleEvent,
  timing: Timing,
): LifecycleStep {
  if (!isActiveState(before.state)) return { lifecycle: before, send: [] }
  const life = applyEvent(clampToClock(before, event.atMs, timing), event, timing)
  return isActiveState(life.state) ? advance(life, event, timing) : { lifecycle: life, send: [] }
}

function applyEvent(life: CommandLifecycle, event: LifecycleEvent, timing: Timing): CommandLifecycle {
  switch (event.type) {
    case 'ack':
      return applyAck(life, event.ack, event.atMs, timing)
    case 'state':
      return applyState(life, event.state, event.atMs, timing)
    case 'stop':
      return applyStop(life, event.atMs)
    case 'leased':
      if (life.leaseMonoMs === null || !event.link || event.link.monoMs <= life.leaseMonoMs) return life
      return { ...life, leaseMonoMs: event.link.monoMs }
    case 'restart':
      if (life.state === 'new' || life.state === 'fencing') return { ...life, leaseMonoMs: null }
      return toUnknown({ ...life, leaseMonoMs: null }, 'restart', event.atMs)
    case 'tick':
      return life
  }
}

function applyAck(life: CommandLifecycle, ack: Ack, atMs: AtMs, timing: Timing): CommandLifecycle {
  if (ack.valve !== life.valve) return life
  const known = { ...life, lastSeq: Math.max(life.lastSeq, ack.last) }
  const entry = ack.jr.find(({ valve, seq }) => valve === life.valve && seq === life.seq)
  if (entry) return endByJournal(known, entry, atMs, timing)
  if (life.closeSeq !== null && ack.seq === life.closeSeq && (ack.st === 'done' || ack.st === 'dup'))
    // fenced, but what came before is not remembered: the most that can have run
    return end(known, 'resolved', 'unclear', atMs, {
      ranMs: worstCaseRunMs(life, timing),
      litres: null,
      isBound: true,
    })
  if (ack.seq !== life.seq) return known
  switch (ack.st) {
    case 'running':
      return confirmOpen(known, ack.ranMs, atMs)
    case 'done':
    case 'aborted':
      return endByJournal(known, { ...ack, why: ack.why ?? ack.st }, atMs, timing)
    case 'rejected':
      // a refusal that used the number up stands in the journal; without an entry it speaks of one copy only, and
      // another may be taken yet. Sending goes on, except where every copy must be refused alike
      return ack.last < life.seq && (ack.why === 'mac' || ack.why === 'valve')
        ? { ...known, rejectReason: ack.why }
        : known
    case 'dup':
      return toUnknown(known, 'journal', atMs)
  }
}

function applyState(life: CommandLifecycle, state: State, atMs: AtMs, timing: Timing): CommandLifecycle {
  const last = state.last[life.valve] ?? 0
  const known = { ...life, lastSeq: Math.max(life.lastSeq, last) }
  const entry = state.jr.find(({ valve, seq }) => valve === life.valve && seq === life.seq)
  if (entry) return endByJournal(known, entry, atMs, timing)
  if (life.state === 'new') return known
  const valve = state.valves.find(({ id }) => id === life.valve)
  if (valve?.pos === 'open' && valve.seq === life.seq) return confirmOpen(known, valve.ranMs, atMs)
  if (valve?.pos === 'closed' && valve.seq === life.seq && !['boot', 'open'].includes(valve.why))
    return endByJournal(known, valve, atMs, timing)
  if (last >= life.seq) return toUnknown(known, 'journal', atMs)

  const areCopiesDead = state.sess !== life.sess || (life.expMonoMs !== null && state.monoMs > life.expMonoMs)
  if (!areCopiesDead)
    return life.state === 'unknown'
      ? { ...known, inconclusiveStateAtMs: life.inconclusiveStateAtMs ?? atMs }
      : known
  // it had said that it was open: a controller that knows nothing of it has lost its memory, not the water
  if (life.confirmedAtMs !== null) return toUnknown(known, 'journal', atMs)
  if (life.isStopped || life.rejectReason !== null || life.state === 'fencing' || atMs > life.expiresAtMs)
    return endNeverRun(known, atMs)
  // nothing of it can run any more, and its time is not over: it is sent anew, under the same number
  return {
    ...known,
    state: 'sent',
    sentAtMs: null,
    resentAtMs: null,
    firstMonoMs: null,
    expMonoMs: null,
    boundAtMs: null,
  }
}

function applyStop(life: CommandLifecycle, atMs: AtMs): CommandLifecycle {
  const stopped = { ...life, isStopped: true }
  return life.state === 'new' ? endNeverRun(stopped, atMs) : stopped
}

/** The device says that it is open under our number. */
function confirmOpen(life: CommandLifecycle, ranMs: number, atMs: AtMs): CommandLifecycle {
  const shutAtMs = atMs + Math.max(0, life.durMs - ranMs)
  return {
    ...life,
    state: life.state === 'fencing' ? 'fencing' : 'running',
    confirmedAtMs: life.confirmedAtMs ?? atMs,
    seenOpenAtMs: atMs,
    // after a restart the device's word alone: the clock may have been set meanwhile
    boundAtMs: life.unknownReason === 'restart' ? shutAtMs : Math.min(life.boundAtMs ?? Infinity, shutAtMs),
    unknownAtMs: life.state === 'fencing' ? life.unknownAtMs : null,
    unknownReason: life.state === 'fencing' ? life.unknownReason : null,
    inconclusiveStateAtMs: null,
  }
}
