/** The runs of a day as a person needs them: what waits for a decision, what failed, what is ahead, and what is over. */
import type { PlanView } from '../../../services/api/schemas.ts'

type Run = PlanView['runs'][number]

/** Runs of one zone that ended for the same reason. */
export interface Stuck {
  key: string
  first: Run
  runs: readonly Run[]
}

export interface PlanGroups {
  waiting: Run[]
  /** ended without their water; the same cause is one entry */
  stuck: Stuck[]
  ahead: Run[]
  /** that gave water, newest first */
  ran: Run[]
  /** skipped or cancelled, newest first */
  left: Run[]
}

export function groupPlan(runs: readonly Run[]): PlanGroups {
  const groups: PlanGroups = { waiting: [], stuck: [], ahead: [], ran: [], left: [] }
  const stuck = new Map<string, Run[]>()
  for (const run of runs) {
    if (run.state === 'proposed') groups.waiting.push(run)
    else if (run.state === 'failed') {
      const key = `${run.zoneId} ${run.endReason}`
      stuck.set(key, [...(stuck.get(key) ?? []), run])
    } else if (run.state === 'done') groups.ran.unshift(run)
    else if (run.state === 'skipped' || run.state === 'cancelled') groups.left.unshift(run)
    else groups.ahead.push(run)
  }
  groups.stuck = [...stuck].map(([key, same]) => ({ key, first: same[0]!, runs: same }))
  return groups
}
