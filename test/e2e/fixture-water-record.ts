/** The record of water of the fixture's farm: two runs that wait for confirmation, and manual entries. */
import type { FastifyInstance } from 'fastify'
import type { IrrigationView, NewIrrigation } from '../../services/api/schemas.ts'
import { at } from './fixture-day.ts'

const run = (id: string, atMs: number, mm: number): IrrigationView => ({
  message: { key: 'log-irrigated', params: { mm, minutes: 60, source: 'metered' } },
  id,
  zoneId: 'zone-1',
  cause: 'balance',
  atMs,
  minutes: 60,
  litres: 10_000,
  grossMm: mm,
  volumeSource: 'metered',
  state: 'draft',
  actorName: null,
  confirmedByName: null,
  confirmedAtMs: null,
  voidedByName: null,
  voidedAtMs: null,
  voidReason: null,
})

export function serveWaterRecord(app: FastifyInstance): void {
  const stored = [run('run-b', at(4), 12), run('run-a', at(3, '2026-07-20'), 9)]
  const byHand = new Map<string, { fields: string[]; view: IrrigationView }>()
  const allRecords = () => [...[...byHand.values()].map(({ view }) => view), ...stored]
  app.get<{ Params: { id: string } }>('/api/fields/:id/irrigations', async ({ params }) => {
    const fieldRecords = [...byHand.values()].filter(({ fields }) => fields.includes(params.id))
    const runs = [...fieldRecords.map(({ view }) => view), ...stored]
    return { drafts: runs.filter(({ state }) => state === 'draft').length, runs }
  })
  app.post('/api/irrigations', async ({ body }) => {
    const { idem, atMs, amount, fields } = body as NewIrrigation
    const mm = amount?.unit === 'mm' ? amount.value : null
    const source = amount === null ? 'unknown' : 'reported'
    const view: IrrigationView = {
      ...run(idem, atMs, 0),
      cause: 'manual-entry',
      state: 'confirmed',
      volumeSource: source,
      grossMm: mm,
      message: { key: 'log-watered', params: { mm, source } },
    }
    byHand.set(idem, { fields: fields.map(({ fieldId }) => fieldId), view })
    return { id: idem, receivedMs: at(6) }
  })
  app.post('/api/irrigations/confirm', async () => {
    for (const record of stored) if (record.state === 'draft') record.state = 'confirmed'
    return { ok: true }
  })
  app.post<{ Params: { id: string } }>('/api/irrigations/:id/void', async ({ params, body }) => {
    const { reason } = body as { reason: string }
    for (const record of allRecords())
      if (record.id === params.id) Object.assign(record, { state: 'void', voidReason: reason })
    return { ok: true }
  })
}
