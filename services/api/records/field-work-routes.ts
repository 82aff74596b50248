/**
 * Fertiliser and field work: entered as drafts, on one field or several, confirmed together, and only voided
 * afterwards. An offline phone queues an entry and may send it more than once: its key makes it one batch,
 * and a repeat gets the first response.
 */
import { randomUUID } from 'node:crypto'
import { DAY_MS, dayOf, type AtMs } from '../../../broker/contract/time.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { inOrg } from '../../runtime/transactions.ts'
import { toJson, type FieldWorkRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { FieldWorkList, NewFieldWork, VoidFieldWork } from './field-work-schemas.ts'
import { Receipt } from '../pests/pest-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { readPhotos } from '../photos/photo-queries.ts'
import { seasonsOn } from '../farms/season-queries.ts'
import { selectFields, type SelectedField } from '../farms/field-selection-queries.ts'
import { massesKg } from './split-mass.ts'
import { fieldWorkView } from './field-work-view.ts'
import { announce, audit, audited } from '../http/audited-write.ts'

const MAX_LISTED = 200

/**
 * Reading needs `read`, all else `record`. The list has the newest 200 rows. CONFLICT for a reused key, for work
 * without a draft, and for voiding twice.
 */
export function fieldWorkRoutes(app: App, context: Context): void {
  const { state, clock } = context
  const config = { needs: 'record' } as const

  app.get(
    '/api/fields/:id/work',
    {
      config: { needs: 'read' },
      schema: { summary: 'List the field work of a field', params: ById, response: responses(FieldWorkList) },
    },
    async ({ params: { id }, caller: { org } }) => {
      const field = await ownRow(state, 'field', org, id)
      const rows = await state
        .selectFrom('fieldWork')
        .selectAll()
        .where('fieldId', '=', field.id)
        .orderBy('day', 'desc')
        .orderBy('enteredAtMs', 'desc')
        .orderBy('id')
        .limit(MAX_LISTED)
        .execute()
      const counts = await countFieldsInForce(state, org, [...new Set(rows.map(({ batch }) => batch))])
      const photos = await readPhotos(
        state,
        org,
        'work',
        rows.map((row) => row.id),
      )
      return {
        work: rows.map((row) => fieldWorkView(row, counts.get(row.batch) ?? 0, photos.get(row.id) ?? [])),
      }
    },
  )

  app.post(
    '/api/field-work',
    { config, schema: { summary: 'Record field work', body: NewFieldWork, response: responses(Receipt) } },
    async ({ body, caller }) => {
      const { org } = caller
      const fields = await selectFields(state, org, body.fields)
      checkTimes(body, fields, clock.now())
      const rows = await drafts(caller, body, fields)
      const stored = await inOrg(state, org, async (store) => {
        const before = await readBatch(store, org, body.idem)
        if (before.length > 0) return before
        await store.insertInto('fieldWork').values(rows).execute()
        await audit({ state: store, clock }, caller, 'field-work.add', rows[0]!.id, body)
        return rows
      })
      if (stored !== rows && !isSame(stored, rows))
        fail('CONFLICT', 'idem: this key was used for another entry; create a new key')
      if (stored === rows) await announceFields(org, rows)
      return { id: body.idem, receivedMs: stored[0]!.enteredAtMs }
    },
  )

  app.post(
    '/api/field-work/:id/confirm',
    { config, schema: { summary: 'Confirm field work', params: ById, response: responses(Done) } },
    async ({ params: { id }, caller }) => {
      const { org, userId: confirmedBy } = caller
      const { batch } = await ownRow(state, 'fieldWork', org, id)
      let rows: FieldWorkRow[] = []
      await audited(
        context,
        caller,
        { action: 'field-work.confirm', subject: id, detail: {} },
        async (store) => {
          // read again: two people may act at once
          rows = (await readBatch(store, org, batch)).filter((row) => row.state === 'draft')
          if (rows.length === 0) fail('CONFLICT', 'this work has no draft left to confirm')
          await store
            .updateTable('fieldWork')
            .set({ state: 'confirmed', confirmedBy, confirmedAtMs: clock.now() })
            .where('org', '=', org)
            .where('batch', '=', batch)
            .where('state', '=', 'draft')
            .execute()
        },
      )
      await announceFields(org, rows)
      return done
    },
  )

  app.post(
    '/api/field-work/:id/void',
    {
      config,
      schema: { summary: 'Void field work', params: ById, body: VoidFieldWork, response: responses(Done) },
    },
    async ({ params: { id }, body: { reason }, caller }) => {
      const { org, userId: voidedBy } = caller
      const row = await ownRow(state, 'fieldWork', org, id)
      const line = { action: 'field-work.void', subject: id, detail: { reason } }
      await audited(context, caller, line, async (store) => {
        if ((await ownRow(store, 'fieldWork', org, id)).state === 'void')
          fail('CONFLICT', 'this work is already voided')
        const voided = { state: 'void' as const, voidedBy, voidedAtMs: clock.now(), voidReason: reason }
        await store.updateTable('fieldWork').set(voided).where('id', '=', id).execute()
      })
      await announceFields(org, [row])
      return done
    },
  )

  const announceFields = (org: string, rows: readonly FieldWorkRow[]): Promise<void> =>
    announce(context, org, { event: 'field', fields: rows.map(({ fieldId }) => fieldId) })

  /** One draft record per field. */
  async function drafts(
    { org, userId: enteredBy }: Caller,
    body: NewFieldWork,
    fields: readonly SelectedField[],
  ): Promise<FieldWorkRow[]> {
    const { idem: batch, kind, day, amount = null, material = null } = body
    const areasM2 = fields.map(({ areaM2 }) => areaM2)
    const masses = amount === null ? null : massesKg(amount, areasM2)
    const seasons = await seasonsOn(
      state,
      fields.map(({ field }) => field.id),
      day,
    )
    return fields.map(({ field, areaM2 }, i) => ({
      id: randomUUID(),
      org,
      farmId: field.farmId,
      fieldId: field.id,
      batch,
      kind,
      day,
      areaM2,
      seasonId: seasons.get(field.id)?.id ?? null,
      state: 'draft',
      startMs: body.startMs ?? null,
      endMs: body.endMs ?? null,
      material: material === null ? null : toJson(material),
      amount: amount === null ? null : toJson(amount),
      massKg: masses?.[i] ?? null,
      method: body.method ?? null,
      machine: body.machine ?? null,
      operator: body.operator ?? null,
      lot: body.lot ?? null,
      note: body.note ?? null,
      enteredBy,
      enteredAtMs: clock.now(),
      confirmedBy: null,
      confirmedAtMs: null,
      voidedBy: null,
      voidedAtMs: null,
      voidReason: null,
    }))
  }
}

function checkTimes(
  { day, startMs = null, endMs = null }: NewFieldWork,
  fields: readonly SelectedField[],
  nowMs: AtMs,
): void {
  for (const { timeZone } of fields) checkDay('day', day, { notAfter: dayOf(nowMs, timeZone) })
  if (endMs === null) return
  if (startMs === null) fail('BAD_REQUEST', 'startMs: must be given with endMs, got nothing')
  if (!(endMs > startMs && endMs - startMs <= DAY_MS))
    fail('BAD_REQUEST', `endMs: must be after startMs, by at most 24 h, got ${endMs}`)
}

const readBatch = (state: State, org: string, batch: string): Promise<FieldWorkRow[]> =>
  state
    .selectFrom('fieldWork')
    .selectAll()
    .where('org', '=', org)
    .where('batch', '=', batch)
    .orderBy('fieldId')
    .execute()

/** By batch, the number of its fields that are not voided. */
async function countFieldsInForce(
  state: State,
  org: string,
  batches: readonly string[],
): Promise<Map<string, number>> {
  if (batches.length === 0) return new Map()
  const rows = await state
    .selectFrom('fieldWork')
    .select(({ fn }) => ['batch', fn.countAll<number>().as('fields')])
    .where('org', '=', org)
    .where('batch', 'in', batches)
    .where('state', '<>', 'void')
    .groupBy('batch')
    .execute()
  return new Map(rows.map(({ batch, fields }) => [batch, Number(fields)]))
}

/** Whether two batches have the same content, whatever their state. */
function isSame(a: readonly FieldWorkRow[], b: readonly FieldWorkRow[]): boolean {
  const contentOf = (rows: readonly FieldWorkRow[]) =>
    rows
      .map((row) =>
        JSON.stringify([
          ...[row.fieldId, row.kind, row.day, row.startMs, row.endMs, row.material, row.amount],
          ...[row.method, row.machine, row.operator, row.lot, row.note],
        ]),
      )
      .sort()
      .join()
  return contentOf(a) === contentOf(b)
}
