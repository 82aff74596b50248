/**
 * Features of a GeoJSON file (RFC 7946), including Japanese fude polygon files, as rows of a table: the
 * properties are the columns; the area and location of the shape fill in where a property is missing.
 */
import { ok, type Result } from '../../../broker/contract/result.ts'
import { readShape } from '../../domain/validate-geojson.ts'
import { areaM2, insidePoint } from '../../domain/geojson.ts'
import type { Table } from './table.ts'
import { tableFault, type TableFault } from './table-fault.ts'
import { findColumn, type Column } from './table-words.ts'

export const isGeojson = (text: string): boolean => /^\s*\{/.test(text)

/** `plain`: normalises the text of a cell. */
export function readGeojson(text: string, plain: (text: string) => string): Result<Table, TableFault> {
  const features = featuresOf(text)
  if (features === null || features.length === 0)
    return tableFault(
      'features',
      'file: expected a GeoJSON FeatureCollection with at least one feature, got something else',
    )
  const names = [...new Set(features.flatMap(({ properties }) => Object.keys(properties ?? {})))]
  const has = (column: Column): boolean => names.some((name) => findColumn(name) === column)
  const wantsArea = !has('areaA') && !has('areaHa') && !has('areaM2')
  const wantsPlace = !has('latitude') && !has('longitude')
  const heads = [
    ...names,
    ...['shape', ...(wantsArea ? ['area m2'] : []), ...(wantsPlace ? ['latitude', 'longitude'] : [])],
  ]
  const rows = features.map(({ properties, geometry }) => {
    const read = geometry == null ? null : readShape(geometry)
    const shape = read !== null && 'shape' in read ? read.shape : null
    const [lon, lat] = shape === null ? ['', ''] : insidePoint(shape).map((degrees) => degrees.toFixed(6))
    return [
      ...names.map((name) => cellOf(properties?.[name], plain)),
      geometry == null ? '' : JSON.stringify(geometry),
      ...(wantsArea ? [shape === null ? '' : areaM2(shape).toFixed(1)] : []),
      ...(wantsPlace ? [lat!, lon!] : []),
    ]
  })
  return ok([heads, ...rows])
}

interface Feature {
  properties?: Record<string, unknown> | null
  geometry?: unknown
}

function featuresOf(text: string): Feature[] | null {
  try {
    const { type, features } = JSON.parse(text) as { type?: unknown; features?: unknown }
    if (type !== 'FeatureCollection' || !Array.isArray(features)) return null
    return features.every((item) => typeof item === 'object' && item !== null)
      ? (features as Feature[])
      : null
  } catch {
    return null
  }
}

const cellOf = (value: unknown, plain: (text: string) => string): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? plain(String(value))
    : ''
