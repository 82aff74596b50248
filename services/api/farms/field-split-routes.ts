/**
 * A field is divided, or several are put together. What was stays with the fields that end: their seasons, records and
 * series. What comes begins anew, and the report reads its years before through the descent.
 */
import { randomUUID } from 'node:crypto'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { toJson, type FieldRow } from '../../tables.ts'
import { responses, ById } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import { checkDay } from '../http/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { CreatedFields, MergeFields, SplitField } from './field-split-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { readShape } from '../../domain/validate-geojson.ts'
import { announce, audited } from '../http/audited-write.ts'

// a new measurement may differ by so much from the old one; more is another field, or a slip of a digit
const AREA_TOLERANCE = 0.1

export function fieldSplitRoutes(app: App, context: Context): void {
  const { state } = context
  const config = { needs: 'configure' } as const
  const response = responses(CreatedFields)

  app.post(
    '/api/fields/:id/split',
    { config, schema: { summary: 'Split a field', params: ById, body: SplitField, response } },
    async ({ params: { id }, body: { day, parts }, caller }) => {
      const field = await findFieldToEnd(state, caller.org, id, day)
      const total = parts.reduce((sum, { areaM2 }) => sum + areaM2, 0)
      checkArea(total, field.areaM2, 'parts')
      const made = parts.map(({ name, areaM2, geojson }) => successorOf(field, { name, areaM2, geojson }))
      const places = await readPlaces(state, [id])
      const moves = assignPlaces(places, parts, made)
      const descents = made.map((part) => ({ fieldId: part.id, fromFieldId: id, share: part.areaM2 / total }))
      return replaceFields(context, caller, {
        action: 'field.split',
        day,
        ended: [field],
        created: made,
        lineage: descents,
        moves,
      })
    },
  )

  app.post(
    '/api/fields/:id/merge',
    { config, schema: { summary: 'Merge fields', params: ById, body: MergeFields, response } },
    async ({ params: { id }, body: { day, fieldIds: others, name, areaM2, geojson }, caller }) => {
      const ids = [id, ...others]
      if (new Set(ids).size < ids.length) fail('BAD_REQUEST', 'fieldIds: names a field twice')
      const ended: FieldRow[] = []
      for (const one of ids) ended.push(await findFieldToEnd(state, caller.org, one, day))
      const [first] = ended as [FieldRow, ...FieldRow[]]
      for (const { name: other, farmId, kind } of ended)
        if (farmId !== first.farmId || kind !== first.kind)
          fail('CONFLICT', `fieldIds: ${other} is not of the same farm and kind as ${first.name}`)
      const total = ended.reduce((sum, field) => sum + field.areaM2, 0)
      checkArea(areaM2 ?? total, total, 'areaM2')
      const whole = successorOf(first, { name, areaM2: areaM2 ?? total, geojson })
      const descents = ids.map((fromFieldId) => ({ fieldId: whole.id, fromFieldId, share: 1 }))
      const places = await readPlaces(state, ids)
      const moves = places.map((place) => ({ ...place, fieldId: whole.id }))
      return replaceFields(context, caller, {
        action: 'field.merge',
        day,
        ended,
        created: [whole],
        lineage: descents,
        moves,
      })
    },
  )
}

/** The field, when nothing grows on it and no valve of it is open. CONFLICT, NOT_FOUND, BAD_REQUEST. */
async function findFieldToEnd(state: State, org: string, id: string, day: string): Promise<FieldRow> {
  checkDay('day', day)
  const field = await ownRow(state, 'field', org, id)
  if (field.endedDay != null) fail('CONFLICT', `${field.name} has ended on ${field.endedDay}`)
  const seasons = await state
    .selectFrom('season')
    .select(['crop', 'plantedDay', 'harvestedDay'])
    .where('fieldId', '=', id)
    .execute()
  const growing = seasons.find(({ harvestedDay }) => harvestedDay === null || harvestedDay > day)
  if (growing)
    fail(
      'CONFLICT',
      `${field.name} has ${growing.crop}, planted on ${growing.plantedDay}: say first when it was harvested`,
    )
  const open = await state
    .selectFrom('zone')
    .innerJoin('valveState', (join) =>
      join
        .onRef('valveState.deviceId', '=', 'zone.controllerId')
        .onRef('valveState.valve', '=', 'zone.valve'),
    )
    .select('zone.name')
    .where('zone.fieldId', '=', id)
    .where('valveState.pos', '=', 'open')
    .executeTakeFirst()
  if (open) fail('CONFLICT', `${open.name} of ${field.name} is open: stop it first`)
  return field
}

function checkArea(areaM2: number, wasM2: number, name: string): void {
  if (Math.abs(areaM2 - wasM2) > AREA_TOLERANCE * wasM2)
    fail('BAD_REQUEST', `${name}: must come to ${wasM2} m2 within a tenth, got ${areaM2}`)
}

/** A new field with the soil and the station of the one that it comes of. */
function successorOf(
  { id: _, geojson: __, endedDay: ___, ...of }: FieldRow,
  part: { name: string; areaM2: number; geojson?: unknown },
): FieldRow {
  const read = part.geojson === undefined ? null : readShape(part.geojson)
  if (read !== null && 'fault' in read) fail('BAD_REQUEST', `geojson: is no field: ${read.fault}`)
  const geojson = read === null ? null : toJson(read.shape)
  return { ...of, id: randomUUID(), name: part.name, areaM2: part.areaM2, geojson }
}

type Place = { table: 'zone' | 'device' | 'auxOutput'; id: string }
type Move = Place & { fieldId: string }

/** What stands on the fields and stays in use. */
async function readPlaces(state: State, fieldIds: string[]): Promise<Place[]> {
  const found: Place[] = []
  for (const table of ['zone', 'device', 'auxOutput'] as const) {
    const rows = await state.selectFrom(table).select('id').where('fieldId', 'in', fieldIds).execute()
    for (const { id } of rows) found.push({ table, id })
  }
  return found
}

/** To the part that names it; what none names goes to the first. BAD_REQUEST for what does not stand on the field. */
function assignPlaces(places: Place[], parts: SplitField['parts'], made: FieldRow[]): Move[] {
  const to = new Map<string, string>()
  for (const [at, { zoneIds = [], deviceIds = [] }] of parts.entries())
    for (const [table, ids] of [
      ['zone', zoneIds],
      ['device', deviceIds],
    ] as const)
      for (const id of ids) {
        if (!places.some((place) => place.table === table && place.id === id))
          fail('BAD_REQUEST', `parts.${at}: there is no ${table} ${id} on this field`)
        if (to.has(`${table} ${id}`)) fail('BAD_REQUEST', `parts.${at}: ${table} ${id} is named twice`)
        to.set(`${table} ${id}`, made[at]!.id)
      }
  return places.map((place) => ({ ...place, fieldId: to.get(`${place.table} ${place.id}`) ?? made[0]!.id }))
}

interface FieldReplacement {
  action: 'field.split' | 'field.merge'
  day: string
  ended: FieldRow[]
  created: FieldRow[]
  lineage: { fieldId: string; fromFieldId: string; share: number }[]
  moves: Move[]
}

async function replaceFields(
  context: Context,
  caller: Caller,
  { action, day, ended, created: made, lineage: descents, moves }: FieldReplacement,
) {
  const { org } = caller
  const endedIds = ended.map(({ id }) => id)
  const detail = { day, from: endedIds, into: made.map(({ id, name, areaM2 }) => ({ id, name, areaM2 })) }
  await audited(context, caller, { action, subject: endedIds[0]!, detail }, async (rows) => {
    const { numUpdatedRows } = await rows
      .updateTable('field')
      .set({ endedDay: day })
      .where('id', 'in', endedIds)
      .where('endedDay', 'is', null)
      .executeTakeFirstOrThrow()
    if (Number(numUpdatedRows) !== ended.length) fail('CONFLICT', 'one of the fields has ended meanwhile')
    await rows.insertInto('field').values(made).execute()
    await rows
      .insertInto('fieldLineage')
      .values(descents.map((descent) => ({ ...descent, org, day })))
      .execute()
    for (const { table, id, fieldId } of moves)
      await rows.updateTable(table).set({ fieldId }).where('id', '=', id).execute()
    await copyPaddy(rows, endedIds[0]!, made)
    await rows
      .updateTable('run')
      .set({ state: 'cancelled', endReason: 'field-ended', updatedAtMs: context.clock.now() })
      .where('fieldId', 'in', endedIds)
      .where('state', 'in', ['proposed', 'approved'])
      .execute()
    for (const table of ['fieldState', 'advice', 'degreeDayTracker'] as const)
      await rows.deleteFrom(table).where('fieldId', 'in', endedIds).execute()
  })
  const fields = [...endedIds, ...made.map(({ id }) => id)]
  for (const event of ['field', 'plan'] as const) await announce(context, org, { event, fields })
  for (const { table, id } of moves)
    if (table === 'device') await announce(context, org, { event: 'device', id })
  return { fields: made.map(({ id, name }) => ({ id, name })) }
}

/** Bunds and outlets stay as they were; what a person has said of one season ends with it. */
async function copyPaddy(rows: State, fromFieldId: string, made: readonly FieldRow[]): Promise<void> {
  const paddy = await rows
    .selectFrom('paddy')
    .selectAll()
    .where('fieldId', '=', fromFieldId)
    .executeTakeFirst()
  if (!paddy) return
  const fresh = {
    stageSaid: null,
    stageSaidDay: null,
    tillersDay: null,
    crackedDay: null,
    herbicideDay: null,
  }
  const level = { seenLevelMm: null, seenLevelMs: null, flushUntilMs: null }
  await rows
    .insertInto('paddy')
    .values(made.map(({ id }) => ({ ...paddy, ...fresh, ...level, fieldId: id })))
    .execute()
}
