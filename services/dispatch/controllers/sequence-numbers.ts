/**
 * Sequence numbers of a valve. A controller that has used more numbers than are recorded here was commanded by another
 * server, or an older backup was restored: its runs in between are unknown, so no run that is due now may open again,
 * and numbering continues above the device's. A number that the device cannot have used is refused, and a person is
 * notified.
 */
import { isPlausibleSeq, MAX_SEQ, MAX_SEQ_AHEAD } from '../../../broker/contract/bounds.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { RunState } from '../../tables.ts'
import { connectionTo, type DispatchState, type DispatchServices } from '../dispatch-state.ts'
import type { Rows } from '../command-rows.ts'
import { inOrg } from '../../runtime/transactions.ts'

/** The highest known sequence number of a valve: of its commands, or reported as used by the device. */
async function lastKnownSeq(rows: Rows, device: string, valve: string): Promise<number> {
  const { seq } = await rows
    .selectFrom('command')
    .select((row) => row.fn.max('seq').as('seq'))
    .where('deviceId', '=', device)
    .where('valve', '=', valve)
    .executeTakeFirstOrThrow()
  const storedSequence = await rows
    .selectFrom('valveSequence')
    .select('usedSeq')
    .where('deviceId', '=', device)
    .where('valve', '=', valve)
    .executeTakeFirst()
  return Math.max(Number(seq ?? 0), Number(storedSequence?.usedSeq ?? 0))
}

/**
 * The next sequence number of a valve: above every recorded command and every number that the device can have used.
 * Null: no number is left that an opening and its fence could use.
 */
export async function nextSeq(
  rows: Rows,
  device: string,
  valve: string,
  deviceLast: number,
): Promise<number | null> {
  const knownSeq = await lastKnownSeq(rows, device, valve)
  const lastSeq = isPlausibleSeq(deviceLast, knownSeq) ? Math.max(knownSeq, deviceLast) : knownSeq
  return lastSeq + 2 < MAX_SEQ ? lastSeq + 1 : null
}

/** Call it once per session, before the first opening. */
export async function reconcileSequence(
  dispatch: DispatchServices & Pick<DispatchState, 'connections' | 'dueRuns'>,
  org: string,
  device: string,
): Promise<void> {
  const link = connectionTo(dispatch, org, device)
  const { state } = link
  if (!state || link.reconciledSess === state.sess) return
  for (const [valve, used] of Object.entries(state.last))
    await skipAhead(dispatch, { org, device, valve, used })
  link.reconciledSess = state.sess
}

async function skipAhead(
  dispatch: DispatchServices & Pick<DispatchState, 'dueRuns'>,
  { org, device, valve, used }: { org: string; device: string; valve: string; used: number },
): Promise<void> {
  const recordedSeq = await lastKnownSeq(dispatch.state, device, valve)
  const atMs = dispatch.clock.now()
  const subject = { org, device, valve, fieldId: null }
  if (!isPlausibleSeq(used, recordedSeq)) {
    const reason = `last.${valve}: expected at most ${recordedSeq + MAX_SEQ_AHEAD}, got ${used}`
    dispatch.log.error(
      { device, valve, used, known: recordedSeq },
      'an impossible sequence number was refused',
    )
    return dispatch.alerts.raise('message-refused', subject, atMs, { reason })
  }
  await dispatch.alerts.clear('message-refused', subject, atMs)
  if (used <= recordedSeq) return
  const skipped = await inOrg(dispatch.state, org, async (rows) => {
    await rows
      .insertInto('valveSequence')
      .values({ deviceId: device, valve, org, usedSeq: used, lockoutClearedSeq: 0 })
      .onConflict((conflict) => conflict.columns(['deviceId', 'valve']).doUpdateSet({ usedSeq: used }))
      .execute()
    const skipped = [
      ...(await endRuns(rows, { device, valve, atMs }, ['approved'], 'skipped')),
      ...(await endRuns(rows, { device, valve, atMs }, ['sent', 'running'], 'failed')),
    ]
    await appendAudit(rows, {
      org,
      atMs,
      actor: 'system',
      action: 'sequence-mismatch',
      subject: device,
      detail: { valve, used, known: recordedSeq, skipped },
    })
    return skipped
  })
  for (const id of skipped) dispatch.dueRuns.delete(id)
  dispatch.log.error(
    { device, valve, used, known: recordedSeq, skipped },
    'the controller is ahead of the recorded sequence numbers',
  )
  await dispatch.alerts.raise('sequence-mismatch', subject, atMs, {
    used,
    known: recordedSeq,
  })
}

/** Ends the due and started runs of the valve: they, or their rest, may already have run in the unrecorded time. */
async function endRuns(
  rows: Rows,
  { device, valve, atMs }: { device: string; valve: string; atMs: number },
  from: readonly RunState[],
  to: RunState,
): Promise<string[]> {
  const dueRuns = await rows
    .selectFrom('run')
    .innerJoin('zone', 'zone.id', 'run.zoneId')
    .select('run.id')
    .where('zone.controllerId', '=', device)
    .where('zone.valve', '=', valve)
    .where('run.state', 'in', from)
    .where('run.startMs', '<=', atMs)
    .execute()
  const ids = dueRuns.map(({ id }) => id)
  if (ids.length > 0)
    await rows
      .updateTable('run')
      .set({ state: to, endReason: 'sequence-mismatch', updatedAtMs: atMs })
      .where('id', 'in', ids)
      .execute()
  return ids
}
