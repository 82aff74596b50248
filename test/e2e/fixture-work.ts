/** Fertiliser and field work of the fixture's farm: entries are drafts, and the same key twice is one entry. */
import type { FastifyInstance } from 'fastify'
import type { FieldWorkView, NewFieldWork } from '../../services/api/schemas.ts'
import { at } from './fixture-day.ts'
import { PHOTO } from './fixture-devices.ts'

const confirmed: FieldWorkView = {
  id: 'work-1',
  batch: 'batch-1',
  batchFields: 2,
  seasonId: 'season-1',
  state: 'confirmed',
  kind: 'fertiliser',
  day: '2026-07-10',
  startMs: null,
  endMs: null,
  areaM2: 12_500,
  massKg: 62.5,
  material: { name: 'Urea 46', nPct: 46, p2o5Pct: 0, k2oPct: null },
  amount: { value: 5, unit: 'kg/10a', bagKg: null },
  nutrients: { nKgHa: 23, p2o5KgHa: 0, k2oKgHa: null },
  method: null,
  machine: 'Spreader',
  operator: 'Sato Haruko',
  lot: null,
  note: null,
  enteredAtMs: at(9, '2026-07-10'),
  confirmedAtMs: at(18, '2026-07-10'),
  voidedAtMs: null,
  voidReason: null,
  photos: [
    { id: 'photo-1', takenMs: at(9, '2026-07-10'), addedAtMs: at(9.1, '2026-07-10'), voidReason: null },
    {
      id: 'photo-2',
      takenMs: at(9.2, '2026-07-10'),
      addedAtMs: at(9.3, '2026-07-10'),
      voidReason: 'blurred',
    },
  ],
}
const drafted: FieldWorkView = {
  ...confirmed,
  id: 'work-2',
  batch: 'batch-2',
  state: 'draft',
  kind: 'weeding',
  day: '2026-07-22',
  material: null,
  amount: null,
  massKg: null,
  nutrients: null,
  confirmedAtMs: null,
  photos: [],
}

/** `isLost`: the first response to each entry is lost after it was accepted. */
export function serveWork(app: FastifyInstance, { now, isLost }: { now(): number; isLost: boolean }): void {
  const [oldWork, draft] = [{ ...confirmed }, { ...drafted }]
  const pictures = new Map<string, string>()
  const accepted = new Map<string, { fields: string[]; views: FieldWorkView[] }>()
  const allWork = (): FieldWorkView[] => [
    ...[...accepted.values()].flatMap(({ views }) => views),
    draft,
    oldWork,
  ]
  app.get<{ Params: { id: string } }>('/api/fields/:id/work', async ({ params }) => {
    const fieldWork = [...accepted.values()].filter(({ fields }) => fields.includes(params.id))
    return { work: [...fieldWork.flatMap(({ views }) => views.slice(0, 1)), draft, oldWork] }
  })
  app.post('/api/field-work', async (request, reply) => {
    const { idem, ...entry } = request.body as NewFieldWork
    const isFirst = !accepted.has(idem)
    const fields = entry.fields.map(({ fieldId }) => fieldId)
    if (isFirst)
      accepted.set(idem, { fields, views: fields.map((field) => viewOf(entry, `${idem}-${field}`, idem)) })
    if (isFirst && isLost) {
      reply.hijack()
      return request.raw.socket.destroy()
    }
    return { id: idem, receivedMs: now() }
  })
  app.post<{ Params: { id: string } }>('/api/field-work/:id/confirm', async ({ params }) => {
    const batch = allWork().find(({ id }) => id === params.id)?.batch
    for (const item of allWork()) if (item.batch === batch) item.state = 'confirmed'
    return { ok: true }
  })
  app.post<{ Params: { id: string } }>('/api/field-work/:id/void', async ({ params, body }) => {
    const { reason } = body as { reason: string }
    for (const item of allWork())
      if (item.id === params.id) Object.assign(item, { state: 'void', voidReason: reason })
    return { ok: true }
  })

  app.post<{ Params: { id: string } }>('/api/field-work/:id/photos', async ({ params, body }) => {
    const { takenMs, picture } = body as { takenMs: number; picture: string }
    const photo = { id: `photo-${pictures.size + 3}`, takenMs, addedAtMs: now(), voidReason: null }
    pictures.set(photo.id, picture)
    for (const item of allWork()) if (item.id === params.id) item.photos = [...item.photos, photo]
    return photo
  })
  app.get<{ Params: { id: string } }>('/api/photos/:id', async ({ params }, reply) =>
    reply.type('image/jpeg').send(Buffer.from(pictures.get(params.id) ?? PHOTO, 'base64')),
  )
  app.post<{ Params: { id: string } }>('/api/photos/:id/void', async ({ params, body }) => {
    const { reason } = body as { reason: string }
    for (const item of allWork())
      item.photos = item.photos.map((photo) =>
        photo.id === params.id ? { ...photo, voidReason: reason } : photo,
      )
    return { ok: true }
  })

  const viewOf = (
    { kind, day, fields, material = null }: Omit<NewFieldWork, 'idem'>,
    id: string,
    batch: string,
  ): FieldWorkView => ({
    ...drafted,
    id,
    batch,
    kind,
    day,
    batchFields: fields.length,
    enteredAtMs: now(),
    material: material ?? null,
  })
}
