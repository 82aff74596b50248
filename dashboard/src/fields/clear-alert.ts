/** A person has looked, and has put right what an alert tells of. What is still wrong is found again. */
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
])
const deviceCauses = new Set(['flow-alarm', 'flow-leak', 'valve-fault', 'rule-broken', 'sequence-mismatch'])

/** What names valves is cleared for them, what concerns a whole controller for the controller. */
function clearPaths({ cause, zoneIds, deviceId }: Alert): string[] {
  if (valveCauses.has(cause) && zoneIds.length > 0)
    return zoneIds.map((id) => `/api/zones/${encodeURIComponent(id)}/unlock`)
  if (deviceCauses.has(cause) && deviceId !== null)
    return [`/api/devices/${encodeURIComponent(deviceId)}/clear-fault`]
  return []
}

/** Nothing that came meanwhile, and that the person has not seen, is cleared with it. */
const bodyFor = (path: string, { id }: Alert) => (path.endsWith('/clear-fault') ? { alertId: id } : {})

export const isClearable = (alert: Alert): boolean => clearPaths(alert).length > 0

/** Gives null when it was taken, else the sentence that says why not. */
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
