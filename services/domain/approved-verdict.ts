/**
 * The verdict of a field from the approval of its run until the plan states it: the plan follows some seconds later, and a
 * field that is about to be watered must not ask for an approval meanwhile. Pure; every response with a field reads this.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { RunState } from '../tables.ts'

/** A run this close to its start belongs to dispatch: a change could cross the command in transit. */
export const IMMINENT_MS = 2 * MINUTE_MS

interface Verdict {
  key: string
  params: Record<string, string | number | null>
}
interface DecidedRun {
  atMs: AtMs
  minutes: number
  state: RunState
}

const APPROVE = '-approve'

/** `run`: the run that the verdict asks to approve. Without an approval of it the verdict stands. */
export function approvedVerdict(verdict: Verdict, run: DecidedRun | null, nowMs: AtMs): Verdict {
  if (run === null || !verdict.key.endsWith(APPROVE)) return verdict
  const isSent = run.state === 'sent' || run.state === 'running'
  if (!isSent && run.state !== 'approved') return verdict
  if (isSent || run.atMs <= nowMs + IMMINENT_MS)
    return { key: 'starting', params: { minutes: run.minutes, atMs: run.atMs } }
  return { key: verdict.key.slice(0, -APPROVE.length), params: verdict.params }
}
