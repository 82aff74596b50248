/** The devices of an organisation, as a list shows them. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { DeviceView } from '../schemas.ts'
import { deviceView } from '../views/device.ts'

export async function listDevices(state: State, org: string, nowMs: AtMs): Promise<DeviceView[]> {
  const [devices, fields, claims] = await Promise.all([
    state.selectFrom('device').selectAll().where('org', '=', org).orderBy('name').execute(),
    state.selectFrom('field').select(['id', 'name']).where('org', '=', org).execute(),
    state
      .selectFrom('claim')
      .select(['deviceId', 'expiresMs'])
      .where('org', '=', org)
      .where('usedMs', 'is', null)
      .where('expiresMs', '>', nowMs)
      .execute(),
  ])
  const nameOf = new Map(fields.map(({ id, name }) => [id, name]))
  const claimableUntilMs = new Map(claims.map(({ deviceId, expiresMs }) => [deviceId, expiresMs]))
  return devices.map((device) =>
    deviceView(
      device,
      nameOf.get(device.fieldId ?? '') ?? null,
      claimableUntilMs.get(device.id) ?? null,
      nowMs,
    ),
  )
}
