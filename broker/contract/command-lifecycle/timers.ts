/** The time-driven steps of a command: sending, resending, marking as unknown, fencing, giving up. */
import { toUnknown, worstCaseRunMs, end, endNeverRun } from './endings.ts'
import type { Timing } from './timing.ts'
import type { CommandLifecycle, LifecycleEvent, LifecycleStep, Link } from './types.ts'
import type { AtMs } from '../time.ts'

/**
 * Age of the newest heartbeat, ms. A heartbeat from the future was received before the clock was set back: it counts
 * as lost.
 */
const ageMs = (link: Link | null, atMs: AtMs): number =>
  link === null || link.receivedAtMs > atMs ? Infinity : atMs - link.receivedAtMs

/** When a lease ends at the latest that was granted for a heartbeat received at this instant. */
export const leaseEndAtMs = (receivedAtMs: AtMs, { leaseMs, slackMs }: Timing): AtMs =>
  receivedAtMs + leaseMs + slackMs

/** Whether the controller is shown as silent: it missed two heartbeats. */
const isSilent = (command: CommandLifecycle, link: Link | null, atMs: AtMs, timing: Timing): boolean =>
  (link === null ? atMs - (command.seenOpenAtMs ?? -Infinity) : ageMs(link, atMs)) >=
  2 * timing.heartbeatIdleMs

/**
 * The instant at which the valve is closed at the latest: the end of its duration; for a silent controller also the
 * end of its last lease, whichever is earlier.
 */
export function latestClosingMs(
  command: CommandLifecycle,
  link: Link | null,
  atMs: AtMs,
  timing: Timing,
): AtMs | null {
  const { boundAtMs, leaseEndAtMs, isTimed } = command
  if (boundAtMs === null || leaseEndAtMs == null || isTimed) return boundAtMs
  return isSilent(command, link, atMs, timing) ? Math.min(boundAtMs, leaseEndAtMs) : boundAtMs
}

/** Shifts all recorded instants and the remaining time after the server's clock was set by a known amount, ms. */
export function shiftLifecycle(command: CommandLifecycle, byMs: number): CommandLifecycle {
  const shifted = (atMs: AtMs | null) => (atMs === null ? null : atMs + byMs)
  return {
    ...command,
    expiresAtMs: command.expiresAtMs + byMs,
    sentAtMs: shifted(command.sentAtMs),
    resentAtMs: shifted(command.resentAtMs),
    confirmedAtMs: shifted(command.confirmedAtMs),
    openedAtMs: shifted(command.openedAtMs ?? null),
    seenOpenAtMs: shifted(command.seenOpenAtMs ?? null),
    boundAtMs: shifted(command.boundAtMs),
    leaseEndAtMs: shifted(command.leaseEndAtMs ?? null),
    unknownAtMs: shifted(command.unknownAtMs),
    inconclusiveStateAtMs: shifted(command.inconclusiveStateAtMs ?? null),
    closeSentAtMs: shifted(command.closeSentAtMs),
    fencedAtMs: shifted(command.fencedAtMs),
  }
}

/** After the clock was set back: no recorded instant is later than now, and the bound is the earliest possible one. */
export function clampToClock(command: CommandLifecycle, atMs: AtMs, timing: Timing): CommandLifecycle {
  const notAfterNow = (doneAtMs: AtMs | null) => (doneAtMs === null ? null : Math.min(doneAtMs, atMs))
  const latestMs = atMs + command.durMs + timing.expiryMs
  const isSettled =
    (command.boundAtMs ?? 0) <= latestMs && (command.unknownAtMs ?? command.resentAtMs ?? 0) <= atMs
  const isPast = [
    command.closeSentAtMs,
    command.confirmedAtMs,
    command.seenOpenAtMs,
    command.inconclusiveStateAtMs,
  ].every((instantMs) => (instantMs ?? 0) <= atMs)
  if (isSettled && isPast) return command
  return {
    ...command,
    sentAtMs: notAfterNow(command.sentAtMs),
    resentAtMs: notAfterNow(command.resentAtMs),
    confirmedAtMs: notAfterNow(command.confirmedAtMs),
    openedAtMs: notAfterNow(command.openedAtMs ?? null),
    seenOpenAtMs: notAfterNow(command.seenOpenAtMs ?? null),
    unknownAtMs: notAfterNow(command.unknownAtMs),
    inconclusiveStateAtMs: notAfterNow(command.inconclusiveStateAtMs ?? null),
    fencedAtMs: notAfterNow(command.fencedAtMs),
    closeSentAtMs: notAfterNow(command.closeSentAtMs),
    boundAtMs: command.boundAtMs === null ? null : Math.min(command.boundAtMs, latestMs),
    leaseEndAtMs:
      command.leaseEndAtMs == null ? null : Math.min(command.leaseEndAtMs, leaseEndAtMs(atMs, timing)),
  }
}

/** The step that is due after an event. */
export function advance(
  command: CommandLifecycle,
  { atMs, link }: LifecycleEvent,
  timing: Timing,
): LifecycleStep {
  const isFresh = link !== null && ageMs(link, atMs) <= timing.freshMs
  if (command.state === 'new') {
    if (command.isStopped) return unchanged(endNeverRun(command, atMs))
    if (atMs > command.expiresAtMs) return unchanged(end(command, 'expired', 'expired', atMs, NO_RUN))
    return isFresh ? sendOpen(command, link, atMs, timing) : unchanged(command)
  }
  // its earlier copies cannot run, and there was no session to send it to again
  if (command.state === 'sent' && command.sentAtMs === null && atMs > command.expiresAtMs)
    return unchanged(endNeverRun(command, atMs))
  const isPast = atMs > giveUpAtMs(command, timing)
  if (isPast && (command.state === 'unknown' || command.state === 'fencing')) {
    const worstCase = { ranMs: worstCaseRunMs(command, timing), litres: null, isBound: true }
    return unchanged(end(command, 'resolved', command.isStopped ? 'stopped' : 'unconfirmed', atMs, worstCase))
  }
  const doubt = doubtReason(command, atMs, link, timing)
  const now = doubt === null ? command : toUnknown(command, doubt, atMs)
  if (now.state === 'fencing' || now.isStopped || mustFence(now, atMs, isFresh, timing))
    return fence(now, link, atMs, isFresh, timing)
  const isDue = now.resentAtMs === null || atMs - now.resentAtMs >= timing.resendMs
  if (now.state === 'sent' && isDue && isFresh && now.rejectReason === null)
    return sendOpen(now, link, atMs, timing)
  return unchanged(now)
}

/**
 * After this instant no report of the device is awaited: the valve is closed. A clock may have been set while the server
 * was down: after a restart the bound alone is not enough, but without a server the lease has expired as well.
 */
function giveUpAtMs({ boundAtMs, unknownAtMs, unknownReason }: CommandLifecycle, timing: Timing): AtMs {
  if (boundAtMs === null) return Infinity
  const leaseEndMs = unknownReason === 'restart' ? unknownAtMs! + timing.leaseMs : -Infinity
  return Math.max(boundAtMs, leaseEndMs) + timing.reconcileMs
}

const NO_RUN = { ranMs: 0, litres: 0, isBound: false }
const unchanged = (command: CommandLifecycle): LifecycleStep => ({ lifecycle: command, send: [] })

function doubtReason(
  { state, sentAtMs, boundAtMs, seenOpenAtMs }: CommandLifecycle,
  atMs: AtMs,
  link: Link | null,
  timing: Timing,
): CommandLifecycle['unknownReason'] {
  if (state === 'sent' && sentAtMs !== null && atMs - sentAtMs >= timing.unconfirmedMs) return 'unconfirmed'
  if (state !== 'running') return null
  // by the run time that the device reported last
  if (atMs >= boundAtMs! + timing.unconfirmedMs) return 'overdue'
  // a hello precedes the first heartbeat of its session
  const silentMs = link === null ? atMs - (seenOpenAtMs ?? -Infinity) : ageMs(link, atMs)
  return silentMs >= timing.unconfirmedMs ? 'link' : null
}

/** After a restart or a lost link a report of the device is awaited first, but not without limit once it is connected. */
function mustFence(command: CommandLifecycle, atMs: AtMs, isFresh: boolean, timing: Timing): boolean {
  if (command.state !== 'unknown') return false
  if (command.unknownReason !== 'link' && command.unknownReason !== 'restart') return true
  return isFresh && atMs >= fenceAtMs(command, timing)
}

/** After a state that resolved nothing, the next state is not awaited: the fence needs time too (I9). */
const fenceAtMs = (
  { unknownAtMs, inconclusiveStateAtMs }: CommandLifecycle,
  { stateMs, reconcileMs }: Timing,
): AtMs =>
  Math.min(unknownAtMs! + stateMs + reconcileMs, (inconclusiveStateAtMs ?? Infinity) + reconcileMs / 2)

function sendOpen(command: CommandLifecycle, link: Link, atMs: AtMs, timing: Timing): LifecycleStep {
  const { id, valve, seq, durMs, litres } = command
  const expMonoMs = link.monoMs + timing.expiryMs
  const isNewSession = command.sess !== link.sess || command.firstMonoMs === null
  return {
    lifecycle: {
      ...command,
      state: 'sent',
      sess: link.sess,
      sentAtMs: command.sentAtMs ?? atMs,
      resentAtMs: atMs,
      firstMonoMs: isNewSession ? link.monoMs : command.firstMonoMs,
      leaseMonoMs: isNewSession
        ? link.monoMs
        : command.leaseMonoMs && Math.max(command.leaseMonoMs, link.monoMs),
      expMonoMs: isNewSession ? expMonoMs : Math.max(command.expMonoMs ?? 0, expMonoMs),
      boundAtMs: Math.max(command.boundAtMs ?? 0, link.receivedAtMs + timing.expiryMs + durMs),
      leaseEndAtMs: Math.max(command.leaseEndAtMs ?? 0, leaseEndAtMs(link.receivedAtMs, timing)),
      unknownAtMs: null,
      unknownReason: null,
      inconclusiveStateAtMs: null,
    },
    send: [
      {
        op: 'open',
        id,
        valve,
        seq,
        durMs,
        ...(litres === null ? {} : { litres }),
        sess: link.sess,
        n: link.n,
        expMonoMs,
      },
    ],
  }
}

// sending to an absent device ends: it publishes a hello when it returns
const RESEND_WHILE_AWAY_MS = 600_000

function fence(
  command: CommandLifecycle,
  link: Link | null,
  atMs: AtMs,
  isFresh: boolean,
  timing: Timing,
): LifecycleStep {
  const fencedAtMs = command.fencedAtMs ?? atMs
  const fenced: CommandLifecycle = {
    ...command,
    state: 'fencing',
    fencedAtMs,
    closeSeq: command.closeSeq ?? Math.max(command.seq, command.lastSeq) + 1,
  }
  const isDue = command.closeSentAtMs === null || atMs - command.closeSentAtMs >= timing.resendMs
  if (!isDue || (!isFresh && atMs - fencedAtMs > RESEND_WHILE_AWAY_MS)) return unchanged(fenced)
  return {
    lifecycle: { ...fenced, closeSentAtMs: atMs },
    send: [
      {
        op: 'close',
        valve: command.valve,
        seq: fenced.closeSeq!,
        of: command.seq,
        // a close is valid in any session; an absent device is addressed under its last known session
        sess: link?.sess ?? command.sess ?? 'none',
      },
    ],
  }
}

/**
 * The instant of the next check if no message arrives, after `atMs`, the instant of the last check. Infinity: never.
 */
export function nextCheckMs(command: CommandLifecycle, link: Link | null, atMs: AtMs, timing: Timing): AtMs {
  const dueMs = dueAtMs(command, link, atMs, timing)
  // due already, but delayed by a lost link
  return dueMs > atMs ? dueMs : atMs + timing.resendMs
}

function dueAtMs(command: CommandLifecycle, link: Link | null, atMs: AtMs, timing: Timing): AtMs {
  const pastMs = giveUpAtMs(command, timing) + 1
  switch (command.state) {
    case 'new':
      return command.expiresAtMs + 1
    case 'sent':
      return Math.min(
        (command.resentAtMs ?? atMs) + timing.resendMs,
        (command.sentAtMs ?? atMs) + timing.unconfirmedMs,
      )
    case 'running': {
      const seenAtMs = link?.receivedAtMs ?? command.seenOpenAtMs ?? atMs
      const silentAtMs = seenAtMs + 2 * timing.heartbeatIdleMs
      return Math.min(
        command.boundAtMs! + timing.unconfirmedMs,
        seenAtMs + timing.unconfirmedMs,
        silentAtMs > atMs ? silentAtMs : Infinity,
      )
    }
    case 'unknown':
      return Math.min(pastMs, Math.max(atMs + timing.resendMs, fenceAtMs(command, timing)))
    case 'fencing': {
      const isResending = atMs - command.fencedAtMs! <= RESEND_WHILE_AWAY_MS
      const isFresh = link !== null && ageMs(link, atMs) <= timing.freshMs
      return Math.min(
        pastMs,
        isResending || isFresh ? (command.closeSentAtMs ?? atMs) + timing.resendMs : Infinity,
      )
    }
    default:
      return Infinity
  }
}
