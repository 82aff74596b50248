/**
 * Photos of field work, treatments and notes. They may be added to any record that is not voided and never change: a
 * voided photo stays, with the person and the reason.
 */
import { createHash, randomUUID } from 'node:crypto'
import { DAY_MS } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { RecordPhotoRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { App, Context } from '../http/context.ts'
import { readPhoto } from '../http/validation/read-jpeg.ts'
import { NewRecordPhoto, PhotoSize, RecordPhoto, VoidPhoto } from './photo-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { announce, audit, audited } from '../http/audited-write.ts'
import { inOrg } from '../../runtime/transactions.ts'

/** Per record, including voided ones. */
const MAX_PHOTOS = 8
// the phone may have been offline for long; an older photo comes from a wrong clock
const MAX_AGE_MS = 366 * DAY_MS

const recordKinds = [
  {
    kind: 'work',
    table: 'fieldWork',
    path: '/api/field-work/:id/photos',
    thing: 'field-work',
    name: 'field work',
  },
  {
    kind: 'treatment',
    table: 'treatment',
    path: '/api/treatments/:id/photos',
    thing: 'treatment',
    name: 'a treatment',
  },
  {
    kind: 'note',
    table: 'scoutingCount',
    path: '/api/notes/:id/photos',
    thing: 'note',
    name: 'a note',
  },
] as const

/**
 * Changes need `record`. The same picture on a record is stored once. CONFLICT for a voided record or photo, and for
 * a record with 8 photos; BAD_REQUEST for one older than a year.
 */
export function recordPhotoRoutes(app: App, context: Context): void {
  const { state, clock } = context
  const record = { needs: 'record' } as const

  for (const { kind, table, path, thing, name } of recordKinds)
    app.post(
      path,
      {
        config: record,
        schema: {
          summary: `Add a photo to ${name}`,
          params: ById,
          body: NewRecordPhoto,
          response: responses(RecordPhoto),
        },
      },
      async ({ params, body: { takenMs, ...sent }, caller }) => {
        const { org, userId: addedBy } = caller
        const read = readPhoto(sent)
        const photo = read.ok ? read.value : fail('BAD_REQUEST', read.error)
        const addedAtMs = clock.now()
        if (takenMs < addedAtMs - MAX_AGE_MS)
          fail('BAD_REQUEST', `takenMs: must be within the last year, got ${takenMs}`)
        const sha256 = createHash('sha256').update(Buffer.from(photo.picture, 'base64')).digest('hex')
        const { id: recordId, farmId, fieldId } = await ownRow(state, table, org, params.id)
        const row: RecordPhotoRow = {
          id: randomUUID(),
          org,
          farmId,
          fieldId,
          kind,
          recordId,
          ...photo,
          sha256,
          addedBy,
          addedAtMs,
          // a phone's clock may be ahead; a photo cannot be newer than its receipt
          takenMs: Math.min(takenMs, addedAtMs),
          voidedBy: null,
          voidedAtMs: null,
          voidReason: null,
        }
        let stored: RecordPhoto = row
        const detail = { photo: row.id, sha256, takenMs: row.takenMs }
        await inOrg(state, org, async (rows) => {
          const record = await ownRow(rows, table, org, recordId)
          if ('state' in record && record.state === 'void')
            fail('CONFLICT', 'this record is voided; nothing can be added to it')
          const photos = await rows
            .selectFrom('recordPhoto')
            .select(['id', 'takenMs', 'addedAtMs', 'voidReason', 'sha256'])
            .where('org', '=', org)
            .where('recordId', '=', recordId)
            .execute()
          // a response was lost, and the phone retries
          const duplicate = photos.find((item) => item.sha256 === sha256 && item.voidReason === null)
          if (duplicate) return void (stored = duplicate)
          if (photos.length >= MAX_PHOTOS)
            fail('CONFLICT', `a record has at most ${MAX_PHOTOS} photos; it is full`)
          await rows.insertInto('recordPhoto').values(row).execute()
          await audit({ state: rows, clock }, caller, `${thing}.photo`, recordId, detail)
        })
        await announce(context, org, { event: 'field', fields: [fieldId] })
        const { id, voidReason } = stored
        return { id, takenMs: stored.takenMs, addedAtMs: stored.addedAtMs, voidReason }
      },
    )

  app.get(
    '/api/photos/:id',
    {
      config: { needs: 'read' },
      schema: { summary: 'Download a photo', produces: ['image/jpeg'], params: ById, querystring: PhotoSize },
    },
    async ({ params, query: { size = 'picture' }, headers, caller: { org } }, reply) => {
      const photo = await ownRow(state, 'recordPhoto', org, params.id)
      // not modified; private: no shared cache stores it
      const etag = `"${photo.sha256}-${size}"`
      void reply.header('etag', etag).header('cache-control', 'private, no-cache')
      if (headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type('image/jpeg').send(Buffer.from(photo[size], 'base64'))
    },
  )

  app.post(
    '/api/photos/:id/void',
    {
      config: record,
      schema: { summary: 'Void a photo', params: ById, body: VoidPhoto, response: responses(Done) },
    },
    async ({ params: { id }, body: { reason }, caller }) => {
      const { org, userId: voidedBy } = caller
      const { kind, recordId, fieldId } = await ownRow(state, 'recordPhoto', org, id)
      const { thing } = recordKinds.find((item) => item.kind === kind)!
      const line = { action: `${thing}.remove-photo`, subject: recordId, detail: { photo: id, reason } }
      await audited(context, caller, line, async (rows) => {
        if ((await ownRow(rows, 'recordPhoto', org, id)).voidedAtMs !== null)
          fail('CONFLICT', 'this photo is already voided')
        const voided = { voidedBy, voidedAtMs: clock.now(), voidReason: reason }
        await rows.updateTable('recordPhoto').set(voided).where('id', '=', id).execute()
      })
      await announce(context, org, { event: 'field', fields: [fieldId] })
      return done
    },
  )
}
