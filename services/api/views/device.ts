/** One device as the list shows it. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { DeviceRow } from '../../tables.ts'
import type { DeviceView } from '../schemas.ts'
import { freshness } from './sensor.ts'

export const deviceView = (
  device: DeviceRow,
  fieldName: string | null,
  claimableUntilMs: AtMs | null,
  nowMs: AtMs,
): DeviceView => ({
  id: device.id,
  name: device.name,
  kind: device.kind,
  fieldId: device.fieldId,
  fieldName,
  lastHeardMs: device.lastHeardMs,
  everyS: device.everyS,
  fresh: device.lastHeardMs === null ? 'never' : freshness(nowMs - device.lastHeardMs, device.everyS * 1000),
  batteryV: device.batteryV,
  revoked: device.revokedAtMs !== null,
  claimableUntilMs,
})
