/**
 * Shapes of the fields of the fixture's co-operative: adjacent paddies by the river, upland fields on the hill, two
 * without a shape.
 */
import type { FastifyInstance } from 'fastify'
import { areaM2, insidePoint, type Position, type Shape } from '../../services/domain/geojson.ts'
import type { MapView, ShapePreview } from '../../services/api/schemas.ts'

/** Corners in metres east and north of 138.90, 37.40. */
const outlines: Record<string, [eastM: number, northM: number][]> = {
  'paddy-4': [[0, 0], [60, 0], [60, 110], [0, 110]],
  'paddy-5': [[66, 0], [126, 0], [126, 110], [66, 110]],
  'paddy-7': [[132, 0], [200, 4], [196, 112], [132, 110]],
  'paddy-8': [[0, -116], [92, -116], [92, -8], [0, -8]],
  'river-bend': [[-150, -110], [-40, -90], [-20, 30], [-90, 60], [-160, 10]],
  'north-3': [[10, 170], [110, 180], [100, 270], [0, 255]],
  'south-1': [[110, -260], [220, -250], [215, -140], [112, -150]],
  'hill-1': [[230, 160], [300, 140], [350, 220], [260, 260]],
  'hill-2': [[310, 60], [390, 70], [380, 140], [320, 130]],
  'shrine-east': [[250, -60], [350, -70], [360, 20], [252, 24]],
} // prettier-ignore

const shapeOf = (corners: [number, number][]): Shape => {
  const ring = corners.map(([eastM, northM]): Position => [138.9 + eastM / 88_600, 37.4 + northM / 111_000])
  return { type: 'Polygon', coordinates: [[...ring, ring[0]!]] }
}

function mapView(): MapView {
  const fields = Object.entries(outlines).map(([id, corners]) => {
    const shape = shapeOf(corners)
    return { id, shape, at: insidePoint(shape), areaM2: Math.round(areaM2(shape)) }
  })
  return { fields, tiles: null } as unknown as MapView
}

/** The preview of a file with five shapes. */
const shapePreview: ShapePreview = {
  hash: 'a'.repeat(64),
  features: 7,
  bad: [
    { row: 2, label: 'Pond', fault: 'crosses-itself' },
    { row: 5, label: '', fault: 'outside' },
    { row: 7, label: 'Old mill', fault: 'not-closed' },
  ],
  rows: [
    {
      row: 1,
      label: 'Greenhouse 1',
      change: 'changed',
      by: 'name',
      fieldId: 'greenhouse-1',
      fieldName: 'Greenhouse 1',
      areaM2: 3180,
      enteredM2: 3200,
    },
    {
      row: 3,
      label: '0a1b2c3d',
      change: 'changed',
      by: 'place',
      fieldId: 'paddy-7',
      fieldName: 'Paddy 7',
      areaM2: 4100,
      enteredM2: 3200,
    },
    {
      row: 4,
      label: 'ffeeddcc',
      change: 'left-out',
      by: null,
      fieldId: null,
      fieldName: null,
      areaM2: 2870,
      enteredM2: null,
    },
    {
      row: 6,
      label: 'North 3',
      change: 'same',
      by: 'id',
      fieldId: 'north-3',
      fieldName: 'North 3',
      areaM2: 3200,
      enteredM2: 3200,
    },
  ],
}

/** The map, and an import of shapes with a fixed result. */
export function serveMap(app: FastifyInstance, { fields }: { fields?: 'all' | 'ok' | 'none' }): void {
  app.get('/api/map', async () => (fields === 'none' ? { fields: [], tiles: null } : mapView()))
  app.post('/api/shapes/preview', async () => shapePreview)
  app.post('/api/shapes/import', async () => ({ changed: 2, made: 0, leftOut: 3 }))
}
