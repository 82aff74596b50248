/** One device as the list shows it. */
import { SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { DeviceRow, ValveStateRow } from '../../tables.ts'
import type { DaysLeft } from '../../domain/battery-forecast.ts'
import type { DeviceView } from './device-schemas.ts'
import type { Val } from '../http/value-schemas.ts'

/** Its last word, and how often it is expected. */
export interface LastContact {
  lastMs: AtMs | null
  everyMs: number
}

// lost after ten minutes, as the alert has it: a controller that connects again may wait for five
const MIN_HEARTBEAT_MS = 100 * SECOND_MS

/** A controller that is awake is known by its heartbeats, whatever its telemetry does. `reports`: of its valves. */
export function lastContact(
  { lastHeardMs, everyS }: Pick<DeviceRow, 'lastHeardMs' | 'everyS'>,
  reports: readonly Pick<ValveStateRow, 'reportedAtMs' | 'heartbeatAtMs' | 'isTimed'>[],
  heartbeatMs: number,
): LastContact {
  const words = [
    lastHeardMs,
    ...reports.flatMap(({ reportedAtMs, heartbeatAtMs }) => [reportedAtMs, heartbeatAtMs]),
  ].filter((atMs) => atMs !== null)
  const beats = reports.length > 0 && reports.every(({ isTimed }) => isTimed !== 1)
  return {
    lastMs: words.length === 0 ? null : Math.max(...words),
    everyMs: beats ? Math.max(MIN_HEARTBEAT_MS, heartbeatMs) : everyS * SECOND_MS,
  }
}

export interface DeviceFacts {
  contact: LastContact
  isBatteryLow: boolean
  batteryLeft: DaysLeft | null
  outageMs: AtMs | null
  nowMs: AtMs
}

export const deviceView = (
  device: DeviceRow,
  fieldName: string | null,
  claimableUntilMs: AtMs | null,
  { contact: heard, isBatteryLow, batteryLeft, outageMs, nowMs }: DeviceFacts,
): DeviceView => ({
  id: device.id,
  name: device.name,
  kind: device.kind,
  fieldId: device.fieldId,
  fieldName,
  lastHeardMs: heard.lastMs,
  everyS: device.everyS,
  fresh: heard.lastMs === null ? 'never' : freshness(nowMs - heard.lastMs, heard.everyMs),
  batteryV: device.batteryV,
  batteryLow: isBatteryLow,
  batteryLeft,
  outageMs,
  latDeg: device.latDeg ?? null,
  lonDeg: device.lonDeg ?? null,
  photoMs: device.photoMs ?? null,
  revoked: device.revokedAtMs !== null,
  claimableUntilMs,
  claimedMs: device.claimedMs ?? null,
})

/** Late after two missed intervals, lost after six (ux.md, states of a screen). */
export const freshness = (ageMs: number, everyMs: number): Val['fresh'] =>
  ageMs > 6 * everyMs ? 'lost' : ageMs > 2 * everyMs ? 'late' : 'ok'
