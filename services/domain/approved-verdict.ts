/**
 * The verdict of a field from the approval of its run until the plan states it: the plan follows some seconds later, and a
 * field that is about to be watered must not ask for an approval meanwhile. Pure; every response with a field reads this.
 */
import { MINUTE_MS, type AtMs } from '../../broker/contract/time.ts'
import type { FieldStatus, RunState } from '../tables.ts'

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

/** The verdict when `run`, which it asks to approve, is approved now; null: it asks for no approval. */
export function verdictOnceApproved(
  verdict: Verdict,
  run: Omit<DecidedRun, 'state'>,
  nowMs: AtMs,
): Verdict | null {
  if (!verdict.key.endsWith(APPROVE)) return null
  if (run.atMs <= nowMs + IMMINENT_MS) return startingVerdict(run)
  return { key: verdict.key.slice(0, -APPROVE.length), params: verdict.params }
}

/** `run`: the run that the verdict asks to approve. Without an approval of it the verdict stands. */
export function approvedVerdict(verdict: Verdict, run: DecidedRun | null, nowMs: AtMs): Verdict {
  const approved = run && verdictOnceApproved(verdict, run, nowMs)
  if (!run || !approved) return verdict
  if (run.state === 'sent' || run.state === 'running') return startingVerdict(run)
  return run.state === 'approved' ? approved : verdict
}

const startingVerdict = ({ minutes, atMs }: Omit<DecidedRun, 'state'>): Verdict => ({
  key: 'starting',
  params: { minutes, atMs },
})

/** The status of the water of a field with this verdict: a valve that is about to open asks for nothing. */
export const statusOfVerdict = ({ key }: Verdict, status: FieldStatus): FieldStatus =>
  key === 'starting' ? 'ok' : status
