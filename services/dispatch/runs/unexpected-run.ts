/**
 * A run in a controller's journal that no order here accounts for: after an older backup was restored, what ran in the
 * time that is lost. Its water has flowed; when it did, and for whom, is not known and not made up.
 */
import type { JournalEntry } from '../../../broker/contract/messages.ts'
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { appendAudit } from '../../audit/audit-log.ts'
import type { IrrigationRow, ZoneRow } from '../../tables.ts'
import type { DispatchState } from '../dispatch-state.ts'
import { zoneLitres } from '../interlocks/interlocks.ts'

/** Pure. It stands on the day on which it was heard; litres as metered, by rate, or unknown after a power cut. */
function unexpectedRunRow(entry: JournalEntry, device: string, zone: ZoneRow, atMs: AtMs): IrrigationRow {
  const { valve, seq, ranMs, why } = entry
  const isMetered = entry.litres != null && why !== 'power'
  const hasRate = zone.applicationRateMmH > 0 && why !== 'power'
  const litres = isMetered ? entry.litres! : hasRate ? zoneLitres(zone, ranMs) : null
  const grossMm = litres === null || zone.areaM2 <= 0 ? null : litres / zone.areaM2
  const id = `irr-${device}-${valve}-${seq}`
  return {
    id,
    org: zone.org,
    farmId: zone.farmId,
    fieldId: zone.fieldId,
    zoneId: zone.id,
    // there is no run and no order on record
    runId: id,
    commandId: id,
    cause: 'unordered',
    decisionId: null,
    actor: 'unknown',
    commandedAtMs: atMs,
    commandedMinutes: ranMs / MINUTE_MS,
    openedAtMs: null,
    closedAtMs: null,
    ranMs,
    litres,
    volumeSource: isMetered ? 'metered' : hasRate ? 'rate' : 'unknown',
    grossMm,
    netMm: grossMm === null ? null : grossMm * zone.efficiency,
    endReason: why,
    failure: null,
  }
}

/**
 * Written once, before the controller may forget it. Only for a valve that was ordered from here before: the journal of
 * a controller that has just come from somebody else's bench tells of no water of this farm.
 */
export async function recordUnexpectedRun(
  dispatch: Pick<DispatchState, 'state' | 'clock' | 'log'>,
  device: string,
  entry: JournalEntry,
): Promise<void> {
  const { valve, seq, ranMs } = entry
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
  dispatch.log.warn({ device, ...entry }, 'the controller tells of a run that was never ordered here')
  if (!zone || !ordered || ranMs <= 0) return
  const atMs = dispatch.clock.now()
  const row = unexpectedRunRow(entry, device, zone, atMs)
  await dispatch.state.transaction().execute(async (rows) => {
    const written = await rows
      .insertInto('irrigation')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if ((written.numInsertedOrUpdatedRows ?? 0n) === 0n) return
    await appendAudit(rows, {
      org: zone.org,
      atMs,
      actor: 'system',
      action: 'run-unordered',
      subject: device,
      detail: { valve, seq, ranMs, litres: row.litres, volumeSource: row.volumeSource, why: entry.why },
    })
  })
}
