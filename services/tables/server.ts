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
  hash: string // over this entry and the previous hash (services/audit/audit-log.ts)
}

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
