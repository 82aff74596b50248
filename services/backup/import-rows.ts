/**
 * What of an export is taken into a Tilth, and as what: nothing that could open a valve, send a message or let somebody
 * in. Pure.
 */
import { isActiveState } from '../../broker/contract/command-lifecycle/types.ts'
import type { OrgTable } from '../domain/export-rows.ts'
import type { ExportRow } from './read-export.ts'

/** What belongs to the Tilth that the export is of, and stays in the file. */
export const leftOut: Partial<Record<OrgTable, string>> = {
  audit: 'its hashes name the organisation and what stood before',
  claim: 'a code is of the server that made it',
  valveState: 'the controller tells it again',
  invitationCode: 'a link is of the server that made it',
  membership: 'of co-operatives on the other server',
  consent: 'of co-operatives on the other server',
  notificationPreference: 'of people there',
  pushDevice: 'of people there',
  person: 'of people there',
  unfinishedRunDecision: 'of people there',
  webhook: 'its address is a secret and was not exported',
  notification: 'told there',
}

/** Secrets are not exported: what needs one gets it anew here, and is worth nothing until then. */
const withoutSecrets: Partial<Record<OrgTable, ExportRow>> = {
  device: { secretHash: '', previousSecretHash: null, commandKey: null },
}

export const IMPORTED = 'imported'

/** The row as it stands here; null: it is left out. */
export function importedRow(table: OrgTable, row: ExportRow, org: string): ExportRow | null {
  if (table in leftOut) return null
  const here: ExportRow = { ...row, ...('org' in row ? { org } : {}), ...withoutSecrets[table] }
  switch (table) {
    case 'run':
      return ['done', 'skipped', 'failed', 'cancelled'].includes(String(row['state']))
        ? here
        : { ...here, state: 'cancelled', endReason: IMPORTED }
    case 'request':
      return row['state'] === 'new' ? { ...here, state: 'refused', reason: IMPORTED } : here
    case 'command':
      return isActiveState(String(row['state'])) ? null : here
    case 'auxOutputRun':
      return ['done', 'skipped', 'failed'].includes(String(row['state'])) ? here : null
    case 'auxOutput':
      return { ...here, isOn: 0, switchedBy: null, switchedAtMs: null }
    case 'zone':
      // nothing opens until a person says so
      return row['mode'] === 'auto' ? { ...here, mode: 'advise' } : here
    default:
      return here
  }
}
