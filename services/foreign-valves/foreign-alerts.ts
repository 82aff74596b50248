/** Alerts about valves of other makes, from what their drivers report. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { ValveAlerts } from '../domain/valve-alerts.ts'
import type { DriverReport } from '../drivers/driver-state.ts'

/** Catalogue keys. Params: `valve`; `reason` of a lock; of an unproved closing the time of the latest closing, if it is known. */
export const foreignCauses = ['valve-unproved', 'valve-bound-lock', 'valve-unordered'] as const
export type ForeignAlerts = ValveAlerts<(typeof foreignCauses)[number]>

/** Raises and clears the alerts of a report. */
export async function alertAfter(
  alerts: ForeignAlerts,
  at: { org: string; device: string; valve: string },
  report: DriverReport,
  { atMs, monoMs }: { atMs: AtMs; monoMs: number },
): Promise<void> {
  const subject = { ...at, fieldId: null }
  if (report.is === 'unproved')
    return alerts.raise('valve-unproved', subject, atMs, {
      boundMs: report.latestMonoMs === null ? null : Math.round(atMs + report.latestMonoMs - monoMs),
    })
  if (report.is === 'locked')
    return alerts.raise('valve-bound-lock', subject, atMs, { reason: report.reason })
  if (report.is === 'unordered') return alerts.raise('valve-unordered', subject, atMs)
  if (report.is === 'closed') await alerts.clear('valve-unproved', subject, atMs)
  if (report.is === 'opened') await alerts.clear('valve-unordered', subject, atMs)
}
