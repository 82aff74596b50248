/** The usable plant protection products, and the table they are imported from. */
import Type, { type Static } from 'typebox'
import { AtMs, Day, Form, Id, Num, OneOf, OrNull, Text } from '../http/validation/schema-primitives.ts'

export const Ingredient = Type.Object({ name: Text, group: OrNull(Text) })

export const ProductView = Type.Object({
  id: Id,
  name: Text,
  country: Text,
  registrationNumber: Text,
  kind: Text,
  ingredients: Type.Array(Ingredient),
  authorisedUntil: OrNull(Day),
  reiHours: OrNull(Num),
  rainFastHours: OrNull(Num),
  isBeeHazard: OrNull(Type.Boolean()),
  limits: OrNull(
    Type.Object({
      windMinMps: Type.Optional(Num),
      windMaxMps: Type.Optional(Num),
      tempMinC: Type.Optional(Num),
      tempMaxC: Type.Optional(Num),
      deltaTMaxC: Type.Optional(Num),
    }),
  ), // of the weather, where the label names them
  isDemo: Type.Boolean(),
  retiredAtMs: OrNull(AtMs),
  uses: Type.Array(
    Type.Object({
      crop: Text,
      target: Text,
      doseLo: OrNull(Num),
      doseHi: OrNull(Num),
      doseUnit: OrNull(Text),
      dilutionLo: OrNull(Num),
      dilutionHi: OrNull(Num),
      volumeLoL10a: OrNull(Num),
      volumeHiL10a: OrNull(Num),
      maxPerSeason: OrNull(Num),
      maxPerIngredient: OrNull(Type.Record(Text, Num)),
      phiDays: OrNull(Num),
      intervalDays: OrNull(Num),
      bufferM: OrNull(Num),
    }),
  ),
})
export type ProductView = Static<typeof ProductView>
export const ProductList = Type.Object({ products: Type.Array(ProductView) })
export type ProductList = Static<typeof ProductList>

// a table of all products of a country has some megabytes; a farm uses some kilobytes of it
// the content of a file: several lines, and longer than typed text
const FileText = Type.String({ maxLength: 900_000, contentMediaType: 'text/plain' })
const Table = { format: OneOf('csv', 'json', 'demo'), text: FileText }
/** `demo`: the fictitious list; the text is then empty. */
export const ProductTable = Form(Table)
/** Confirms the preview, and the number of rows that cannot be used. */
export const ProductImport = Form({
  ...Table,
  hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  leaveOut: Type.Integer({ minimum: 0, maximum: 100_000 }),
})
export const ImportPreview = Type.Object({
  hash: Text,
  rows: Num,
  bad: Type.Array(Type.Object({ row: Num, column: Text, reason: Text })),
  products: Type.Array(
    Type.Object({
      country: Text,
      registrationNumber: Text,
      name: Text,
      uses: Num,
      change: OneOf('new', 'changed', 'same'),
    }),
  ),
})
export type ImportPreview = Static<typeof ImportPreview>
export const Imported = Type.Object({ imported: Num, leftOut: Num })
