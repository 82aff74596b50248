/**
 * A message number that comes again without a time of its own: a repeat, or a probe that was reflashed or replaced and
 * counts from 0 again? A repeat comes soon after the message, or in a burst when the connection is back. A probe that
 * began again sends nothing new for months, and its repeats come as slowly as they are measured: between two of them
 * the server's clock and the probe's own have gone equally far. What is neither is left to a person. Pure.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'

interface Numbered {
  n: number
  boot: number
  monoMs: number
}

/** Late repeats in a row, with nothing new between them: the last of them, and where they began. */
export interface RepeatRun extends Numbered {
  count: number
  firstMonoMs: number
  firstMs: AtMs // arrival of the first
}

export type RepeatVerdict =
  | { kind: 'repeat' }
  | { kind: 'unclear'; run: RepeatRun | null } // to be remembered
  | { kind: 'began-again' }

// an acknowledgement that is lost is asked for again after 5 minutes at the latest (device guide, section 3)
const SOON_MS = 15 * MINUTE_MS
const PROOF_MESSAGES = 3
const PROOF_MS = 5 * MINUTE_MS
// networks delay by seconds, and the oscillator of a sleeping probe may be off by a tenth
const PACE_SLACK_MS = MINUTE_MS
const PACE_SLACK = 0.2

/** `lastNewMs`: when the device was last heard with a number never seen before; null when that is not known. */
export function judgeRepeat(
  message: Numbered,
  { receivedMs, replayedMs }: { receivedMs: AtMs; replayedMs: AtMs | null },
  { lastNewMs, run }: { lastNewMs: AtMs | null; run: RepeatRun | null },
): RepeatVerdict {
  const afterMs = lastNewMs === null ? Infinity : receivedMs - lastNewMs
  // who replays a late repeat has looked at it and says that it is none; one that was stored stays a letter
  if (replayedMs !== null) return afterMs > SOON_MS ? { kind: 'began-again' } : { kind: 'unclear', run }
  // either way: the server's clock may have been set back
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
