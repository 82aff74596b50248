/** The alert about nightly backups that fail: none for two days. Pure. */
import { HOUR_MS, SECOND_MS, type AtMs } from '../../broker/contract/time.ts'
import type { DesiredAlert } from './desired-alerts.ts'

/** One failed night is tried again in the next; as in the rules for Prometheus. */
const OVERDUE_MS = 48 * HOUR_MS

export interface BackupAge {
  /** of the newest backup, s; Infinity: there is none; null: no backups are taken */
  ageS: number | null
  /** since when backups could have been taken, at the earliest */
  startedMs: AtMs
}

/**
 * At most one. It starts at the newest backup; without one at `startedMs`, or as the one in `standing`, which a restart does
 * not end.
 */
export function backupAlerts(
  org: string,
  { ageS, startedMs }: BackupAge,
  { standing, nowMs }: { standing: readonly DesiredAlert[]; nowMs: AtMs },
): DesiredAlert[] {
  if (ageS === null) return []
  const active = standing.find(({ cause }) => cause === 'backup-overdue')
  const sinceMs = ageS === Infinity ? (active?.sinceMs ?? startedMs) : Math.round(nowMs - ageS * SECOND_MS)
  if (nowMs - sinceMs <= OVERDUE_MS) return []
  const place = { org, fieldId: null, deviceId: null }
  return [{ ...place, cause: 'backup-overdue', severity: 'act', params: {}, sinceMs }]
}
