/** Field shapes: the map, and an import that is previewed first. */
import Type, { type Static } from 'typebox'
import { Form, Id, Num, OneOf, OrNull, NonBlankLine, Text } from '../http/validation/schema-primitives.ts'

const Position = Type.Array(Type.Number({ minimum: -1e4, maximum: 1e4 }), { minItems: 2, maxItems: 3 })
const Rings = Type.Array(Type.Array(Position, { minItems: 4, maxItems: 2_000 }), {
  minItems: 1,
  maxItems: 20,
})
/** GeoJSON (RFC 7946), WGS 84: longitude, latitude. */
export const Outline = Type.Union([
  Form({ type: Type.Literal('Polygon'), coordinates: Rings }),
  Form({
    type: Type.Literal('MultiPolygon'),
    coordinates: Type.Array(Rings, { minItems: 1, maxItems: 20 }),
  }),
])

export const LonLat = Type.Tuple([Num, Num])
const ring = Type.Array(LonLat)
export const ShapeView = Type.Union([
  Type.Object({ type: Type.Literal('Polygon'), coordinates: Type.Array(ring) }),
  Type.Object({ type: Type.Literal('MultiPolygon'), coordinates: Type.Array(Type.Array(ring)) }),
])
/** Background tiles; null: a map without a background. */
export const MapTiles = OrNull(Type.Object({ url: Text, attribution: Text }))

/** GET /api/map: the fields with a shape; GET /api/today has their names and states. */
export const MapView = Type.Object({
  fields: Type.Array(
    Type.Object({
      id: Id,
      shape: ShapeView,
      at: LonLat, // a point inside it, for its label
      areaM2: Num, // of the shape; water and sprays use the entered area
    }),
  ),
  tiles: MapTiles,
})
export type MapView = Static<typeof MapView>

/**
 * A GeoJSON text, up to the limit of a request. A town's parcels are larger: cut the file to the farm first.
 */
const FileText = Type.String({ maxLength: 900_000, contentMediaType: 'text/plain' })
const file = {
  text: FileText,
  /** the farm in which unmatched features become fields; null: they are left out */
  newIn: OrNull(Form({ farmId: Id, soilTexture: NonBlankLine(40), kind: OneOf('upland', 'paddy') })),
  /** the person's choices: a field for a feature, or null to leave it out */
  assigned: Type.Array(Form({ row: Type.Integer({ minimum: 1, maximum: 100_000 }), fieldId: OrNull(Id) }), {
    maxItems: 2_000,
  }),
}
export const ShapeFile = Form(file)
/** Confirms the preview, and the number of features that cannot be used. */
export const ShapeImport = Form({
  ...file,
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  leaveOut: Type.Integer({ minimum: 0, maximum: 100_000 }),
})

export const ShapePreview = Type.Object({
  hash: Text,
  features: Num,
  bad: Type.Array(
    Type.Object({
      row: Num,
      label: Text,
      fault: OneOf(
        ...([
          ...['not-a-shape', 'outside', 'not-closed', 'few-corners', 'too-long', 'crosses-itself'],
          ...['tiny', 'huge', 'no-feature', 'bad-name', 'duplicate'],
        ] as const),
      ),
    }),
  ),
  rows: Type.Array(
    Type.Object({
      row: Num,
      label: Text,
      change: OneOf('changed', 'same', 'new', 'left-out'),
      by: OrNull(OneOf('person', 'id', 'name', 'place')), // how its field was found; null: no field yet
      fieldId: OrNull(Id),
      fieldName: OrNull(Text),
      areaM2: Num, // of the shape
      enteredM2: OrNull(Num), // of the field
    }),
  ),
})
export type ShapePreview = Static<typeof ShapePreview>
export const ShapesImported = Type.Object({ changed: Num, made: Num, leftOut: Num })
