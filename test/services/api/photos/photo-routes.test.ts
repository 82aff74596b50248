/** Photos of field work, sprays and notes: what is kept of one, what is served, and that nothing of it is ever changed. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../../broker/contract/time.ts'
import type { FieldDetail } from '../../../../services/api/schemas.ts'
import { smallJpeg } from '../../../support/small-jpeg.ts'
import { NOW_MS, plantFarm } from '../rows.ts'
import { startTestApi, type TestApi } from '../test-api.ts'

let tilth: TestApi
let operator: string
let workId: string
const FIELD = 'midori-field'
const picture = smallJpeg(1_280, 960)
const photo = { thumbnail: smallJpeg(), picture, takenMs: NOW_MS - HOUR_MS }

beforeAll(async () => {
  tilth = await startTestApi()
  await plantFarm(tilth.state, 'midori')
  operator = await tilth.signUp('midori', 'operator')
  const entry = { idem: 'drained-1', fields: [{ fieldId: FIELD }], kind: 'drainage', day: '2026-07-24' }
  await tilth.call(operator, 'POST', '/api/field-work', entry)
  workId = (await work()).id
})
afterAll(() => tilth.stop())

const work = async () => (await tilth.call(operator, 'GET', `/api/fields/${FIELD}/work`)).body.work[0]
const add = (form: object = photo, path = `/api/field-work/${workId}/photos`) =>
  tilth.call(operator, 'POST', path, form)
const lines = async (action: string) =>
  tilth.state.selectFrom('audit').selectAll().where('action', '=', action).execute()

describe('a photo of field work', () => {
  it('is stored once with its instant and its hash, also after a lost response', async () => {
    const first = await add()
    expect(first.body).toMatchObject({ takenMs: photo.takenMs, voidReason: null })
    expect((await add()).body.id).toBe(first.body.id)
    expect((await work()).photos).toEqual([first.body])
    const row = await tilth.state
      .selectFrom('recordPhoto')
      .selectAll()
      .where('recordId', '=', workId)
      .executeTakeFirstOrThrow()
    expect(row.sha256).toBe(createHash('sha256').update(Buffer.from(picture, 'base64')).digest('hex'))
    expect(await lines('field-work.photo')).toHaveLength(1)
  })

  it('is served small and large as a picture, and not sent again to a client that has it', async () => {
    const [{ id }] = (await work()).photos
    const ask = (query: string, headers = {}) =>
      tilth.api.inject({ url: `/api/photos/${id}${query}`, headers: { cookie: operator, ...headers } })
    for (const [query, base64] of [
      ['', picture],
      ['?size=thumbnail', photo.thumbnail],
    ] as const) {
      const answer = await ask(query)
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'image/jpeg'])
      expect(answer.rawPayload.toString('base64')).toBe(base64)
      expect((await ask(query, { 'if-none-match': answer.headers.etag })).statusCode).toBe(304)
    }
    expect((await ask('?size=huge')).statusCode).toBe(400)
  })

  it('may still be added after confirmation of the work, and a withdrawn one remains with the reason', async () => {
    await tilth.call(operator, 'POST', `/api/field-work/${workId}/confirm`)
    const later = { ...photo, picture: smallJpeg(1_000, 700), takenMs: NOW_MS + DAY_MS }
    const { body } = await add(later)
    expect(body.takenMs).toBe(tilth.clock.now()) // a phone's clock that is ahead
    const taken = (reason: object) => tilth.call(operator, 'POST', `/api/photos/${body.id}/void`, reason)
    expect((await taken({})).status).toBe(400)
    expect((await taken({ reason: 'another paddy' })).status).toBe(200)
    expect((await taken({ reason: 'twice' })).status).toBe(409)
    expect((await work()).photos.map((one: { voidReason: unknown }) => one.voidReason)).toEqual([
      ...[null, 'another paddy'],
    ])
    const kept = await tilth.state.selectFrom('recordPhoto').selectAll().where('id', '=', body.id).execute()
    expect(kept).toMatchObject([
      { picture: later.picture, voidedBy: expect.any(String), voidedAtMs: tilth.clock.now() },
    ])
    expect(await lines('field-work.remove-photo')).toHaveLength(1)
    // the same picture again is another photo
    expect((await add(later)).body.id).not.toBe(body.id)
  })

  it.each([
    ['that is no JPEG', { picture: 'A'.repeat(40) }, 'picture: expected a complete JPEG, got other bytes'],
    ['larger than the limit', { picture: smallJpeg(1_281, 400) }, 'picture: expected at most 1280 pixels'],
    ['of last year', { takenMs: NOW_MS - 400 * DAY_MS }, 'takenMs: must be within the last year'],
  ])('%s is refused', async (_, change, reason) => {
    const { status, body } = await add({ ...photo, ...change })
    expect([status, body.message]).toEqual([400, expect.stringContaining(reason)])
  })

  it('is one of at most eight, and none is added to a voided record', async () => {
    for (let at = (await work()).photos.length; at < 8; at++)
      expect((await add({ ...photo, picture: smallJpeg(900 + at, 600) })).status).toBe(200)
    const ninth = await add({ ...photo, picture: smallJpeg(800, 600) })
    expect([ninth.status, ninth.body.message]).toEqual([409, 'a record has at most 8 photos; it is full'])
    await tilth.call(operator, 'POST', `/api/field-work/${workId}/void`, { reason: 'entered twice' })
    const [{ id }] = (await work()).photos
    expect((await add()).status).toBe(409)
    expect((await tilth.call(operator, 'GET', `/api/photos/${id}`)).status).toBe(200)
  })
})

it('a photo of a spray is shown with its record', async () => {
  const path = '/api/treatments/midori-treatment-done/photos'
  const { body } = await add(photo, path)
  const { treatments } = (await tilth.call(operator, 'GET', `/api/fields/${FIELD}/pest-control`)).body
  expect(treatments.find(({ id }: { id: string }) => id === 'midori-treatment-done').photos).toEqual([body])
  expect((await tilth.call(operator, 'GET', '/api/treatments/midori-treatment-done')).body.photos).toEqual([
    body,
  ])
  expect(await lines('treatment.photo')).toMatchObject([{ subject: 'midori-treatment-done' }])
})

describe('a photo of a note', () => {
  const note = { idem: 'curled-1', text: 'Leaves curl', atMs: NOW_MS }

  it('is in the log of its field, stored once however often the phone sends both', async () => {
    for (let sent = 0; sent < 2; sent++) {
      expect((await tilth.call(operator, 'POST', `/api/fields/${FIELD}/notes`, note)).status).toBe(200)
      expect((await add(photo, '/api/notes/curled-1/photos')).status).toBe(200)
    }
    const { body } = await tilth.call(operator, 'GET', `/api/fields/${FIELD}?range=30d`)
    const logged = (body as FieldDetail).log.filter(({ message }) => message.params['text'] === 'Leaves curl')
    expect(logged).toMatchObject([{ photos: [{ takenMs: photo.takenMs, voidReason: null }] }])
    expect(await lines('note.photo')).toHaveLength(1)
  })

  it('needs its note', async () => {
    expect((await add(photo, '/api/notes/no-note/photos')).status).toBe(404)
  })
})
