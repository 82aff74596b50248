/** Turns of puffers, sirens and fans as rows: how each ended, and the rest after a STOP. */
import { HOUR_MS } from '../../../broker/contract/time.ts'
import type { AuxOutputRunRow, RequestRow } from '../../tables.ts'
import type { OpenCommand } from '../dispatch-state.ts'
import type { OutputRefusal } from '../interlocks/output-interlocks.ts'
import type { Rows } from '../command-rows.ts'

/** Of `command.reason`: no run belongs to such an order. */
export const OUTPUT_REASON = 'output'

/** What a turn has come to, written with the end of its order. */
export async function endOutputRun(
  rows: Rows,
  { row, life }: Pick<OpenCommand, 'row' | 'life'>,
): Promise<void> {
  if (row.reason !== OUTPUT_REASON) return
  const ranMs = life.ranMs ?? 0
  await rows
    .updateTable('auxOutputRun')
    .set(({ eb, fn }) => ({
      state: ranMs > 0 ? 'done' : life.isStopped ? 'skipped' : 'failed',
      ranMs,
      // why it was not wanted any more says more than that it was told to shut
      endReason: life.isStopped ? fn.coalesce('endReason', eb.val(life.outcome)) : life.outcome,
    }))
    .where('commandId', '=', row.id)
    .execute()
}

/** After STOP nothing of the organisation comes on by itself for an hour. */
export const pauseOutputs = (rows: Rows, { org, atMs }: Pick<RequestRow, 'org' | 'atMs'>) =>
  rows
    .updateTable('auxOutput')
    .set({ pausedUntilMs: atMs + HOUR_MS })
    .where('org', '=', org)
    .execute()

export const skipOutputRun = (rows: Rows, { id }: AuxOutputRunRow, why: OutputRefusal) =>
  rows
    .updateTable('auxOutputRun')
    .set({ state: 'skipped', endReason: why })
    .where('id', '=', id)
    .where('state', '=', 'due')
    .execute()
