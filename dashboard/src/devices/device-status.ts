/** The status of a device, from the time of its last report. */
import type { Alert, DeviceView, FieldStatus } from '../../../services/api/schemas.ts'
import type { Locale } from '../i18n/locale.ts'

/** Late is a delay, lost needs a visit; a device that has never reported is unknown, not broken. */
export function deviceStatus(device: DeviceView): FieldStatus {
  if (device.revoked) return 'unknown'
  if (device.fresh === 'ok' && (device.batteryLow || isSoonFlat(device))) return 'soon'
  return ({ ok: 'ok', late: 'soon', lost: 'act', never: 'unknown' } as const)[device.fresh]
}

// these are shown by the device's own report, its battery and its outage
const ownCauses = ['device-silent', 'never-seen', 'battery-low', 'battery-low-forecast']

/** Urgent alerts of a device that its reports do not show: a controller may report every minute, and have a fault. */
export const faultsOf = (device: Pick<DeviceView, 'id'>, alerts: readonly Alert[]): Alert[] =>
  alerts.filter(
    ({ deviceId, severity, cause }) =>
      deviceId === device.id && severity === 'act' && !ownCauses.includes(cause),
  )

// in time to bring a battery on the next visit
const SOON_DAYS = 14
const isSoonFlat = ({ batteryLeft }: DeviceView): boolean =>
  batteryLeft !== null && batteryLeft.mid <= SOON_DAYS

const rank: Record<FieldStatus, number> = { act: 0, unknown: 1, soon: 2, wet: 3, ok: 4 }

export const sortDevices = (devices: readonly DeviceView[]): DeviceView[] =>
  [...devices].sort(
    (a, b) =>
      Number(a.revoked) - Number(b.revoked) ||
      rank[deviceStatus(a)] - rank[deviceStatus(b)] ||
      a.name.localeCompare(b.name),
  )

/** In percent if the device states it, else in volts; null: it states neither. */
export function batteryText(
  { batteryV, batteryPercent, batteryLow }: DeviceView,
  locale: Locale,
): string | null {
  if (batteryPercent !== null)
    return locale.t(batteryLow ? 'device.battery-low.percent' : 'device.battery.percent', {
      percent: locale.number(batteryPercent, 0),
    })
  return batteryV === null
    ? null
    : locale.t(batteryLow ? 'device.battery-low' : 'device.battery', { v: locale.number(batteryV, 2) })
}

/** "about 6 days left (4-9)"; null when unknown or when the battery is already low. */
export function batteryLeftText({ batteryLeft, batteryLow }: DeviceView, locale: Locale): string | null {
  if (batteryLeft === null || batteryLow) return null
  const wholeDays = (days: number): string => locale.number(Math.max(1, days), 0)
  return locale.t('device.battery-left', {
    n: Math.max(1, Math.round(batteryLeft.mid)),
    range: locale.range(wholeDays(batteryLeft.lo), wholeDays(batteryLeft.hi)),
  })
}

/** Silent devices grouped by the time at which they stopped: one group per cause. */
export function outagesOf(devices: readonly DeviceView[]): { sinceMs: number; devices: DeviceView[] }[] {
  const silentDevices = devices.filter(({ outageMs, revoked }) => outageMs !== null && !revoked)
  return [...new Set(silentDevices.map(({ outageMs }) => outageMs!))]
    .map((sinceMs) => ({ sinceMs, devices: silentDevices.filter(({ outageMs }) => outageMs === sinceMs) }))
    .sort((a, b) => b.devices.length - a.devices.length)
}

export function lastHeardText(device: DeviceView, locale: Locale): string {
  if (device.revoked) return locale.t('device.revoked')
  if (device.lastSeenMs === null) return locale.t('device.never')
  const params = { when: locale.when(device.lastSeenMs), ago: locale.ago(device.lastSeenMs) }
  return device.fresh === 'ok' ? locale.t('device.last-seen', params) : locale.t('device.silent', params)
}
