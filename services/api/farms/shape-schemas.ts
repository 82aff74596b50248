/** The shapes of fields on the wire: the map, and an import that is previewed before it changes anything. */
import Type, { type Static } from 'typebox'
import { Form, Id, Num, OneOf, OrNull, NonBlankLine, Text } from '../http/schema-primitives.ts'

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
/** Pictures behind the fields; null: a map without a background. */
export const MapTiles = OrNull(Type.Object({ url: Text, attribution: Text }))

/** GET /api/map: fields that have a shape; their names and states are those of GET /api/today. */
export const MapView = Type.Object({
  fields: Type.Array(
    Type.Object({
      id: Id,
      shape: ShapeView,
      at: LonLat, // a point inside it, for its label
      areaM2: Num, // of the shape; the entered one is what water and sprays are counted by
    }),
  ),
  tiles: MapTiles,
})
export type MapView = Static<typeof MapView>

/** A text of GeoJSON; the limit of a request. The parcels of a town are more: they are cut to the farm first. */
const FileText = Type.String({ maxLength: 900_000, contentMediaType: 'text/plain' })
const file = {
  text: FileText,
  /** where features that are no field yet become one; null: they are left out */
  newIn: OrNull(Form({ farmId: Id, soilTexture: NonBlankLine(40), kind: OneOf('upland', 'paddy') })),
  /** what a person chose for a feature: a field, or null to leave it out */
  assigned: Type.Array(Form({ row: Type.Integer({ minimum: 1, maximum: 100_000 }), fieldId: OrNull(Id) }), {
    maxItems: 2_000,
  }),
}
export const ShapeFile = Form(file)
/** What was previewed, and that its bad features were read: their number. */
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
      by: OrNull(OneOf('person', 'id', 'name', 'place')), // how its field was found; null: it is none yet
      fieldId: OrNull(Id),
      fieldName: OrNull(Text),
      areaM2: Num, // of the shape
      enteredM2: OrNull(Num), // of the field
    }),
  ),
})
export type ShapePreview = Static<typeof ShapePreview>
export const ShapesImported = Type.Object({ changed: Num, made: Num, leftOut: Num })
