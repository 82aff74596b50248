/** Forms for splitting and merging fields. */
import Type, { type Static } from 'typebox'
import { Day, Form, Id, Line, Text, AreaM2 } from '../http/validation/schema-primitives.ts'
import { Outline } from './shape-schemas.ts'

const MAX_PARTS = 20

/** POST /api/fields/:id/split: the parts. A zone or device that no part names goes to the first. */
export const SplitField = Form({
  day: Day,
  parts: Type.Array(
    Form({
      name: Line(80),
      areaM2: AreaM2,
      geojson: Type.Optional(Outline),
      zoneIds: Type.Optional(Type.Array(Id, { maxItems: 200 })),
      deviceIds: Type.Optional(Type.Array(Id, { maxItems: 200 })),
    }),
    { minItems: 2, maxItems: MAX_PARTS },
  ),
})
export type SplitField = Static<typeof SplitField>

/** POST /api/fields/:id/merge: the other fields, and the merged field. */
export const MergeFields = Form({
  day: Day,
  fieldIds: Type.Array(Id, { minItems: 1, maxItems: MAX_PARTS - 1 }),
  name: Line(80),
  areaM2: Type.Optional(AreaM2), // newly surveyed; absent: the sum
  geojson: Type.Optional(Outline),
})
export type MergeFields = Static<typeof MergeFields>

export const CreatedFields = Type.Object({ fields: Type.Array(Type.Object({ id: Id, name: Text })) })
