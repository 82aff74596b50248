/** An entry of the audit record in words, also for an action without a text of its own. */
import { expect, it } from 'vitest'
import { auditLineText } from '../../dashboard/src/audit/audit-line-text.ts'
import { createLocale } from '../../dashboard/src/i18n/locale.ts'
import type { AuditLine } from '../../services/api/schemas.ts'
import { readCatalogue } from '../support/read-catalogue.ts'

const en = readCatalogue('en')

const locale = createLocale(en, { language: 'en', timeZone: 'Asia/Tokyo', nowMs: () => 0 })
const line = (action: string): AuditLine => ({
  n: 1,
  atMs: 0,
  actor: 'person',
  actorName: 'Sato',
  action,
  subject: 'x',
  subjectName: null,
  kind: 'farm',
  detail: {},
  hash: '',
})

it.each([
  ['treatment.past', 'Treatment: done'],
  ['treatment.plan', 'Treatment: planned'],
  ['treatment.void', 'Treatment: voided'],
  ['irrigation.add', 'Irrigation: added'],
  ['irrigation.confirm', 'Irrigation: confirmed'],
  ['irrigation.void', 'Irrigation: voided'],
  ['membership.invite', 'Person: added'],
  ['membership.end', 'Person: removed'],
  ['members.import', 'Person: added'],
  ['members.preview', 'Person: viewed'],
  ['setup', 'Tilth set up'],
  ['import', 'Data imported'],
  ['organization.enter', 'Switched to this organisation'],
  ['run.dismiss-remainder', 'Rest of a run dismissed'],
  ['zone.change', 'Zone: changed'],
  ['integration.create', 'Network: added'],
  ['gateway.revoke', 'Network: removed'],
  ['field.change', 'Field: changed'],
  ['season.change', 'Season: changed'],
  ['password.change', 'Password changed'],
  ['password.link', 'Password reset link created'],
  ['password.reset', 'Password reset by link'],
])('%s is %s', (action, what) => expect(auditLineText(line(action), locale).what).toBe(what))
