/** The devices of an organisation, as a list shows them. */
import { standardTiming } from '../../../broker/contract/command-life.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { DeviceView } from '../schemas.ts'
import { deviceView, heardOf } from '../views/device.ts'

export async function listDevices(
  state: State,
  org: string,
  nowMs: AtMs,
  heartbeatMs: number = standardTiming.heartbeatIdleMs,
): Promise<DeviceView[]> {
  const [devices, fields, claims, reports, alerts] = await Promise.all([
    state.selectFrom('device').selectAll().where('org', '=', org).orderBy('name').execute(),
    state.selectFrom('field').select(['id', 'name']).where('org', '=', org).execute(),
    state
      .selectFrom('claim')
      .select(['deviceId', 'expiresMs'])
      .where('org', '=', org)
      .where('usedMs', 'is', null)
      .where('expiresMs', '>', nowMs)
      .execute(),
    state
      .selectFrom('valveState')
      .select(['deviceId', 'reportedAtMs', 'heartbeatAtMs', 'isTimed'])
      .where('org', '=', org)
      .execute(),
    state
      .selectFrom('alert')
      .select('deviceId')
      .where('org', '=', org)
      .where('cause', '=', 'battery-low')
      .where('clearedMs', 'is', null)
      .execute(),
  ])
  const reportsOf = new Map<string, typeof reports>()
  for (const report of reports)
    reportsOf.set(report.deviceId, [...(reportsOf.get(report.deviceId) ?? []), report])
  const isLow = new Set(alerts.map(({ deviceId }) => deviceId))
  const nameOf = new Map(fields.map(({ id, name }) => [id, name]))
  const claimableUntilMs = new Map(claims.map(({ deviceId, expiresMs }) => [deviceId, expiresMs]))
  return devices.map((device) =>
    deviceView(device, nameOf.get(device.fieldId ?? '') ?? null, claimableUntilMs.get(device.id) ?? null, {
      heard: heardOf(device, reportsOf.get(device.id) ?? [], heartbeatMs),
      isBatteryLow: isLow.has(device.id),
      nowMs,
    }),
  )
}
