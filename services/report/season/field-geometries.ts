/** Geometries of fields as GeoJSON (RFC 7946). */
import type { State } from '../../ports.ts'
import { readFieldGeojson } from '../../tables.ts'
import { chunks } from '../../runtime/group-by.ts'
import type { SeasonRecord } from './record.ts'

export type Geometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'Polygon'; coordinates: readonly Ring[] }
  | { type: 'MultiPolygon'; coordinates: readonly (readonly Ring[])[] }

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
          : rightHanded(readFieldGeojson(geojson) as Exclude<Geometry, { type: 'Point' }>),
      )
  }
  return places
}

export type Position = readonly number[] // longitude, latitude

export type Ring = readonly Position[]

export const BATCH_SIZE = 200

/** Outer rings counterclockwise, holes clockwise (section 3.1.6). */
export function rightHanded(shape: Exclude<Geometry, { type: 'Point' }>): Geometry {
  const polygon = (rings: readonly Ring[]) =>
    rings.map((ring, index) => (isCounterclockwise(ring) === (index === 0) ? ring : ring.toReversed()))
  return shape.type === 'Polygon'
    ? { type: 'Polygon', coordinates: polygon(shape.coordinates) }
    : { type: 'MultiPolygon', coordinates: shape.coordinates.map(polygon) }
}

function isCounterclockwise(ring: Ring): boolean {
  let twice = 0
  for (const [index, [x, y]] of ring.entries()) {
    const [nextX, nextY] = ring[(index + 1) % ring.length]!
    twice += x! * nextY! - nextX! * y!
  }
  return twice > 0
}
