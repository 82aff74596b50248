/** A record of water as it is told: what was given, by whom it is known, and what became of the record. Pure. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { MANUAL } from '../../domain/manual-water.ts'
import type { IrrigationRow } from '../../tables.ts'
import type { IrrigationView } from './irrigation-schemas.ts'
import { irrigationLine } from '../records/record-lines-view.ts'

/** `names`: of people, by their ids. */
export function irrigationView(row: IrrigationRow, names: ReadonlyMap<string, string>): IrrigationView {
  const nameOf = (person: string | null | undefined) => (person == null ? null : (names.get(person) ?? null))
  const { id, zoneId, fieldId, cause, ranMs, grossMm, volumeSource } = row
  const { confirmedAtMs = null, voidedAtMs = null, voidReason = null } = row
  const isByHand = cause === MANUAL
  return {
    message: irrigationLine(row).message,
    id,
    zoneId: zoneId === fieldId ? null : zoneId,
    cause,
    atMs: row.openedAtMs ?? row.commandedAtMs,
    minutes: isByHand && ranMs === 0 ? null : ranMs / MINUTE_MS,
    litres: volumeSource === 'unknown' ? null : row.litres,
    grossMm: volumeSource === 'unknown' ? null : grossMm,
    volumeSource,
    state: voidedAtMs !== null ? 'void' : confirmedAtMs !== null ? 'confirmed' : 'draft',
    actorName: isByHand ? nameOf(row.actor) : null,
    confirmedByName: nameOf(row.confirmedBy),
    confirmedAtMs,
    voidedByName: nameOf(row.voidedBy),
    voidedAtMs,
    voidReason,
  }
}
