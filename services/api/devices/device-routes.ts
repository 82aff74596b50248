/** Devices: their list, and their credentials, which are shown once and stored as a hash. */
import Type from 'typebox'
import { saltedHash } from '../../runtime/salted-hash.ts'
import { toJson, type DeviceRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { readBatteries } from './battery-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { DevicePatch, NewDevice } from './provisioning-schemas.ts'
import { announceDevice, deviceRow, findDevicePlace, insertDevice, newCommandKey } from './device-queries.ts'
import { revokeDevice, rotateSecret } from './provisioning.ts'
import { listDevices } from './device-list.ts'
import { DeviceCredentials, DeviceView } from './device-schemas.ts'
import { audited } from '../http/audited-write.ts'
import { inOrg } from '../../runtime/transactions.ts'

/**
 * The list needs `read`, all else `admin`. CONFLICT for an id that is taken, and for a rotation on a device that is
 * revoked or not claimed yet.
 */
export function deviceRoutes(app: App, context: Context): void {
  const { state, series, clock, credentials } = context
  const admin = { needs: 'admin' } as const

  app.get(
    '/api/devices',
    {
      config: { needs: 'read' },
      schema: { summary: 'List devices', response: responses(Type.Array(DeviceView)) },
    },
    async ({ caller: { org } }) => {
      const nowMs = clock.now()
      const batteries = await readBatteries(series, org, nowMs)
      return listDevices(state, org, nowMs, context.settings.heartbeatMs, batteries)
    },
  )

  app.post(
    '/api/devices',
    {
      config: admin,
      schema: {
        summary: 'Add a device with credentials',
        body: NewDevice,
        response: responses(DeviceCredentials),
      },
    },
    async ({ body, caller }, reply) => {
      const secret = credentials.newSecret()
      const commandKey = newCommandKey(body.kind)
      const secretHash = credentials.hashSecret(secret)
      const brokerHash = saltedHash(secret)
      const device = await deviceRow(context, caller, body, { secretHash, brokerHash, commandKey })
      await inOrg(state, caller.org, (rows) => insertDevice(rows, caller, device))
      await context.onDeviceChanged(device.id)
      await announceDevice(context, device)
      void reply.header('cache-control', 'no-store')
      return { id: device.id, org: caller.org, secret, commandKey }
    },
  )

  app.patch(
    '/api/devices/:id',
    {
      config: admin,
      schema: { summary: 'Change a device', params: ById, body: DevicePatch, response: responses(Done) },
    },
    async ({ params, body, caller }) => {
      const device = await ownRow(state, 'device', caller.org, params.id)
      const { counterModulus, calibration, farmId, fieldId, ...columns } = body
      const change: Partial<DeviceRow> = { ...columns }
      if (counterModulus !== undefined)
        change.counterModulus = counterModulus === null ? null : toJson(counterModulus)
      if (calibration !== undefined) change.calibration = calibration === null ? null : toJson(calibration)
      if (farmId !== undefined || fieldId !== undefined)
        Object.assign(change, await findDevicePlace(state, caller.org, farmId ?? null, fieldId ?? null))
      await audited(context, caller, { action: 'device.change', subject: device.id, detail: body }, (rows) =>
        rows.updateTable('device').set(change).where('id', '=', device.id).execute(),
      )
      await announceDevice(context, { ...device, ...change })
      return done
    },
  )

  app.post(
    '/api/devices/:id/rotate',
    {
      config: admin,
      schema: {
        summary: 'Rotate the secret of a device',
        description: 'The previous secret stays valid until the next rotation.',
        params: ById,
        response: responses(DeviceCredentials),
      },
    },
    async ({ params, caller }, reply) => {
      void reply.header('cache-control', 'no-store')
      return rotateSecret(context, caller, params.id)
    },
  )

  app.post(
    '/api/devices/:id/revoke',
    { config: admin, schema: { summary: 'Revoke a device', params: ById, response: responses(Done) } },
    async ({ params, caller }) => {
      await revokeDevice(context, caller, params.id)
      return done
    },
  )
}
