import type { Alert } from '../../../services/api/schemas.ts'

/** Causes that are fixed at the device itself: its sheet has the photo and the map. */
export const deviceCauses: readonly string[] = [
  'device-silent',
  'never-seen',
  'battery-low',
  'battery-low-forecast',
  'device-leak',
  'device-tamper',
]

/** The page on which an alert is dealt with: of its device, else of its field. */
export function alertPath({ cause, deviceId, fields }: Alert): string {
  if (deviceId !== null && (deviceCauses.includes(cause) || fields.length !== 1))
    return `/devices#device/${encodeURIComponent(deviceId)}`
  return fields.length === 1 ? `/fields/${encodeURIComponent(fields[0]!.id)}` : '/devices'
}
