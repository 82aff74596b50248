/** One entry of the device list. */
import { SECOND_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { DeviceRow, ValveStateRow } from '../../tables.ts'
import type { DaysLeft } from '../../domain/battery-forecast.ts'
import type { DeviceView } from './device-schemas.ts'
import type { ValueView } from '../http/validation/value-schemas.ts'

/** The last contact of a device, and its expected interval. */
export interface LastContact {
  lastMs: AtMs | null
  everyMs: number
}

// lost after ten minutes, as in the alert: a reconnecting controller may wait for five
const MIN_HEARTBEAT_MS = 100 * SECOND_MS

/** A controller that is awake counts by its heartbeats, not by its telemetry. `reports`: of its valves. */
export function lastContact(
  { lastSeenMs, everyS }: Pick<DeviceRow, 'lastSeenMs' | 'everyS'>,
  reports: readonly Pick<ValveStateRow, 'reportedAtMs' | 'heartbeatAtMs' | 'isTimed'>[],
  heartbeatMs: number,
): LastContact {
  const words = [
    lastSeenMs,
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
  /** null: it speaks Tilth's own topics */
  integrationName: string | null
  outageMs: AtMs | null
  nowMs: AtMs
}

export const deviceView = (
  device: DeviceRow,
  fieldName: string | null,
  claimableUntilMs: AtMs | null,
  { contact, isBatteryLow, batteryLeft, integrationName, outageMs, nowMs }: DeviceFacts,
): DeviceView => ({
  id: device.id,
  name: device.name,
  kind: device.kind,
  fieldId: device.fieldId,
  fieldName,
  lastSeenMs: contact.lastMs,
  everyS: device.everyS,
  fresh: contact.lastMs === null ? 'never' : freshness(nowMs - contact.lastMs, contact.everyMs),
  batteryV: device.batteryV,
  batteryPercent: device.batteryPercent ?? null,
  batteryLow: isBatteryLow,
  batteryLeft,
  integrationName,
  outageMs,
  latDeg: device.latDeg ?? null,
  lonDeg: device.lonDeg ?? null,
  photoMs: device.photoMs ?? null,
  revoked: device.revokedAtMs !== null,
  claimableUntilMs,
  claimedMs: device.claimedMs ?? null,
})

/** Late after two missed intervals, lost after six (ux.md, states of a screen). */
export const freshness = (ageMs: number, everyMs: number): ValueView['fresh'] =>
  ageMs > 6 * everyMs ? 'lost' : ageMs > 2 * everyMs ? 'late' : 'ok'
