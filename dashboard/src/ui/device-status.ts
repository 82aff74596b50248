/** How a device stands, from when it last spoke. */
import type { DeviceView, FieldStatus } from '../../../services/api/schemas.ts'
import type { Speaker } from '../words/speaker.ts'

/** Late is a matter of time, lost wants a walk; one that never spoke is unknown, not broken. */
export function deviceStatus(device: DeviceView): FieldStatus {
  if (device.revoked) return 'unknown'
  if (device.fresh === 'ok' && device.batteryLow) return 'soon'
  return ({ ok: 'ok', late: 'soon', lost: 'act', never: 'unknown' } as const)[device.fresh]
}

const rank: Record<FieldStatus, number> = { act: 0, unknown: 1, soon: 2, wet: 3, ok: 4 }

export const sortDevices = (devices: readonly DeviceView[]): DeviceView[] =>
  [...devices].sort(
    (a, b) =>
      Number(a.revoked) - Number(b.revoked) ||
      rank[deviceStatus(a)] - rank[deviceStatus(b)] ||
      a.name.localeCompare(b.name),
  )

export const batteryText = ({ batteryV, batteryLow }: DeviceView, say: Speaker): string | null =>
  batteryV === null
    ? null
    : say.t(batteryLow ? 'device.battery-low' : 'device.battery', { v: say.number(batteryV, 2) })

export function heardText(device: DeviceView, say: Speaker): string {
  if (device.revoked) return say.t('device.revoked')
  if (device.lastHeardMs === null) return say.t('device.never')
  const params = { when: say.when(device.lastHeardMs), ago: say.ago(device.lastHeardMs) }
  return device.fresh === 'ok' ? say.t('device.heard', params) : say.t('device.silent', params)
}
