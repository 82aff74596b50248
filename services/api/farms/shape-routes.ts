/** The map: field shapes, an import that is previewed first, and removing a shape. */
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import { soilOf } from '../../agronomy/water/soils.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import { readFieldGeojson, toJson, type FieldRow } from '../../tables.ts'
import { responses, ById, done, Done } from '../http/responses.ts'
import type { Caller } from '../http/caller.ts'
import type { App, Context } from '../http/context.ts'
import { ownRow } from '../http/own-row.ts'
import { MapView, ShapeFile, ShapeImport, ShapePreview, ShapesImported } from './shape-schemas.ts'
import type { KnownField, Match } from './match-shapes.ts'
import { createShapesReader, type MatchedShapes, type ShapesReader } from './shapes-reader.ts'
import { usableShape } from '../../domain/validate-geojson.ts'
import { areaM2, insidePoint } from '../../domain/geojson.ts'
import { announce, audit, audited } from '../http/audited-write.ts'

/**
 * Changes need `configure`. BAD_REQUEST when an import does not give the hash and the number of unusable features of
 * its preview; it commits all shapes or none.
 */
export function shapeRoutes(app: App, context: Context): void {
  const { state, settings } = context
  const configure = { needs: 'configure' } as const
  const reader = createShapesReader()
  app.addHook('onClose', () => reader.end())

  app.get(
    '/api/map',
    {
      config: { needs: 'read' },
      schema: { summary: 'Get the shapes of all fields', response: responses(MapView) },
    },
    async ({ caller: { org } }) => {
      const fields = (await readFieldShapes(state, org)).flatMap(({ id, shape }) =>
        shape === null ? [] : [{ id, shape, at: insidePoint(shape), areaM2: Math.round(areaM2(shape)) }],
      )
      // positions are pairs: this module wrote the stored shapes
      return { fields, tiles: settings.mapTiles ?? null } as unknown as Static<typeof MapView>
    },
  )

  app.post(
    '/api/shapes/preview',
    {
      config: configure,
      schema: {
        summary: 'Preview an import of field shapes',
        description: 'Changes nothing. Reports every feature that cannot be used.',
        body: ShapeFile,
        response: responses(ShapePreview),
      },
    },
    async ({ body, caller }) => {
      const { hash, count, matches, bad } = await matchFile(state, reader, caller, body)
      const detail = { hash, features: count, bad: bad.length }
      await audit(context, caller, 'shapes.preview', caller.org, detail)
      return { hash, features: count, bad, rows: matches.map(matchView) }
    },
  )

  app.post(
    '/api/shapes/import',
    {
      config: configure,
      schema: { summary: 'Import field shapes', body: ShapeImport, response: responses(ShapesImported) },
    },
    async ({ body, caller }) => {
      const { org } = caller
      const { hash, matches, bad } = await matchFile(state, reader, caller, body)
      if (hash !== body.hash)
        fail('BAD_REQUEST', 'hash: must match the preview of this text; preview it again')
      if (bad.length !== body.leaveOut)
        fail(
          'BAD_REQUEST',
          `leaveOut: must be the number of features that cannot be used (${bad.length}), got ${body.leaveOut}`,
        )
      const changed = matches.filter(({ change }) => change === 'changed')
      const created = matches
        .filter(({ change }) => change === 'new')
        .map((match) => newField(org, match, body))
      const detail = {
        hash,
        changed: changed.map(({ field }) => field!.id),
        made: created.map(({ id }) => id),
      }
      await audited(context, caller, { action: 'shapes.import', subject: org, detail }, async (rows) => {
        for (const { feature, field } of changed)
          await rows
            .updateTable('field')
            .set({ geojson: toJson(feature.shape) })
            .where('org', '=', org)
            .where('id', '=', field!.id)
            .execute()
        for (const row of created) await rows.insertInto('field').values(row).execute()
      })
      if (changed.length + created.length > 0) await announce(context, org, { event: 'field' })
      return { changed: changed.length, made: created.length, leftOut: bad.length }
    },
  )

  app.delete(
    '/api/fields/:id/shape',
    {
      config: configure,
      schema: { summary: 'Remove the shape of a field', params: ById, response: responses(Done) },
    },
    async ({ params: { id }, caller }) => {
      const { name } = await ownRow(state, 'field', caller.org, id)
      await audited(
        context,
        caller,
        { action: 'field.remove-shape', subject: id, detail: { name } },
        (rows) => rows.updateTable('field').set({ geojson: null }).where('id', '=', id).execute(),
      )
      await announce(context, caller.org, { event: 'field', fields: [id] })
      return done
    },
  )
}

async function matchFile(
  state: State,
  reader: ShapesReader,
  { org }: Caller,
  { text, newIn, assigned }: Static<typeof ShapeFile>,
): Promise<MatchedShapes> {
  if (newIn !== null) {
    await ownRow(state, 'farm', org, newIn.farmId)
    if (!soilOf(newIn.soilTexture))
      fail('BAD_REQUEST', `soilTexture: must be a texture of the soil table, got ${newIn.soilTexture}`)
  }
  const fields = await readFieldShapes(state, org)
  const ids = new Set(fields.map(({ id }) => id))
  for (const { fieldId } of assigned)
    if (fieldId !== null && !ids.has(fieldId))
      fail('NOT_FOUND', `fieldId: there is no field ${fieldId.slice(0, 64)} in this organisation`)
  const assignments = new Map(assigned.map(({ row, fieldId }) => [row, fieldId]))
  return reader.read({ text, fields, assigned: assignments, makesNew: newIn !== null })
}

/**
 * The fields of an organisation; an unusable stored shape, from before shapes were validated, counts as none.
 */
async function readFieldShapes(state: State, org: string): Promise<KnownField[]> {
  const rows = await state
    .selectFrom('field')
    .select(['id', 'name', 'areaM2', 'geojson'])
    .where('org', '=', org)
    .where('endedDay', 'is', null)
    .orderBy('name')
    .execute()
  return rows.map(({ geojson, ...field }) => ({
    ...field,
    shape: geojson === null ? null : usableShape(readFieldGeojson(geojson)),
  }))
}

const matchView = ({ feature, field, by, change }: Match) => ({
  row: feature.row,
  label: feature.label,
  change,
  by,
  fieldId: field?.id ?? null,
  fieldName: field?.name ?? null,
  areaM2: Math.round(feature.areaM2),
  enteredM2: field?.areaM2 ?? null,
})

/** A parcel without a name gets its number in the file; the person renames it later. */
function newField(org: string, { feature }: Match, { newIn }: Static<typeof ShapeFile>): FieldRow {
  const { farmId, soilTexture, kind } = newIn!
  const { fieldCapacity, wiltingPoint, saturation } = soilOf(soilTexture)!
  return {
    id: randomUUID(),
    org,
    farmId,
    name: feature.label || `#${feature.row}`,
    kind: feature.kind ?? kind,
    areaM2: Math.round(feature.areaM2),
    stationId: null,
    soilTexture,
    fieldCapacity,
    wiltingPoint,
    saturation,
    geojson: toJson(feature.shape),
  }
}
