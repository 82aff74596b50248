/** Rows of the runs of puffers, sirens and fans: their end, and the pause after a STOP. */
import { HOUR_MS } from '../../../broker/contract/time.ts'
import type { AuxOutputRunRow, RequestRow } from '../../tables.ts'
import type { OpenCommand } from '../dispatch-state.ts'
import type { OutputRefusal } from '../interlocks/output-interlocks.ts'
import { boundedRun } from '../runs/irrigation-record.ts'
import type { Rows } from '../command-rows.ts'

/** Value of `command.reason`: such a command belongs to no irrigation run. */
export const OUTPUT_REASON = 'output'

/** The result of an output run, written with the end of its command. */
export async function endOutputRun(
  rows: Rows,
  { row, lifecycle }: Pick<OpenCommand, 'row' | 'lifecycle'>,
): Promise<void> {
  if (row.reason !== OUTPUT_REASON) return
  const ranMs = boundedRun(lifecycle).ranMs ?? 0
  await rows
    .updateTable('auxOutputRun')
    .set(({ eb, fn }) => ({
      state: ranMs > 0 ? 'done' : lifecycle.isStopped ? 'skipped' : 'failed',
      ranMs,
      // the reason for stopping it is more useful than the outcome "stopped"
      endReason: lifecycle.isStopped
        ? fn.coalesce('endReason', eb.val(lifecycle.outcome))
        : lifecycle.outcome,
    }))
    .where('commandId', '=', row.id)
    .execute()
}

/** After STOP no auxiliary output of the organisation switches on for an hour. */
export const pauseOutputs = (rows: Rows, { org, atMs }: Pick<RequestRow, 'org' | 'atMs'>) =>
  rows
    .updateTable('auxOutput')
    .set({ pausedUntilMs: atMs + HOUR_MS })
    .where('org', '=', org)
    .execute()

/** Changes a run only while it is due: one that dispatch has sent keeps its state. */
export const skipOutputRun = (rows: Rows, { id }: AuxOutputRunRow, why: OutputRefusal) =>
  rows
    .updateTable('auxOutputRun')
    .set({ state: 'skipped', endReason: why })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .execute()
