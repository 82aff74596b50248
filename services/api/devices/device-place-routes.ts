/** The place of a device and photos of it, for people who have to find it in the field without signal. */
import { fail } from '../../errors.ts'
import { lowVoltage } from '../../domain/battery-forecast.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { DeviceDetail, DevicePhoto, DevicePlace } from './device-schemas.ts'
import { NewPhoto } from '../photos/photo-schemas.ts'
import { readPhoto } from '../http/validation/read-jpeg.ts'
import { announceDevice } from './device-queries.ts'
import { readBatteries } from './battery-queries.ts'
import { ownRow } from '../http/own-row.ts'
import { foreignDevice } from '../integrations/foreign-device-queries.ts'
import { audited } from '../http/audited-write.ts'

/**
 * Reading needs `read`, changing `record`. A device has one photo, which a new one replaces; an unchanged one is a
 * 304 by its ETag.
 */
export function devicePlaceRoutes(app: App, context: Context): void {
  const { state, series, clock } = context
  const read = { needs: 'read' } as const
  const record = { needs: 'record' } as const

  app.get(
    '/api/devices/:id',
    {
      config: read,
      schema: { summary: 'Get the details of a device', params: ById, response: responses(DeviceDetail) },
    },
    async ({ params, caller: { org } }) => {
      const { id, batteryV, batteryLowV } = await ownRow(state, 'device', org, params.id)
      const days = (await readBatteries(series, org, clock.now(), id)).get(id) ?? []
      const photo = await state
        .selectFrom('devicePhoto')
        .select('thumbnail')
        .where('deviceId', '=', id)
        .where('org', '=', org)
        .executeTakeFirst()
      return {
        id,
        battery: {
          lowV: batteryV === null ? null : lowVoltage(batteryV, batteryLowV),
          atMs: days.map(({ atMs }) => atMs),
          v: days.map(({ v }) => v),
        },
        foreign: await foreignDevice(state, org, id, context.profiles()),
        thumbnail: photo?.thumbnail ?? null,
      }
    },
  )

  app.get(
    '/api/devices/:id/photo',
    {
      config: read,
      schema: {
        summary: "Get the photo of a device's place",
        params: ById,
        response: responses(DevicePhoto),
      },
    },
    async ({ params, headers, caller: { org } }, reply) => {
      const { id } = await ownRow(state, 'device', org, params.id)
      const photo = await state
        .selectFrom('devicePhoto')
        .select(['atMs', 'picture'])
        .where('deviceId', '=', id)
        .where('org', '=', org)
        .executeTakeFirst()
      if (!photo) fail('NOT_FOUND', 'this device has no photo of its place')
      // not modified
      const etag = `"${photo.atMs}"`
      void reply.header('etag', etag)
      if (headers['if-none-match'] === etag) return reply.code(304).send(undefined as never)
      return photo
    },
  )

  app.post(
    '/api/devices/:id/photo',
    {
      config: record,
      schema: {
        summary: "Set the photo of a device's place",
        params: ById,
        body: NewPhoto,
        response: responses(Done),
      },
    },
    async ({ params, body, caller }) => {
      const device = await ownRow(state, 'device', caller.org, params.id)
      const read = readPhoto(body)
      const { thumbnail, picture } = read.ok ? read.value : fail('BAD_REQUEST', read.error)
      const atMs = clock.now()
      const newPhoto = { atMs, actor: caller.userId, thumbnail, picture }
      const detail = { characters: picture.length }
      await audited(context, caller, { action: 'device.photo', subject: device.id, detail }, async (rows) => {
        await rows
          .insertInto('devicePhoto')
          .values({ deviceId: device.id, org: caller.org, ...newPhoto })
          .onConflict((conflict) => conflict.column('deviceId').doUpdateSet(newPhoto))
          .execute()
        await rows.updateTable('device').set({ photoMs: atMs }).where('id', '=', device.id).execute()
      })
      await announceDevice(context, device)
      return done
    },
  )

  app.delete(
    '/api/devices/:id/photo',
    {
      config: record,
      schema: { summary: "Delete the photo of a device's place", params: ById, response: responses(Done) },
    },
    async ({ params, caller }) => {
      const device = await ownRow(state, 'device', caller.org, params.id)
      const line = { action: 'device.remove-photo', subject: device.id, detail: {} }
      await audited(context, caller, line, async (rows) => {
        await rows.deleteFrom('devicePhoto').where('deviceId', '=', device.id).execute()
        await rows.updateTable('device').set({ photoMs: null }).where('id', '=', device.id).execute()
      })
      await announceDevice(context, device)
      return done
    },
  )

  app.post(
    '/api/devices/:id/place',
    {
      config: record,
      schema: {
        summary: 'Set the position of a device',
        params: ById,
        body: DevicePlace,
        response: responses(Done),
      },
    },
    async ({ params, body: { at }, caller }) => {
      const device = await ownRow(state, 'device', caller.org, params.id)
      const line = { action: 'device.place', subject: device.id, detail: { at } }
      await audited(context, caller, line, (rows) =>
        rows
          .updateTable('device')
          .set({ latDeg: at?.latDeg ?? null, lonDeg: at?.lonDeg ?? null })
          .where('id', '=', device.id)
          .execute(),
      )
      await announceDevice(context, device)
      return done
    },
  )
}
