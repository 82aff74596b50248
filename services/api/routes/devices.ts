/** Devices: their list, and their credentials, which are shown once and kept as a hash. */
import { randomBytes } from 'node:crypto'
import { fail } from '../../errors.ts'
import { toJson, type DeviceRow } from '../../tables.ts'
import Type from 'typebox'
import { answers, ById, done, Done } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { ownRow } from '../rows/own.ts'
import { DevicePatch, NewDevice } from '../forms.ts'
import { DeviceCredentials, DeviceView } from '../schemas.ts'
import { deviceView } from '../views/device.ts'
import { announce, audit } from '../write.ts'

const EVERY_S = 1200

export function deviceRoutes(app: App, context: Context): void {
  const { state, clock, credentials } = context
  const admin = { needs: 'admin' } as const

  async function changed(org: string, device: Pick<DeviceRow, 'id' | 'fieldId'>): Promise<void> {
    await announce(context, org, {
      event: 'device',
      id: device.id,
      ...(device.fieldId === null ? {} : { fields: [device.fieldId] }),
    })
  }

  app.get(
    '/api/devices',
    { config: { needs: 'read' }, schema: { response: answers(Type.Array(DeviceView)) } },
    async ({ caller }) => {
      const [devices, fields] = await Promise.all([
        state.selectFrom('device').selectAll().where('org', '=', caller.org).orderBy('name').execute(),
        state.selectFrom('field').select(['id', 'name']).where('org', '=', caller.org).execute(),
      ])
      const nameOf = new Map(fields.map(({ id, name }) => [id, name]))
      return devices.map((device) =>
        deviceView(device, nameOf.get(device.fieldId ?? '') ?? null, clock.now()),
      )
    },
  )

  app.post(
    '/api/devices',
    { config: admin, schema: { body: NewDevice, response: answers(DeviceCredentials) } },
    async ({ body, caller }, reply) => {
      const { org } = caller
      const { farmId, fieldId } = await placeOf(context, org, body.farmId ?? null, body.fieldId ?? null)
      const secret = credentials.newSecret()
      const commandKey = body.kind === 'controller' ? randomBytes(32).toString('hex') : null
      const device: DeviceRow = {
        id: body.id,
        org,
        farmId,
        fieldId,
        kind: body.kind,
        name: body.name,
        secretHash: credentials.hashSecret(secret),
        previousSecretHash: null,
        commandKey,
        windHeightM: body.windHeightM ?? null,
        everyS: body.everyS ?? EVERY_S,
        counterModulus: body.counterModulus ? toJson(body.counterModulus) : null,
        calibration: body.calibration ? toJson(body.calibration) : null,
        createdAtMs: clock.now(),
        revokedAtMs: null,
        lastHeardMs: null,
        batteryV: null,
      }
      const inserted = await state
        .insertInto('device')
        .values(device)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst()
      if ((inserted.numInsertedOrUpdatedRows ?? 0n) === 0n)
        fail('CONFLICT', `id: ${body.id} is taken, choose another`)
      await audit(context, caller, 'device.create', device.id, { kind: device.kind, fieldId })
      await changed(org, device)
      void reply.header('cache-control', 'no-store')
      return { id: device.id, org, secret, commandKey }
    },
  )

  app.patch(
    '/api/devices/:id',
    { config: admin, schema: { params: ById, body: DevicePatch, response: answers(Done) } },
    async ({ params, body, caller }) => {
      const device = await ownRow(state, 'device', caller.org, params.id)
      const { counterModulus, calibration, farmId, fieldId, ...columns } = body
      const change: Partial<DeviceRow> = { ...columns }
      if (counterModulus !== undefined)
        change.counterModulus = counterModulus === null ? null : toJson(counterModulus)
      if (calibration !== undefined) change.calibration = calibration === null ? null : toJson(calibration)
      if (farmId !== undefined || fieldId !== undefined)
        Object.assign(change, await placeOf(context, caller.org, farmId ?? null, fieldId ?? null))
      await state.updateTable('device').set(change).where('id', '=', device.id).execute()
      await audit(context, caller, 'device.change', device.id, body)
      await changed(caller.org, { ...device, ...change })
      return done
    },
  )

  app.post(
    '/api/devices/:id/rotate',
    { config: admin, schema: { params: ById, response: answers(DeviceCredentials) } },
    async ({ params, caller }, reply) => {
      const device = await ownRow(state, 'device', caller.org, params.id)
      if (device.revokedAtMs !== null) fail('CONFLICT', 'this device is revoked; make a new one')
      const secret = credentials.newSecret()
      // the old secret stays good until the next change, so that a device out of reach is not cut off
      const change = { secretHash: credentials.hashSecret(secret), previousSecretHash: device.secretHash }
      await state.updateTable('device').set(change).where('id', '=', device.id).execute()
      context.onDeviceChanged(device.id) // whoever still speaks by the secret before the last is cut off
      await audit(context, caller, 'device.rotate', device.id, {})
      await changed(caller.org, device)
      void reply.header('cache-control', 'no-store')
      return { id: device.id, org: caller.org, secret, commandKey: null }
    },
  )

  app.post(
    '/api/devices/:id/revoke',
    { config: admin, schema: { params: ById, response: answers(Done) } },
    async ({ params, caller }) => {
      const device = await ownRow(state, 'device', caller.org, params.id)
      await state
        .updateTable('device')
        .set({ revokedAtMs: device.revokedAtMs ?? clock.now(), previousSecretHash: null })
        .where('id', '=', device.id)
        .execute()
      context.onDeviceChanged(device.id)
      await audit(context, caller, 'device.revoke', device.id, {})
      await changed(caller.org, device)
      return done
    },
  )
}

/** A device stands in a field, and so in its farm; or in a farm; or nowhere yet. All of the caller's own. */
async function placeOf(
  { state }: Context,
  org: string,
  farmId: string | null,
  fieldId: string | null,
): Promise<{ farmId: string | null; fieldId: string | null }> {
  if (fieldId !== null) return { fieldId, farmId: (await ownRow(state, 'field', org, fieldId)).farmId }
  if (farmId !== null) await ownRow(state, 'farm', org, farmId)
  return { farmId, fieldId: null }
}
