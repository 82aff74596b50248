/**
 * The lifecycle of one opening as the server sees it: a pure machine, `(lifecycle, event) -> lifecycle and commands`.
 *
 *   new -> sent -> running -> done | aborted      new -> expired      sent -> rejected
 *   sent | running -> unknown -> fencing -> resolved (with the most that can have run)
 *
 * An unclear state is fenced, never guessed: a close with a higher number is sent until the device acknowledges it,
 * and after that ack the opening can never run. `unknown` returns to `running` when the device itself reports the
 * valve open under our number (a restart of the server, a short loss of the network).
 *
 * The broker keeps the sessions of one device in order: after a message of a new session no older session returns.
 */
import type { Ack, State } from '../messages.ts'
import type { AtMs } from '../time.ts'
import { isPlausibleSeq } from '../bounds.ts'
import {
  boundedRunMs,
  end,
  endByJournal,
  openedAtMs,
  endNeverRun,
  toUnknown,
  worstCaseRunMs,
} from './endings.ts'
import { advance, clampToClock, leaseEndAtMs } from './timers.ts'
import type { Timing } from './timing.ts'
import { isActiveState, type CommandLifecycle, type LifecycleEvent, type LifecycleStep } from './types.ts'

/** A command that has not been sent. */
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
  openedAtMs: null,
  boundAtMs: null,
  leaseEndAtMs: null,
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

/** Applies one event. Commit the new lifecycle before you send its commands. */
export function reduceLifecycle(
  before: CommandLifecycle,
  event: LifecycleEvent,
  timing: Timing,
): LifecycleStep {
  if (!isActiveState(before.state)) return { lifecycle: before, send: [] }
  const command = applyEvent(clampToClock(before, event.atMs, timing), event, timing)
  return isActiveState(command.state) ? advance(command, event, timing) : { lifecycle: command, send: [] }
}

function applyEvent(command: CommandLifecycle, event: LifecycleEvent, timing: Timing): CommandLifecycle {
  switch (event.type) {
    case 'ack':
      return applyAck(command, event.ack, event.atMs, timing)
    case 'state':
      return applyState(command, event.state, event.atMs, timing)
    case 'stop':
      return applyStop(command, event.atMs)
    case 'leased':
      return {
        ...command,
        leaseMonoMs:
          command.leaseMonoMs === null ? null : Math.max(command.leaseMonoMs, event.link?.monoMs ?? 0),
        leaseEndAtMs: leaseEndAtMs(event.link?.receivedAtMs ?? event.atMs, timing),
      }
    case 'restart':
      if (command.state === 'new') return { ...command, leaseMonoMs: null }
      // the previous process has granted no lease after this instant
      return toUnknown(
        { ...command, leaseMonoMs: null, leaseEndAtMs: leaseEndAtMs(event.atMs, timing) },
        'restart',
        event.atMs,
      )
    case 'tick':
      return command
  }
}

/** A number that the device cannot have consumed is ignored: the fence of the command stays a number it can parse. */
const withLast = (command: CommandLifecycle, reportedSeq: number): CommandLifecycle =>
  isPlausibleSeq(reportedSeq, command.seq)
    ? { ...command, lastSeq: Math.max(command.lastSeq, reportedSeq) }
    : command

function applyAck(command: CommandLifecycle, ack: Ack, atMs: AtMs, timing: Timing): CommandLifecycle {
  if (ack.valve !== command.valve) return command
  const updated = withLast(command, ack.last)
  const entry = ack.jr.find(({ valve, seq }) => valve === command.valve && seq === command.seq)
  if (entry) return endByJournal(updated, entry, atMs, timing)
  if (command.closeSeq !== null && ack.seq === command.closeSeq && (ack.st === 'done' || ack.st === 'dup'))
    // fenced, but the device has no record of the run: the most that can have run
    return end(updated, 'resolved', 'unclear', atMs, {
      ranMs: worstCaseRunMs(command, timing),
      litres: null,
      isBound: true,
    })
  if (ack.seq !== command.seq) return updated
  switch (ack.st) {
    case 'running':
      return confirmOpen(updated, ack.ranMs, atMs, timing)
    case 'done':
    case 'aborted':
      return endByJournal(updated, { ...ack, why: ack.why ?? ack.st }, atMs, timing)
    case 'rejected':
      // a rejection that consumed the number is in the journal; without an entry it concerns one copy only, and another
      // copy may still be accepted. Sending continues, except where every copy must be rejected
      return ack.last < command.seq && (ack.why === 'mac' || ack.why === 'valve')
        ? { ...updated, rejectReason: ack.why }
        : updated
    case 'dup':
      return toUnknown(updated, 'journal', atMs)
  }
}

function applyState(command: CommandLifecycle, state: State, atMs: AtMs, timing: Timing): CommandLifecycle {
  const last = state.last[command.valve] ?? 0
  const updated = withLast(command, last)
  const entry = state.jr.find(({ valve, seq }) => valve === command.valve && seq === command.seq)
  if (entry) return endByJournal(updated, entry, atMs, timing)
  if (command.state === 'new') return updated
  const valve = state.valves.find(({ id }) => id === command.valve)
  if (valve?.pos === 'open' && valve.seq === command.seq)
    return confirmOpen(updated, valve.ranMs, atMs, timing)
  if (valve?.pos === 'closed' && valve.seq === command.seq && !['boot', 'open'].includes(valve.why))
    return endByJournal(updated, valve, atMs, timing)
  if (last >= command.seq) return toUnknown(updated, 'journal', atMs)

  const areCopiesDead =
    state.sess !== command.sess || (command.expMonoMs !== null && state.monoMs > command.expMonoMs)
  if (!areCopiesDead)
    return command.state === 'unknown'
      ? { ...updated, inconclusiveStateAtMs: command.inconclusiveStateAtMs ?? atMs }
      : updated
  // it reported the valve open before: a controller without a record of the run has lost its memory, not the water
  if (command.confirmedAtMs !== null) return toUnknown(updated, 'journal', atMs)
  if (
    command.isStopped ||
    command.rejectReason !== null ||
    command.state === 'fencing' ||
    atMs > command.expiresAtMs
  )
    return endNeverRun(updated, atMs)
  // no copy can run any more, and it has not expired: it is sent again, under the same number
  return {
    ...updated,
    state: 'sent',
    sentAtMs: null,
    resentAtMs: null,
    firstMonoMs: null,
    expMonoMs: null,
    boundAtMs: null,
  }
}

function applyStop(command: CommandLifecycle, atMs: AtMs): CommandLifecycle {
  const stopped = { ...command, isStopped: true }
  return command.state === 'new' ? endNeverRun(stopped, atMs) : stopped
}

/** The device reports the valve open under our number. */
function confirmOpen(
  command: CommandLifecycle,
  reportedMs: number,
  atMs: AtMs,
  timing: Timing,
): CommandLifecycle {
  const ranMs = boundedRunMs(command, reportedMs, timing)
  const shutAtMs = atMs + Math.max(0, command.durMs - ranMs)
  return {
    ...command,
    state: command.state === 'fencing' ? 'fencing' : 'running',
    confirmedAtMs: command.confirmedAtMs ?? atMs,
    openedAtMs: command.openedAtMs ?? openedAtMs(command, ranMs, atMs),
    seenOpenAtMs: atMs,
    // after a restart only the device's report counts: the clock may have been set meanwhile
    boundAtMs:
      command.unknownReason === 'restart' ? shutAtMs : Math.min(command.boundAtMs ?? Infinity, shutAtMs),
    unknownAtMs: command.state === 'fencing' ? command.unknownAtMs : null,
    unknownReason: command.state === 'fencing' ? command.unknownReason : null,
    inconclusiveStateAtMs: null,
  }
}
