/**
 * Which rows of an export are imported, and how: nothing that could open a valve, send a message or grant access.
 * Pure.
 */
import { isActiveState } from '../../broker/contract/command-lifecycle/types.ts'
import type { OrgTable } from '../domain/export-rows.ts'
import type { ExportRow } from './read-export.ts'

/** Rows that only make sense on the exporting server; they stay in the file. */
export const leftOut: Partial<Record<OrgTable, string>> = {
  audit: 'its hashes depend on the organisation and on earlier lines',
  claim: 'a claim code is valid on one server only',
  valveState: 'the controller reports it again',
  invitationCode: 'a link is valid on one server only',
  membership: 'belongs to co-operatives on the other server',
  consent: 'belongs to co-operatives on the other server',
  notificationPreference: 'belongs to people on the other server',
  pushDevice: 'belongs to people on the other server',
  person: 'belongs to people on the other server',
  unfinishedRunDecision: 'belongs to people on the other server',
  webhook: 'its address is a secret and is not exported',
  notification: 'sent by the other server',
}

/** Secrets are not exported: a device needs new ones here and cannot connect until then. */
const withoutSecrets: Partial<Record<OrgTable, ExportRow>> = {
  device: { secretHash: '', previousSecretHash: null, brokerHash: null, commandKey: null },
}

export const IMPORTED = 'imported'

/** The row in its stored form; null: it is left out. */
export function importedRow(table: OrgTable, row: ExportRow, org: string): ExportRow | null {
  if (table in leftOut) return null
  const imported: ExportRow = { ...row, ...('org' in row ? { org } : {}), ...withoutSecrets[table] }
  switch (table) {
    case 'run':
      return ['done', 'skipped', 'failed', 'cancelled'].includes(String(row['state']))
        ? imported
        : { ...imported, state: 'cancelled', endReason: IMPORTED }
    case 'request':
      return row['state'] === 'new' ? { ...imported, state: 'refused', reason: IMPORTED } : imported
    case 'command':
      return isActiveState(String(row['state'])) ? null : imported
    case 'auxOutputRun':
      return ['done', 'skipped', 'failed'].includes(String(row['state'])) ? imported : null
    case 'auxOutput':
      return { ...imported, isOn: 0, switchedBy: null, switchedAtMs: null }
    case 'zone':
      // nothing opens until a person allows it
      return row['mode'] === 'auto' ? { ...imported, mode: 'advise' } : imported
    default:
      return imported
  }
}
