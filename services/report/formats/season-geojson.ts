/**
 * The fields of a season as GeoJSON (RFC 7946): each with its shape, otherwise the point of its farm, and the season's
 * figures. Property names carry their units; null is unknown, or withheld where `withheld` lists it. Geometries of
 * members' fields are not shared and stay null.
 */
import type { State } from '../../ports.ts'
import { fromJson } from '../../tables.ts'
import type { Provenance } from '../season/provenance.ts'
import type { FileDeps, FileQuery } from '../jobs/file-query.ts'
import { chunks } from '../../runtime/group-by.ts'
import { subProgress } from '../jobs/progress.ts'
import { displayId } from '../season/season-report.ts'
import type { SeasonRecord } from '../season/season-records.ts'
import { readSource, type ReportField } from '../season/season-source.ts'

type Position = readonly number[] // longitude, latitude
type Ring = readonly Position[]
export type Geometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'Polygon'; coordinates: readonly Ring[] }
  | { type: 'MultiPolygon'; coordinates: readonly (readonly Ring[])[] }

const READ_SHARE = 0.9 // share of the total time

/** The file's bytes. */
export async function seasonGeojsonFile(deps: FileDeps, query: FileQuery): Promise<Uint8Array> {
  const { fields, about } = await readSource(deps, query, subProgress(deps.onProgress, 0, READ_SHARE))
  const places = await readFieldGeometries(
    deps.state,
    fields.map(({ record }) => record),
  )
  return Buffer.from(JSON.stringify(seasonGeojson(fields, places, about)))
}

/** A collection in the order of the fields, with its provenance as a foreign member (section 6.1). */
export function seasonGeojson(
  fields: readonly ReportField[],
  places: ReadonlyMap<string, Geometry>,
  about: Provenance,
) {
  return {
    type: 'FeatureCollection',
    about,
    features: fields.map((row) => ({
      type: 'Feature',
      id: `${displayId(row.line)}/${about.year}/${row.record.plantedDay}`,
      geometry: places.get(row.record.fieldId) ?? null,
      properties: propertiesOf(row),
    })),
  }
}

function propertiesOf({ record, line }: ReportField) {
  return {
    member: record.farm,
    memberCode: record.memberCode,
    field: record.field,
    crop: record.crop,
    variety: record.variety,
    plantedDay: record.plantedDay,
    harvestedDay: record.harvestedDay,
    areaM2: record.areaM2,
    harvestedM2: line.harvestedM2,
    yieldKg: record.yield.kg,
    yieldKgHa: line.kgHa,
    yieldFrom: record.yield.from,
    usualYieldKgHa: line.usualKgHa,
    lowGradeKg: line.lowKg,
    loads: line.loads,
    irrigationM3: record.waterM3,
    irrigationMeteredShare: record.meteredShare,
    runs: record.runs,
    runsWithoutVolume: record.runsWithoutVolume,
    rainMm: record.rainMm,
    cropEtMm: record.etMm,
    stressDays: record.stressDays,
    heatSumCd: record.heatSumCd,
    diseaseDays: record.diseaseDays,
    sprays: record.sprays,
    missing: line.missing,
    withheld: record.withheld,
  }
}

const BATCH_SIZE = 200

/** Geometries of the organisation's own fields, by id. */
export async function readFieldGeometries(
  state: State,
  records: readonly SeasonRecord[],
): Promise<Map<string, Geometry>> {
  const places = new Map<string, Geometry>()
  for (const batch of chunks(
    records.filter(({ isOwn }) => isOwn),
    BATCH_SIZE,
  )) {
    const rows = await state
      .selectFrom('field')
      .innerJoin('farm', 'farm.id', 'field.farmId')
      .select(['field.id', 'field.geojson', 'farm.latDeg', 'farm.lonDeg'])
      .where(
        'field.id',
        'in',
        batch.map(({ fieldId }) => fieldId),
      )
      .execute()
    for (const { id, geojson, latDeg, lonDeg } of rows)
      places.set(
        id,
        geojson === null
          ? { type: 'Point', coordinates: [lonDeg, latDeg] }
          : rightHanded(fromJson(geojson) as Exclude<Geometry, { type: 'Point' }>),
      )
  }
  return places
}

/** Outer rings counterclockwise, holes clockwise (section 3.1.6). */
function rightHanded(shape: Exclude<Geometry, { type: 'Point' }>): Geometry {
  const polygon = (rings: readonly Ring[]) =>
    rings.map((ring, at) => (isCounterclockwise(ring) === (at === 0) ? ring : ring.toReversed()))
  return shape.type === 'Polygon'
    ? { type: 'Polygon', coordinates: polygon(shape.coordinates) }
    : { type: 'MultiPolygon', coordinates: shape.coordinates.map(polygon) }
}

function isCounterclockwise(ring: Ring): boolean {
  let twice = 0
  for (const [at, [x, y]] of ring.entries()) {
    const [nextX, nextY] = ring[(at + 1) % ring.length]!
    twice += x! * nextY! - nextX! * y!
  }
  return twice > 0
}
