/** Replaces the bound of a run that ended unheard by what its controller reports later. */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import { readLifecycle, toJson } from '../../tables.ts'
import { insertIrrigation } from '../command-rows.ts'
import type { DispatchServices, DispatchState } from '../dispatch-state.ts'
import { readSupplyLpm } from '../interlocks/water-sources.ts'
import { notifyMeter } from '../notify.ts'
import { implausibleEntry, runVolume } from './irrigation-record.ts'
import { writeRunEnd, type RunEnd } from './run-end.ts'
import { recordUnexpectedRun } from './unexpected-run.ts'
import { inOrg } from '../../runtime/transactions.ts'

/**
 * A journal entry that arrives after its command was closed with an upper bound: the actual run replaces the bound
 * in the command, in the irrigation record, and in the rest of the run if it has not started.
 */
export async function correctRecord(
  dispatch: DispatchServices & Pick<DispatchState, 'dueRuns'>,
  device: string,
  entry: { valve: string; seq: number; ranMs: number; litres?: number | null; why: string },
): Promise<void> {
  const row = await dispatch.state
    .selectFrom('command')
    .selectAll()
    .where('deviceId', '=', device)
    .where('valve', '=', entry.valve)
    .where('seq', '=', entry.seq)
    .executeTakeFirst()
  if (!row) return recordUnexpectedRun(dispatch, device, entry)
  const lifecycle = readLifecycle(row.lifecycle)
  if (row.op !== 'open' || !lifecycle.isBound || entry.why === 'power') return
  const actual: CommandLifecycle = {
    ...lifecycle,
    ranMs: Math.min(entry.ranMs, lifecycle.durMs),
    ranLitres: entry.litres ?? null,
    isBound: false,
    outcome: entry.why,
  }
  const zone = await dispatch.state
    .selectFrom('zone')
    .innerJoin('run', 'run.zoneId', 'zone.id')
    .selectAll('zone')
    .where('run.id', '=', row.runId)
    .executeTakeFirst()
  const dueRun = row.runId === null ? undefined : dispatch.dueRuns.get(row.runId)
  const supplyLpm = await readSupplyLpm(dispatch.state, zone ?? null)
  const volume = runVolume(actual, zone ?? null, supplyLpm)
  const atMs = dispatch.clock.now()
  let end: RunEnd | null = null
  await inOrg(dispatch.state, row.org, async (rows) => {
    await rows
      .updateTable('command')
      .set({
        lifecycle: toJson(actual),
        ranMs: actual.ranMs,
        ranLitres: actual.ranLitres,
        outcome: entry.why,
      })
      .where('id', '=', row.id)
      .execute()
    const previous = await rows
      .selectFrom('irrigation')
      .select(['voidedBy', 'voidedAtMs', 'voidReason'])
      .where('commandId', '=', row.id)
      .executeTakeFirst()
    await rows.deleteFrom('irrigation').where('commandId', '=', row.id).execute()
    await insertIrrigation(rows, { row, lifecycle: actual, zone: zone ?? null }, supplyLpm)
    if (volume.implausible !== null)
      await appendAudit(rows, implausibleEntry(row, volume.implausible, volume.litres, atMs))
    // a voided record stays voided; a confirmation referred to the bound and is dropped
    if (previous?.voidedAtMs != null)
      await rows.updateTable('irrigation').set(previous).where('commandId', '=', row.id).execute()
    if (dueRun?.isContinued) end = await writeRunEnd(rows, { row, lifecycle: actual }, atMs)
  })
  if (zone) await notifyMeter(dispatch, { row, fieldId: zone.fieldId }, volume)
  if (!dueRun?.isContinued) return
  const continued = (end as RunEnd | null)?.continued
  if (continued) dispatch.dueRuns.set(dueRun.run.id, continued)
  else dispatch.dueRuns.delete(dueRun.run.id)
}
