/**
 * A run in the journal of a controller without a command here, for example from the time lost by restoring a backup.
 * The water has flowed; its time and its request are unknown and stay empty.
 */
import { MAX_RUN_MS } from '../../../broker/contract/bounds.ts'
import type { JournalEntry } from '../../../broker/contract/messages.ts'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { IrrigationRow, ZoneRow } from '../../tables.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { readSupplyLpm } from '../interlocks/water-sources.ts'
import { notifyMeter } from '../notify.ts'
import { implausibleEntry, runVolume, type RunVolume } from './irrigation-record.ts'
import { inOrg } from '../../runtime/transactions.ts'

/** Pure. Recorded on the day of its report; litres as metered, by rate, or unknown after a power cut. */
function unexpectedRunRow(
  entry: JournalEntry,
  device: string,
  zone: ZoneRow,
  { litres, volumeSource }: RunVolume,
  atMs: AtMs,
): IrrigationRow {
  const { valve, seq, ranMs, why } = entry
  const grossMm = litres === null || zone.areaM2 <= 0 ? null : litres / zone.areaM2
  const id = `irr-${device}-${valve}-${seq}`
  return {
    id,
    org: zone.org,
    farmId: zone.farmId,
    fieldId: zone.fieldId,
    zoneId: zone.id,
    // no run and no command is recorded
    runId: id,
    commandId: id,
    cause: 'unexpected',
    decisionId: null,
    actor: 'unknown',
    commandedAtMs: atMs,
    commandedMinutes: ranMs / MINUTE_MS,
    openedAtMs: null,
    closedAtMs: null,
    ranMs,
    litres,
    volumeSource,
    grossMm,
    netMm: grossMm === null ? null : grossMm * zone.efficiency,
    endReason: why,
    failure: null,
  }
}

/**
 * Written once, before the controller may drop it. Only for a valve that was commanded from here before: the journal
 * of a controller from another site does not concern this farm.
 */
export async function recordUnexpectedRun(
  dispatch: Pick<DispatchState, 'state' | 'clock' | 'log' | 'alerts'>,
  device: string,
  entry: JournalEntry,
): Promise<void> {
  const { valve, seq } = entry
  const ranMs = Math.min(entry.ranMs, MAX_RUN_MS)
  const zone = await dispatch.state
    .selectFrom('zone')
    .selectAll()
    .where('controllerId', '=', device)
    .where('valve', '=', valve)
    .executeTakeFirst()
  const ordered = await dispatch.state
    .selectFrom('command')
    .select('seq')
    .where('deviceId', '=', device)
    .where('valve', '=', valve)
    .where('op', '=', 'open')
    .where('seq', '<', seq)
    .executeTakeFirst()
  dispatch.log.warn({ device, ...entry }, 'the controller reports a run without a command')
  if (!zone || !ordered || ranMs <= 0) return
  const atMs = dispatch.clock.now()
  const ended = {
    ranMs,
    ranLitres: entry.litres ?? null,
    isBound: entry.why === 'power',
    outcome: entry.why,
  }
  const volume = runVolume(ended, zone, await readSupplyLpm(dispatch.state, zone))
  const row = unexpectedRunRow({ ...entry, ranMs }, device, zone, volume, atMs)
  await inOrg(dispatch.state, row.org, async (rows) => {
    const inserted = await rows
      .insertInto('irrigation')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n) return
    if (volume.implausible !== null)
      await appendAudit(
        rows,
        implausibleEntry(
          { org: zone.org, deviceId: device, valve, seq },
          volume.implausible,
          row.litres,
          atMs,
        ),
      )
    await appendAudit(rows, {
      org: zone.org,
      atMs,
      actor: 'system',
      action: 'run-unexpected',
      subject: device,
      detail: { valve, seq, ranMs, litres: row.litres, volumeSource: row.volumeSource, why: entry.why },
    })
  })
  await notifyMeter(
    dispatch,
    { row: { org: zone.org, deviceId: device, valve }, fieldId: zone.fieldId },
    volume,
  )
}
