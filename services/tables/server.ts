/** Server records: alerts, the audit, jobs and settings. */
import Type from 'typebox'
import type { AtMs } from '../../broker/contract/time.ts'
import { jsonColumn, Params, type Json } from './json.ts'

export interface AlertRow {
  id: string
  org: string
  cause: string // catalogue key
  severity: 'act' | 'soon' | 'note'
  fieldId: string | null
  deviceId: string | null
  params: Json<Params>
  sinceMs: AtMs
  clearedMs: AtMs | null
}

export const readAlertParams = jsonColumn('alert.params', Params)

export interface AuditRow {
  id: string
  org: string
  atMs: AtMs
  actor: string
  action: string
  subject: string
  detail: Json<unknown>
  n: number // place in its organisation's chain, from 1
  salt: string // of the digest; '': subject and detail were erased
  digest: string // over salt, subject and detail
  hash: string // over the other fields, the digest and the previous hash (services/audit/audit-log.ts)
}

/** The subject of a line whose content was erased. */
export const ERASED_SUBJECT = 'erased'
/** Prefix of the setting that permits the chain of an organisation to be deleted, while it is erased. */
export const ERASED_ORG_KEY = 'erased-org/'

/** Any JSON: each action has details of its own. */
export const readAuditDetail = jsonColumn('audit.detail', Type.Unknown())

/** A run of a job for one due instant, at most once. */
export interface JobRunRow {
  job: string
  dueAtMs: AtMs
  startedAtMs: AtMs
  finishedAtMs: AtMs | null
  note: string | null
}

export interface SettingRow {
  key: string
  value: Json<unknown>
}
