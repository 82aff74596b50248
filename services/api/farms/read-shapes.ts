/**
 * Reads field shapes from a GeoJSON file (RFC 7946), including the parcels of Japan's 筆ポリゴン. Every unusable
 * feature is reported with its fault; nothing is written. Pure. 筆ポリゴン (農林水産省) is a FeatureCollection with
 * `polygon_uuid`, `land_type` (100 paddy, 200 other field), `point_lng`, `point_lat`, `local_government_cd`
 * and years. It has no names. Unconfirmed: that a `polygon_uuid` stays the same from one year's file to the
 * next (so parcels are matched by location), and that all files are in JGD2011, which agrees with WGS 84 to
 * about a metre.
 */
import { createHash } from 'node:crypto'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { CooperativeTask } from '../../runtime/cooperative.ts'
import { isDeeperThan } from '../../runtime/json-depth.ts'
import { Name } from '../http/validation/schema-primitives.ts'
import { readShape, type ShapeFault } from '../../domain/validate-geojson.ts'
import { areaM2, contains, insidePoint, type Position, type Shape } from '../../domain/geojson.ts'

export const MAX_FEATURES = 2_000
const MAX_LEVELS = 20

export type FeatureFault = ShapeFault | 'no-feature' | 'bad-name' | 'duplicate'

export interface ReadFeature {
  row: number // its position in the file, from 1
  label: string // the name shown to a person
  id: string | null
  name: string | null
  kind: 'paddy' | 'upland' | null // null: not given
  shape: Shape
  areaM2: number
  point: Position // inside it
}
export interface BadFeature {
  row: number
  label: string
  fault: FeatureFault
}
export interface FeatureFile {
  hash: string
  count: number
  features: ReadFeature[]
  bad: BadFeature[]
}

/** Cooperative: a file with thousands of corners takes some hundredths of a second. */
export function* readFeatures(text: string): CooperativeTask<Result<FeatureFile>> {
  const match = parseFeatureList(text)
  if (!match.ok) return match
  const file: FeatureFile = {
    hash: createHash('sha256').update(text).digest('hex'),
    count: match.value.length,
    features: [],
    bad: [],
  }
  const seenKeys = new Set<string>()
  for (const [index, feature] of match.value.entries()) {
    const read = readFeature(feature, index + 1)
    if ('fault' in read) file.bad.push(read)
    else {
      const key = JSON.stringify(read.shape.coordinates)
      if (seenKeys.has(key)) file.bad.push({ row: read.row, label: read.label, fault: 'duplicate' })
      else file.features.push(read)
      seenKeys.add(key)
    }
    yield
  }
  return ok(file)
}

type JsonObject = Record<string, unknown>
const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseFeatureList(text: string): Result<unknown[]> {
  if (isDeeperThan(MAX_LEVELS, text))
    return err(`text: must be at most ${MAX_LEVELS} levels deep, got more; export it again`)
  let total: unknown
  try {
    total = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return err('text: must be GeoJSON, got invalid JSON')
  }
  if (!isJsonObject(total)) return err('text: must be a GeoJSON FeatureCollection, got another value')
  const crs = crsName(total)
  if (!/(CRS84|4326|6668|4612)$/.test(crs))
    return err(`text: must be in WGS 84 longitude and latitude (EPSG:4326), got ${crs.slice(0, 60)}`)
  const features = total.type === 'Feature' ? [total] : total.features
  if (!Array.isArray(features))
    return err('text: must be a GeoJSON FeatureCollection, got one without features')
  return features.length > MAX_FEATURES
    ? err(
        `text: must have at most ${MAX_FEATURES} features, got ${features.length}; cut the file to your farm`,
      )
    : ok(features)
}

/** Older GeoJSON may name its reference system; the default is WGS 84. */
function crsName({ crs }: JsonObject): string {
  const name = isJsonObject(crs) && isJsonObject(crs.properties) ? crs.properties.name : undefined
  return typeof name === 'string' ? name : 'CRS84'
}

const nameCheck = Compile(Name)

function readFeature(feature: unknown, row: number): ReadFeature | BadFeature {
  if (!isJsonObject(feature) || feature.type !== 'Feature') return { row, label: '', fault: 'no-feature' }
  const properties = isJsonObject(feature.properties) ? feature.properties : {}
  const name = textOf(properties.name ?? properties.Name ?? properties.NAME ?? properties['圃場名'])
  const id = textOf(feature.id ?? properties.fieldId ?? properties.id)
  const parcel = textOf(properties.polygon_uuid)
  if (name !== null && !nameCheck.Check(name)) return { row, label: '', fault: 'bad-name' }
  const label = displayText(name ?? (parcel === null ? (id ?? '') : parcel.slice(0, 8)))
  const read = readShape(feature.geometry)
  if ('fault' in read) return { row, label, fault: read.fault }
  const labelPoint: Position = [Number(properties.point_lng), Number(properties.point_lat)]
  const point = contains(read.shape, labelPoint) ? labelPoint : insidePoint(read.shape)
  return { row, label, id, name, kind: kindOf(properties), ...read, areaM2: areaM2(read.shape), point }
}

function kindOf({ land_type, kind }: JsonObject): ReadFeature['kind'] {
  if (String(land_type) === '100' || kind === 'paddy') return 'paddy'
  return String(land_type) === '200' || kind === 'upland' ? 'upland' : null
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' ? value.trim() || null : typeof value === 'number' ? String(value) : null
/** The text of a file if it is fit for display. */
const displayText = (text: string): string => (nameCheck.Check(text) ? text.slice(0, 60) : '')
