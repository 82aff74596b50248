/**
 * Clears alerts that only ask for an inspection, of a whole controller or of a valve without a zone: no unlock
 * request can name those.
 */
import { appendAudit } from '../../audit/audit-log.ts'
import { readAlertParams } from '../../tables.ts'
import type { DispatchState } from '../dispatch-state.ts'

/** Their alerts ask a person to look, and block nothing. */
export const ACKNOWLEDGED_CAUSES = [
  'rule-broken',
  'sequence-mismatch',
  'meter-implausible',
  'message-refused',
] as const

/** Call it after a person has inspected the controller. Returns whether it cleared an alert. */
export async function clearAcknowledged(
  dispatch: Pick<DispatchState, 'state' | 'clock' | 'alerts'>,
  { org, device }: { org: string; device: string },
  requester: { actor: string; request: string },
  isSelected: (cause: string, valve: string | null) => boolean,
): Promise<boolean> {
  const atMs = dispatch.clock.now()
  const openAlerts = await dispatch.state
    .selectFrom('alert')
    .select(['cause', 'params'])
    .where('org', '=', org)
    .where('deviceId', '=', device)
    .where('cause', 'in', ACKNOWLEDGED_CAUSES)
    .where('clearedMs', 'is', null)
    .execute()
  const zones = await dispatch.state
    .selectFrom('zone')
    .select('valve')
    .where('org', '=', org)
    .where('controllerId', '=', device)
    .execute()
  const ofZone = new Set(zones.map(({ valve }) => valve))
  let isAny = false
  for (const { cause, params } of openAlerts) {
    const valve = (readAlertParams(params)['valve'] ?? null) as string | null
    if ((valve !== null && ofZone.has(valve)) || !isSelected(cause, valve)) continue
    await appendAudit(dispatch.state, {
      org,
      atMs,
      actor: requester.actor,
      action: 'alert-cleared',
      subject: device,
      detail: { cause, valve, request: requester.request },
    })
    await dispatch.alerts.clear(
      cause as (typeof ACKNOWLEDGED_CAUSES)[number],
      { org, device, valve, fieldId: null },
      atMs,
    )
    isAny = true
  }
  return isAny
}
