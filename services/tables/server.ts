/** Server records: alerts, the audit, jobs and settings. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { Json } from './json.ts'

export interface AlertRow {
  id: string
  org: string
  cause: string // catalogue key
  severity: 'act' | 'soon' | 'note'
  fieldId: string | null
  deviceId: string | null
  params: Json<Record<string, string | number | null>>
  sinceMs: AtMs
  clearedMs: AtMs | null
}

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
