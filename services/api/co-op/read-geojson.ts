/**
 * Features of a GeoJSON file (RFC 7946), including Japanese fude polygon files, as rows of a table: the
 * properties are the columns; the area and location of the shape fill in where a property is missing, and the id of a fude
 * polygon where the file has no names of fields.
 */
import Type from 'typebox'
import { jsonParser } from '../../../broker/contract/json.ts'
import { ok, type Result } from '../../../broker/contract/result.ts'
import { readShape } from '../../domain/validate-geojson.ts'
import { areaM2, insidePoint } from '../../domain/geojson.ts'
import type { Table } from './table-cells.ts'
import { tableFault, type TableFault } from './table-fault.ts'
import { tableLimits, tooMany } from './table-limits.ts'
import { findColumn, type Column } from './table-words.ts'

/** Tests only that the first character after blanks is `{`; `readGeojson` checks the rest. */
export const isGeojson = (text: string): boolean => /^\s*\{/.test(text)

const PARCEL_ID = 'polygon_uuid'
/** As the map names a parcel. */
const PARCEL_NAME_LENGTH = 8

const Feature = Type.Object({
  properties: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  geometry: Type.Optional(Type.Unknown()), // readShape checks it
})
const parseCollection = jsonParser(
  Type.Object({
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(Feature, { minItems: 1 }),
  }),
)

/** A table with a row for each feature, its cells as they are written in the file. */
export function readGeojson(text: string): Result<Table, TableFault> {
  const read = parseCollection(text)
  if (!read.ok)
    return tableFault(
      'features',
      'file: expected a GeoJSON FeatureCollection with at least one feature, got something else',
    )
  const { features } = read.value
  if (features.length > tableLimits.rows) return tooMany('rows', features.length)
  const names = [...new Set(features.flatMap(({ properties }) => Object.keys(properties ?? {})))]
  if (names.length > tableLimits.columns) return tooMany('columns', names.length)
  const has = (column: Column): boolean => names.some((name) => findColumn(name) === column)
  const wantsArea = !has('areaA') && !has('areaHa') && !has('areaM2')
  const wantsPlace = !has('latitude') && !has('longitude')
  // a raw 筆ポリゴン file has no names: its fields are named later
  const wantsName = !has('field') && names.includes(PARCEL_ID)
  const heads = [
    ...names,
    ...['shape', ...(wantsArea ? ['area m2'] : []), ...(wantsPlace ? ['latitude', 'longitude'] : [])],
    ...(wantsName ? ['field'] : []),
  ]
  const rows = features.map(({ properties, geometry }) => {
    const read = geometry == null ? null : readShape(geometry)
    const shape = read !== null && 'shape' in read ? read.shape : null
    const [lon, lat] = shape === null ? ['', ''] : insidePoint(shape).map((degrees) => degrees.toFixed(6))
    return [
      ...names.map((name) => cellOf(properties?.[name])),
      geometry == null ? '' : JSON.stringify(geometry),
      ...(wantsArea ? [shape === null ? '' : areaM2(shape).toFixed(1)] : []),
      ...(wantsPlace ? [lat!, lon!] : []),
      ...(wantsName ? [cellOf(properties?.[PARCEL_ID]).slice(0, PARCEL_NAME_LENGTH)] : []),
    ]
  })
  return ok([heads, ...rows])
}

const cellOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
