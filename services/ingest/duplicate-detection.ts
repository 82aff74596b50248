/**
 * A message number without a time stamp repeats: a duplicate, or a probe that was reflashed or replaced and counts
 * from 0 again? A duplicate comes soon after the message, or in a burst after a reconnect. A restarted probe sends no
 * new number for months, and its messages arrive at the measuring interval: between two of them the server clock and
 * the probe clock advance equally. Anything else is left to a person. Pure.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'

interface Numbered {
  n: number
  boot: number
  monoMs: number
}

/** Consecutive late repeats with no new number in between: the last one, and the start of the run. */
export interface RepeatRun extends Numbered {
  count: number
  firstMonoMs: number
  firstMs: AtMs // arrival of the first
}

export type RepeatVerdict =
  | { kind: 'repeat' }
  | { kind: 'unclear'; run: RepeatRun | null } // to store
  | { kind: 'began-again' }

// a lost acknowledgement is repeated after 5 minutes at the latest (device guide, section 3)
const SOON_MS = 15 * MINUTE_MS
const PROOF_MESSAGES = 3
const PROOF_MS = 5 * MINUTE_MS
// networks delay by seconds, and the oscillator of a sleeping probe may be off by a tenth
const PACE_SLACK_MS = MINUTE_MS
const PACE_SLACK = 0.2

/** `lastNewMs`: the last arrival of a new number from the device; null when unknown. */
export function judgeRepeat(
  message: Numbered,
  { receivedMs, replayedMs }: { receivedMs: AtMs; replayedMs: AtMs | null },
  { lastNewMs, run }: { lastNewMs: AtMs | null; run: RepeatRun | null },
): RepeatVerdict {
  const afterMs = lastNewMs === null ? Infinity : receivedMs - lastNewMs
  // a person who replays a late repeat has confirmed that it is new; a repeat of a stored message stays a dead letter
  if (replayedMs !== null) return afterMs > SOON_MS ? { kind: 'began-again' } : { kind: 'unclear', run }
  // absolute, because the server clock may have been set back
  const isSoon = Math.abs(afterMs) <= SOON_MS
  if (isSoon || (run !== null && isSame(message, run))) return { kind: 'repeat' }
  if (run === null || !isAtPace(message, receivedMs, run)) {
    const { boot, n, monoMs } = message
    return { kind: 'unclear', run: { boot, n, monoMs, count: 1, firstMonoMs: monoMs, firstMs: receivedMs } }
  }
  const longer = { ...run, n: message.n, monoMs: message.monoMs, count: run.count + 1 }
  const isProved = longer.count >= PROOF_MESSAGES && receivedMs - run.firstMs >= PROOF_MS
  return isProved ? { kind: 'began-again' } : { kind: 'unclear', run: longer }
}

const isSame = (a: Numbered, b: Numbered): boolean =>
  a.n === b.n && a.boot === b.boot && a.monoMs === b.monoMs

function isAtPace({ n, boot, monoMs }: Numbered, receivedMs: AtMs, run: RepeatRun): boolean {
  const goneMs = receivedMs - run.firstMs
  const slackMs = Math.max(PACE_SLACK_MS, goneMs * PACE_SLACK)
  return boot === run.boot && n > run.n && Math.abs(monoMs - run.firstMonoMs - goneMs) <= slackMs
}
