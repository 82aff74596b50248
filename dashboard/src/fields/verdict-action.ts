/**
 * The one action that the verdict on a field asks of a person: the filled button of its page and of its card on the map. Start
 * is filled where a person must give the water, and outlined elsewhere.
 */
import type { Alert, FieldCard } from '../../../services/api/schemas.ts'

/** `none`: Tilth acts by itself, or nothing is to be done. */
export type VerdictAction =
  | 'approve'
  | 'start'
  | 'add-zone'
  | 'change-zone'
  | 'check-valve'
  | 'add-sensor'
  | 'check-sensor'
  | 'none'

/** Water that only a person can give. */
const byPerson = new Set([
  'irrigate-manual',
  'fallback-manual',
  'needs-capacity',
  'paddy-fill-manual',
  'paddy-too-dry',
])
const actions: Record<string, VerdictAction> = {
  'needs-zone': 'add-zone',
  'needs-off': 'change-zone',
  'needs-paused': 'change-zone',
  'needs-valve': 'check-valve',
  'needs-arrival': 'check-valve',
  'fallback-not-due': 'check-sensor',
}
/** Reasons of `cannot-judge` that a device which reports again removes. */
const silent = new Set(['no-state', 'inputs-lost', 'probe-silent', 'no-level', 'level-old'])

export function actionOf({
  verdict: { key, params },
  onceApproved,
}: Pick<FieldCard, 'verdict' | 'onceApproved'>): VerdictAction {
  if (onceApproved !== null) return 'approve'
  if (byPerson.has(key)) return 'start'
  if (key !== 'cannot-judge') return actions[key] ?? 'none'
  if (params['reason'] === 'no-sensor') return 'add-sensor'
  return silent.has(String(params['reason'])) ? 'check-sensor' : 'none'
}

/** The alert of a device that waters or measures this field. */
export const deviceAlert = (fieldId: string, alerts: readonly Alert[]): Alert | undefined =>
  alerts.find(({ deviceId, fields }) => deviceId !== null && fields.some(({ id }) => id === fieldId))

/** The page of the device whose alert concerns this field; without one, the list of devices. */
export function devicePath(fieldId: string, alerts: readonly Alert[]): string {
  const deviceId = deviceAlert(fieldId, alerts)?.deviceId
  return deviceId == null ? '/devices' : `/devices#device/${encodeURIComponent(deviceId)}`
}
