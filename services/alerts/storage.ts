/** Alerts about storage space: at 80 %, at 90 % and when it is full. One alert at a time. Pure. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { ManagedCause, DesiredAlert } from './desired-alerts.ts'

export interface StorageCapacity {
  level: 'ok' | 'warning' | 'degraded' | 'full'
  /** 0 to 1 */
  fill: number
}

const causes = {
  warning: 'disk-filling',
  degraded: 'disk-nearly-full',
  full: 'disk-full',
} as const satisfies Record<string, ManagedCause>

/** `standing`: active alerts of these causes; they keep their start time. */
export function storageAlerts(
  org: string,
  { level, fill }: StorageCapacity,
  {
    dropped,
    standing: activeAlerts,
    nowMs,
  }: { dropped: number; standing: readonly DesiredAlert[]; nowMs: AtMs },
): DesiredAlert[] {
  if (level === 'ok') return []
  const cause = causes[level]
  const active = activeAlerts.find((alert) => alert.cause === cause)
  // on a full disk each write takes from the reserve: the active alert stays unchanged
  const isFrozen = level === 'full' && active !== undefined
  const percent = Math.floor(100 * fill)
  const params = isFrozen ? active.params : level === 'warning' ? { percent } : { percent, dropped }
  return [
    {
      org,
      cause,
      params,
      fieldId: null,
      deviceId: null,
      severity: level === 'warning' ? 'soon' : 'act',
      sinceMs: active?.sinceMs ?? nowMs,
    },
  ]
}
