/**
 * I1: ended runs that a controller has reported. None may be reported again with another length, or as still running.
 */
import type { Ack, JournalEntry } from '../../../broker/contract/messages.ts'
import type { Violation } from './rules.ts'
import { type ObservedState, type MonitorStep } from './observed-state.ts'

const RUNS_KEPT = 64
const SESSIONS_KEPT = 4

/** Whether a message is older than the latest reported end, which overtook it. */
export const isOlderThanEnd = (
  { endSv }: ObservedState,
  { sess, sv }: { sess: string; sv: number },
): boolean => sv <= (endSv[sess] ?? 0)

/** The state version of the latest reported end by session, after this ack. */
export function updateEndSv(
  { endSv }: ObservedState,
  { sess, sv }: Ack,
  reportsEnd: boolean,
): ObservedState['endSv'] {
  if (!reportsEnd || sv <= (endSv[sess] ?? 0)) return endSv
  return Object.fromEntries(Object.entries({ ...endSv, [sess]: sv }).slice(-SESSIONS_KEPT))
}

/** Ended runs; one that is reported again with another length ran twice. */
export function recordEndedRuns(
  observed: ObservedState,
  violations: Violation[],
  entries: readonly JournalEntry[],
  slackMs: number,
): MonitorStep {
  const ended = { ...observed.ended }
  let runs = { ...observed.runs }
  const newViolations = [...violations]
  for (const { valve, seq, ranMs, why } of entries) {
    ended[valve] = Math.max(seq, ended[valve] ?? 0)
    const key = `${valve} ${seq}`
    const earlierMs = runs[key]
    if (
      earlierMs !== undefined &&
      earlierMs > 0 &&
      ranMs > 0 &&
      Math.abs(ranMs - earlierMs) > slackMs &&
      why !== 'power'
    )
      newViolations.push({ rule: 'I1', valve, seq, detail: { ranMs, before: earlierMs } })
    runs[key] = ranMs
  }
  const keys = Object.keys(runs)
  if (keys.length > RUNS_KEPT)
    runs = Object.fromEntries(keys.slice(-RUNS_KEPT).map((key) => [key, runs[key]!]))
  return { observed: { ...observed, ended, runs }, violations: newViolations }
}
