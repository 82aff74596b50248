/** Alarms that devices report themselves: a leak, or a hand at the device. Pure. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { DesiredAlert } from './desired-alerts.ts'

const alerts = {
  leak: { cause: 'device-leak', severity: 'act' },
  tamper: { cause: 'device-tamper', severity: 'soon' },
  fraud: { cause: 'device-tamper', severity: 'soon' }, // a magnet at a meter
} as const

/** One alert for each kind of alarm of a device, until the device reports that it is over. */
export function deviceAlarmAlerts(
  devices: readonly { id: string; org: string; fieldId: string | null; alarms: readonly string[] }[],
  activeAlerts: readonly DesiredAlert[],
  nowMs: AtMs,
): DesiredAlert[] {
  return devices.flatMap(({ id, org, fieldId, alarms }) => {
    const known = alarms.flatMap((alarm) => (isKnown(alarm) ? [alerts[alarm]] : []))
    const byCause = new Map(known.map((alert) => [alert.cause, alert]))
    return [...byCause.values()].map(({ cause, severity }): DesiredAlert => {
      const active = activeAlerts.find((alert) => alert.cause === cause && alert.deviceId === id)
      return { org, cause, severity, fieldId, deviceId: id, params: {}, sinceMs: active?.sinceMs ?? nowMs }
    })
  })
}

const isKnown = (alarm: string): alarm is keyof typeof alerts => Object.hasOwn(alerts, alarm)
