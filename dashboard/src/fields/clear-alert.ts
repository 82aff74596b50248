/** Clears an alert after a person has fixed its cause. A remaining fault is detected again. */
import type { Alert, RequestResult } from '../../../services/api/schemas.ts'
import { newIdempotencyKey } from '../api/request.svelte.ts'
import { i18n } from '../i18n/i18n.svelte.ts'
import { failureText, submit } from '../api/submit.ts'

const valveCauses = new Set([
  'flow-alarm',
  'flow-leak',
  'valve-locked-out',
  'rule-broken',
  'sequence-mismatch',
  'meter-implausible',
  'message-refused',
])
const deviceCauses = new Set([...valveCauses, 'valve-fault'].filter((cause) => cause !== 'valve-locked-out'))

/** Alerts of valves are cleared for the valves, alerts of a controller for the controller. */
function clearPaths({ cause, zoneIds, deviceId }: Alert): string[] {
  if (valveCauses.has(cause) && zoneIds.length > 0)
    return zoneIds.map((id) => `/api/zones/${encodeURIComponent(id)}/unlock`)
  if (deviceCauses.has(cause) && deviceId !== null)
    return [`/api/devices/${encodeURIComponent(deviceId)}/clear-fault`]
  return []
}

/** Only the alert that the person saw is cleared, not a newer one. */
const bodyFor = (path: string, { id }: Alert) => (path.endsWith('/clear-fault') ? { alertId: id } : {})

export const isClearable = (alert: Alert): boolean => clearPaths(alert).length > 0

/** Returns null when accepted, else the reason as text. */
export async function clearAlert(alert: Alert): Promise<string | null> {
  for (const path of clearPaths(alert)) {
    const response = await submit<RequestResult>('POST', path, {
      idem: newIdempotencyKey(),
      ...bodyFor(path, alert),
    })
    if (!response.ok) return failureText(response.error)
    const { state, reason } = response.value ?? {}
    if (state === 'refused') return i18n.locale.message('refused', reason ?? 'none')
    if (state === 'new') return i18n.locale.t('alert.clear.sent')
  }
  return null
}
