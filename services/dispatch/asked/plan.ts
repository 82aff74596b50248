/** A yes or a no to a run of the plan. */
import type { ExpressionBuilder } from 'kysely'
import type { RequestRow, RunRow, Tables } from '../../tables.ts'
import type { Desk } from '../desk.ts'
import { runOf, tellRun, writeAudit, type Answer } from './request.ts'

export async function approve(desk: Desk, request: RequestRow): Promise<Answer> {
  const run = await runOf(desk, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'approved') return { resultId: run.id }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  const nowMs = desk.clock.now()
  if (run.state !== 'proposed' || nowMs > run.startMs + desk.timing.missedWindowMs)
    return { refused: 'too-late' }
  await desk.state
    .updateTable('run')
    .set({ state: 'approved', approvedBy: request.actor, updatedAtMs: nowMs })
    .where(isOfDose(run))
    .where('state', '=', 'proposed')
    .execute()
  desk.readRunsAtMs = nowMs
  await writeAudit(desk, request, 'run-approved', run.id)
  tellRun(desk, run)
  return { resultId: run.id }
}

export async function skipRun(desk: Desk, request: RequestRow): Promise<Answer> {
  const run = await runOf(desk, request)
  if (!run) return { refused: 'not-found' }
  if (run.state === 'sent' || run.state === 'running') return { refused: 'already-running' }
  if (run.state !== 'proposed' && run.state !== 'approved') return { refused: 'too-late' }
  await desk.state
    .updateTable('run')
    .set({ state: 'cancelled', endedWhy: 'by-person', updatedAtMs: desk.clock.now() })
    .where(isOfDose(run))
    .where('state', 'in', ['proposed', 'approved'])
    .execute()
  for (const [id, due] of desk.due)
    if (id === run.id || (run.doseId != null && due.run.doseId === run.doseId && !due.isContinued))
      desk.due.delete(id)
  await writeAudit(desk, request, 'run-skipped', run.id)
  tellRun(desk, run)
  return { resultId: run.id }
}

/** A yes or a no is said to the whole dose, of which a run may be a part. */
const isOfDose =
  ({ id, doseId }: RunRow) =>
  (where: ExpressionBuilder<Tables, 'run'>) =>
    doseId == null ? where('id', '=', id) : where('doseId', '=', doseId)
