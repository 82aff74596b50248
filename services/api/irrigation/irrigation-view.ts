/** One irrigation record as shown: its water, its sources, and its state. Pure. */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { MANUAL_ENTRY, VALVE_TEST } from '../../domain/manual-water.ts'
import type { IrrigationRow } from '../../tables.ts'
import type { IrrigationView } from './irrigation-schemas.ts'
import type { ApiKey } from '../http/message-keys.ts'
import type { Message } from '../http/validation/value-schemas.ts'

/** `names`: of people by id. */
export function irrigationView(row: IrrigationRow, names: ReadonlyMap<string, string>): IrrigationView {
  const nameOf = (person: string | null | undefined) => (person == null ? null : (names.get(person) ?? null))
  const { id, zoneId, fieldId, cause, ranMs, grossMm, volumeSource } = row
  const { confirmedAtMs = null, voidedAtMs = null, voidReason = null } = row
  const isByHand = cause === MANUAL_ENTRY
  return {
    message: irrigationMessage(row),
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

/** The message of one run, the same on all screens. */
export function irrigationMessage(row: IrrigationRow): { key: ApiKey; params: Message['params'] } {
  if (row.failure !== null) return { key: 'log-irrigation-failed', params: { reason: row.failure } }
  if (row.cause === VALVE_TEST) return { key: 'log-tested', params: { litres: row.litres } }
  if (row.cause === MANUAL_ENTRY)
    return { key: 'log-watered', params: { mm: row.grossMm, source: row.volumeSource } }
  const params = { mm: row.grossMm, minutes: row.ranMs / MINUTE_MS, source: row.volumeSource }
  return { key: 'log-irrigated', params }
}
