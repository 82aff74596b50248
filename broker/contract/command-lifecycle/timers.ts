/** What the passing of time asks of a command: sending, sending again, doubting, fencing, giving up. */
import { toUnknown, worstCaseRunMs, end, endNeverRun } from './endings.ts'
import type { CommandLifecycle, LifecycleEvent, LifecycleStep, Link, Timing } from './reduce.ts'
import type { AtMs } from '../time.ts'

/** How long ago; a heartbeat from the future was heard before the clock was set back, and is as good as lost. */
const ageMs = (link: Link | null, atMs: AtMs): number =>
  link === null || link.heardAtMs > atMs ? Infinity : atMs - link.heardAtMs

/** The server's clock was set, and by how much is known: all that was noted, and the time that is left, go with it. */
export function shiftLifecycle(life: CommandLifecycle, byMs: number): CommandLifecycle {
  const shifted = (atMs: AtMs | null) => (atMs === null ? null : atMs + byMs)
  return {
    ...life,
    expiresAtMs: life.expiresAtMs + byMs,
    sentAtMs: shifted(life.sentAtMs),
    resentAtMs: shifted(life.resentAtMs),
    confirmedAtMs: shifted(life.confirmedAtMs),
    seenOpenAtMs: shifted(life.seenOpenAtMs ?? null),
    boundAtMs: shifted(life.boundAtMs),
    unknownAtMs: shifted(life.unknownAtMs),
    inconclusiveStateAtMs: shifted(life.inconclusiveStateAtMs ?? null),
    closeSentAtMs: shifted(life.closeSentAtMs),
    fencedAtMs: shifted(life.fencedAtMs),
  }
}

/** After the clock was set back: nothing was done later than now, and what is open shuts as soon as it can. */
export function clampToClock(life: CommandLifecycle, atMs: AtMs, timing: Timing): CommandLifecycle {
  const past = (doneAtMs: AtMs | null) => (doneAtMs === null ? null : Math.min(doneAtMs, atMs))
  const latestMs = atMs + life.durMs + timing.expiryMs
  const isSettled = (life.boundAtMs ?? 0) <= latestMs && (life.unknownAtMs ?? life.resentAtMs ?? 0) <= atMs
  const isPast = [
    life.closeSentAtMs,
    life.confirmedAtMs,
    life.seenOpenAtMs,
    life.inconclusiveStateAtMs,
  ].every((at) => (at ?? 0) <= atMs)
  if (isSettled && isPast) return life
  return {
    ...life,
    sentAtMs: past(life.sentAtMs),
    resentAtMs: past(life.resentAtMs),
    confirmedAtMs: past(life.confirmedAtMs),
    seenOpenAtMs: past(life.seenOpenAtMs ?? null),
    unknownAtMs: past(life.unknownAtMs),
    inconclusiveStateAtMs: past(life.inconclusiveStateAtMs ?? null),
    fencedAtMs: past(life.fencedAtMs),
    closeSentAtMs: past(life.closeSentAtMs),
    boundAtMs: life.boundAtMs === null ? null : Math.min(life.boundAtMs, latestMs),
  }
}

/** After an event: what is due now. */
export function advance(
  life: CommandLifecycle,
  { atMs, link }: LifecycleEvent,
  timing: Timing,
): LifecycleStep {
  const isFresh = link !== null && ageMs(link, atMs) <= timing.freshMs
  if (life.state === 'new') {
    if (life.isStopped) return unchanged(endNeverRun(life, atMs))
    if (atMs > life.expiresAtMs) return unchanged(end(life, 'expired', 'expired', atMs, NO_RUN))
    return isFresh ? sendOpen(life, link, atMs, timing) : unchanged(life)
  }
  // its earlier copies are dead, and there was no session to send it to again
  if (life.state === 'sent' && life.sentAtMs === null && atMs > life.expiresAtMs)
    return unchanged(endNeverRun(life, atMs))
  const isPast = atMs > giveUpAtMs(life, timing)
  if (isPast && (life.state === 'unknown' || life.state === 'fencing')) {
    const ran = { ranMs: worstCaseRunMs(life, timing), litres: null, isBound: true }
    return unchanged(end(life, 'resolved', life.isStopped ? 'stopped' : 'unconfirmed', atMs, ran))
  }
  const doubt = doubtReason(life, atMs, link, timing)
  const now = doubt === null ? life : toUnknown(life, doubt, atMs)
  if (now.state === 'fencing' || now.isStopped || mustFence(now, atMs, isFresh, timing))
    return fence(now, link, atMs, isFresh, timing)
  const isDue = now.resentAtMs === null || atMs - now.resentAtMs >= timing.resendMs
  if (now.state === 'sent' && isDue && isFresh && now.rejectReason === null)
    return sendOpen(now, link, atMs, timing)
  return unchanged(now)
}

/**
 * After this nobody waits for the device's word any more: the valve is shut. A clock may have been set while the server
 * was away: after a restart the bound alone is not believed, but a lease that nobody gave has ended as well.
 */
function giveUpAtMs(
  { boundAtMs, unknownAtMs, unknownReason: unknownWhy }: CommandLifecycle,
  timing: Timing,
): AtMs {
  if (boundAtMs === null) return Infinity
  const leaseEndMs = unknownWhy === 'restart' ? unknownAtMs! + timing.leaseMs : -Infinity
  return Math.max(boundAtMs, leaseEndMs) + timing.reconcileMs
}

const NO_RUN = { ranMs: 0, litres: 0, isBound: false }
const unchanged = (life: CommandLifecycle): LifecycleStep => ({ lifecycle: life, send: [] })

function doubtReason(
  { state, sentAtMs, boundAtMs, seenOpenAtMs }: CommandLifecycle,
  atMs: AtMs,
  link: Link | null,
  timing: Timing,
): CommandLifecycle['unknownReason'] {
  if (state === 'sent' && sentAtMs !== null && atMs - sentAtMs >= timing.unconfirmedMs) return 'unconfirmed'
  if (state !== 'running') return null
  // as the device last said how long it had run
  if (atMs >= boundAtMs! + timing.unconfirmedMs) return 'overdue'
  // a hello comes before the first heartbeat of its session
  const unheardMs = link === null ? atMs - (seenOpenAtMs ?? -Infinity) : ageMs(link, atMs)
  return unheardMs >= timing.unconfirmedMs ? 'link' : null
}

/** After a restart or a lost link the device's own word is waited for first, but not for ever once it is heard. */
function mustFence(life: CommandLifecycle, atMs: AtMs, isFresh: boolean, timing: Timing): boolean {
  if (life.state !== 'unknown') return false
  if (life.unknownReason !== 'link' && life.unknownReason !== 'restart') return true
  return isFresh && atMs >= fenceAtMs(life, timing)
}

/** What it has told and what settled nothing is not waited for until the next state: the fence needs its time too (I9). */
const fenceAtMs = (
  { unknownAtMs, inconclusiveStateAtMs: toldAtMs }: CommandLifecycle,
  { stateMs, reconcileMs }: Timing,
): AtMs => Math.min(unknownAtMs! + stateMs + reconcileMs, (toldAtMs ?? Infinity) + reconcileMs / 2)

function sendOpen(life: CommandLifecycle, link: Link, atMs: AtMs, timing: Timing): LifecycleStep {
  const { id, valve, seq, durMs, litres } = life
  const expMonoMs = link.monoMs + timing.expiryMs
  const isAnew = life.sess !== link.sess || life.firstMonoMs === null
  return {
    lifecycle: {
      ...life,
      state: 'sent',
      sess: link.sess,
      sentAtMs: life.sentAtMs ?? atMs,
      resentAtMs: atMs,
      firstMonoMs: isAnew ? link.monoMs : life.firstMonoMs,
      leaseMonoMs: isAnew ? link.monoMs : life.leaseMonoMs && Math.max(life.leaseMonoMs, link.monoMs),
      expMonoMs: isAnew ? expMonoMs : Math.max(life.expMonoMs ?? 0, expMonoMs),
      boundAtMs: Math.max(life.boundAtMs ?? 0, link.heardAtMs + timing.expiryMs + durMs),
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

// a device that is away is not called for ever: it says hello when it is back
const RESEND_WHILE_AWAY_MS = 600_000

function fence(
  life: CommandLifecycle,
  link: Link | null,
  atMs: AtMs,
  isFresh: boolean,
  timing: Timing,
): LifecycleStep {
  const fencedAtMs = life.fencedAtMs ?? atMs
  const fenced: CommandLifecycle = {
    ...life,
    state: 'fencing',
    fencedAtMs,
    closeSeq: life.closeSeq ?? Math.max(life.seq, life.lastSeq) + 1,
  }
  const isDue = life.closeSentAtMs === null || atMs - life.closeSentAtMs >= timing.resendMs
  if (!isDue || (!isFresh && atMs - fencedAtMs > RESEND_WHILE_AWAY_MS)) return unchanged(fenced)
  return {
    lifecycle: { ...fenced, closeSentAtMs: atMs },
    send: [
      {
        op: 'close',
        valve: life.valve,
        seq: fenced.closeSeq!,
        of: life.seq,
        // closing is taken in any session; a device that is away is called under the last one known
        sess: link?.sess ?? life.sess ?? 'none',
      },
    ],
  }
}

/**
 * When the life must be looked at again though nothing is heard; later than `atMs`, the instant it was last looked at.
 * Infinity: never.
 */
export function nextCheckMs(life: CommandLifecycle, link: Link | null, atMs: AtMs, timing: Timing): AtMs {
  const dueMs = dueAtMs(life, link, atMs, timing)
  // due already, but held up by a lost link
  return dueMs > atMs ? dueMs : atMs + timing.resendMs
}

function dueAtMs(life: CommandLifecycle, link: Link | null, atMs: AtMs, timing: Timing): AtMs {
  const pastMs = giveUpAtMs(life, timing) + 1
  switch (life.state) {
    case 'new':
      return life.expiresAtMs + 1
    case 'sent':
      return Math.min(
        (life.resentAtMs ?? atMs) + timing.resendMs,
        (life.sentAtMs ?? atMs) + timing.unconfirmedMs,
      )
    case 'running':
      return Math.min(
        life.boundAtMs! + timing.unconfirmedMs,
        (link?.heardAtMs ?? life.seenOpenAtMs ?? atMs) + timing.unconfirmedMs,
      )
    case 'unknown':
      return Math.min(pastMs, Math.max(atMs + timing.resendMs, fenceAtMs(life, timing)))
    case 'fencing': {
      const isCalling = atMs - life.fencedAtMs! <= RESEND_WHILE_AWAY_MS
      const isFresh = link !== null && ageMs(link, atMs) <= timing.freshMs
      return Math.min(
        pastMs,
        isCalling || isFresh ? (life.closeSentAtMs ?? atMs) + timing.resendMs : Infinity,
      )
    }
    default:
      return Infinity
  }
}
