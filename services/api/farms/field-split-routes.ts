/**
 * Splits a field, or merges several. The fields that end keep their seasons, records and series. The new
 * fields start empty; reports read their earlier years through the lineage.
 */
import { randomUUID } from 'node:crypto'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { toJson, type FieldRow } from '../../tables.ts'
import { responses, ById } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import { checkDay } from '../http/validation/validate-day.ts'
import type { App, Context } from '../http/context.ts'
import { CreatedFields, MergeFields, SplitField } from './field-split-schemas.ts'
import { ownRow } from '../http/own-row.ts'
import { readShape } from '../../domain/validate-geojson.ts'
import { announce, audited } from '../http/audited-write.ts'

// a new survey may differ by this share; a larger difference is another field or a typing error
const AREA_TOLERANCE = 0.1

/**
 * Need `configure`. Zones, devices and outputs move to the new fields. CONFLICT for a field with a crop or an open
 * valve; BAD_REQUEST when the total area differs by more than 10 %.
 */
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
      const created = parts.map(({ name, areaM2, geojson }) => successorOf(field, { name, areaM2, geojson }))
      const places = await readPlaces(state, [id])
      const moves = assignPlaces(places, parts, created)
      const descents = created.map((part) => ({
        fieldId: part.id,
        fromFieldId: id,
        share: part.areaM2 / total,
      }))
      return replaceFields(context, caller, {
        action: 'field.split',
        day,
        ended: [field],
        created,
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
      if (new Set(ids).size < ids.length)
        fail('BAD_REQUEST', 'fieldIds: must name each field once, got a field twice')
      const endedFields: FieldRow[] = []
      for (const item of ids) endedFields.push(await findFieldToEnd(state, caller.org, item, day))
      const [first] = endedFields as [FieldRow, ...FieldRow[]]
      for (const { name: other, farmId, kind } of endedFields)
        if (farmId !== first.farmId || kind !== first.kind)
          fail(
            'CONFLICT',
            `fieldIds: must be fields of the same farm and kind as ${first.name}, ${other} is not`,
          )
      const total = endedFields.reduce((sum, field) => sum + field.areaM2, 0)
      checkArea(areaM2 ?? total, total, 'areaM2')
      const merged = successorOf(first, { name, areaM2: areaM2 ?? total, geojson })
      const descents = ids.map((fromFieldId) => ({ fieldId: merged.id, fromFieldId, share: 1 }))
      const places = await readPlaces(state, ids)
      const moves = places.map((place) => ({ ...place, fieldId: merged.id }))
      return replaceFields(context, caller, {
        action: 'field.merge',
        day,
        ended: endedFields,
        created: [merged],
        lineage: descents,
        moves,
      })
    },
  )
}

/** The field, when no crop grows on it and none of its valves is open. CONFLICT, NOT_FOUND, BAD_REQUEST. */
async function findFieldToEnd(state: State, org: string, id: string, day: string): Promise<FieldRow> {
  checkDay('day', day)
  const field = await ownRow(state, 'field', org, id)
  if (field.endedDay != null) fail('CONFLICT', `${field.name} already ended on ${field.endedDay}`)
  const seasons = await state
    .selectFrom('season')
    .select(['crop', 'plantedDay', 'harvestedDay'])
    .where('fieldId', '=', id)
    .execute()
  const growing = seasons.find(({ harvestedDay }) => harvestedDay === null || harvestedDay > day)
  if (growing)
    fail(
      'CONFLICT',
      `${field.name} has ${growing.crop}, planted on ${growing.plantedDay}; enter its harvest first`,
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
  if (open) fail('CONFLICT', `${open.name} of ${field.name} is open; stop it first`)
  return field
}

function checkArea(areaM2: number, wasM2: number, name: string): void {
  if (Math.abs(areaM2 - wasM2) > AREA_TOLERANCE * wasM2)
    fail('BAD_REQUEST', `${name}: must be ${wasM2} m2 within 10 %, got ${areaM2}`)
}

/** A new field with the soil and the station of its predecessor. */
function successorOf(
  { id: _, geojson: __, endedDay: ___, ...of }: FieldRow,
  part: { name: string; areaM2: number; geojson?: unknown },
): FieldRow {
  const read = part.geojson === undefined ? null : readShape(part.geojson)
  if (read !== null && 'fault' in read)
    fail('BAD_REQUEST', `geojson: must be a valid field shape, got a fault: ${read.fault}`)
  const geojson = read === null ? null : toJson(read.shape)
  return { ...of, id: randomUUID(), name: part.name, areaM2: part.areaM2, geojson }
}

type Place = { table: 'zone' | 'device' | 'auxOutput'; id: string }
type Move = Place & { fieldId: string }

/** Equipment of the fields that stays in use. */
async function readPlaces(state: State, fieldIds: string[]): Promise<Place[]> {
  const match: Place[] = []
  for (const table of ['zone', 'device', 'auxOutput'] as const) {
    const rows = await state.selectFrom(table).select('id').where('fieldId', 'in', fieldIds).execute()
    for (const { id } of rows) match.push({ table, id })
  }
  return match
}

/**
 * Assigns each place to the part that names it, otherwise to the first. BAD_REQUEST for a place of another
 * field.
 */
function assignPlaces(places: Place[], parts: SplitField['parts'], created: FieldRow[]): Move[] {
  const to = new Map<string, string>()
  for (const [index, { zoneIds = [], deviceIds = [] }] of parts.entries())
    for (const [table, ids] of [
      ['zone', zoneIds],
      ['device', deviceIds],
    ] as const)
      for (const id of ids) {
        if (!places.some((place) => place.table === table && place.id === id))
          fail('BAD_REQUEST', `parts.${index}: there is no ${table} ${id} on this field`)
        if (to.has(`${table} ${id}`))
          fail('BAD_REQUEST', `parts.${index}: names ${table} ${id}, which another part already has`)
        to.set(`${table} ${id}`, created[index]!.id)
      }
  return places.map((place) => ({
    ...place,
    fieldId: to.get(`${place.table} ${place.id}`) ?? created[0]!.id,
  }))
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
  { action, day, ended: endedFields, created, lineage: descents, moves }: FieldReplacement,
) {
  const { org } = caller
  const endedIds = endedFields.map(({ id }) => id)
  const detail = { day, from: endedIds, into: created.map(({ id, name, areaM2 }) => ({ id, name, areaM2 })) }
  await audited(context, caller, { action, subject: endedIds[0]!, detail }, async (rows) => {
    const { numUpdatedRows } = await rows
      .updateTable('field')
      .set({ endedDay: day })
      .where('id', 'in', endedIds)
      .where('endedDay', 'is', null)
      .executeTakeFirstOrThrow()
    if (Number(numUpdatedRows) !== endedFields.length)
      fail('CONFLICT', 'one of the fields has ended meanwhile; reload and try again')
    await rows.insertInto('field').values(created).execute()
    await rows
      .insertInto('fieldLineage')
      .values(descents.map((descent) => ({ ...descent, org, day })))
      .execute()
    for (const { table, id, fieldId } of moves)
      await rows.updateTable(table).set({ fieldId }).where('id', '=', id).execute()
    await copyPaddy(rows, endedIds[0]!, created)
    await rows
      .updateTable('run')
      .set({ state: 'cancelled', endReason: 'field-ended', updatedAtMs: context.clock.now() })
      .where('fieldId', 'in', endedIds)
      .where('state', 'in', ['proposed', 'approved'])
      .execute()
    for (const table of ['fieldState', 'advice', 'degreeDayTracker'] as const)
      await rows.deleteFrom(table).where('fieldId', 'in', endedIds).execute()
  })
  const fields = [...endedIds, ...created.map(({ id }) => id)]
  for (const event of ['field', 'plan'] as const) await announce(context, org, { event, fields })
  for (const { table, id } of moves)
    if (table === 'device') await announce(context, org, { event: 'device', id })
  return { fields: created.map(({ id, name }) => ({ id, name })) }
}

/** Bunds and outlets are copied; observations of the season are not. */
async function copyPaddy(rows: State, fromFieldId: string, created: readonly FieldRow[]): Promise<void> {
  const paddy = await rows
    .selectFrom('paddy')
    .selectAll()
    .where('fieldId', '=', fromFieldId)
    .executeTakeFirst()
  if (!paddy) return
  const newField = {
    reportedStage: null,
    reportedStageDay: null,
    tillersDay: null,
    crackedDay: null,
    herbicideDay: null,
  }
  const level = { observedLevelMm: null, observedLevelAtMs: null, flushUntilMs: null }
  await rows
    .insertInto('paddy')
    .values(created.map(({ id }) => ({ ...paddy, ...newField, ...level, fieldId: id })))
    .execute()
}
