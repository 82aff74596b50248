/**
 * Matches the features of a file to fields: the field chosen by the person, otherwise by id, by name, or by
 * overlap. A feature without a field may become one. Pure.
 */
import {
  boundingBox,
  contains,
  insidePoint,
  isInBox,
  type Box,
  type Position,
  type Shape,
} from '../../domain/geojson.ts'
import type { BadFeature, FeatureFile, ReadFeature } from './read-shapes.ts'

export interface KnownField {
  id: string
  name: string
  areaM2: number
  shape: Shape | null
}
/** The person's choice for a feature: a field, or null to leave it out. */
export type AssignedFields = ReadonlyMap<number, string | null>

export interface Match {
  feature: ReadFeature
  field: KnownField | null
  by: 'person' | 'id' | 'name' | 'place' | null
  change: 'changed' | 'same' | 'new' | 'left-out'
}

/** `makesNew`: features without a field become new fields. A second feature for the same field is a fault. */
export function matchFeatures(
  file: Pick<FeatureFile, 'features' | 'bad'>,
  fields: readonly KnownField[],
  assigned: AssignedFields,
  makesNew: boolean,
): { matches: Match[]; bad: BadFeature[] } {
  const find = fieldFinder(fields)
  const usedFieldIds = new Set<string>()
  const badRows = [...file.bad]
  const matches: Match[] = []
  for (const feature of file.features) {
    const assignedField = assigned.get(feature.row)
    const match =
      assignedField === undefined
        ? find(feature)
        : { field: fields.find(({ id }) => id === assignedField) ?? null, by: 'person' as const }
    const { field } = match
    if (field !== null && usedFieldIds.has(field.id)) {
      badRows.push({ row: feature.row, label: feature.label, fault: 'duplicate' })
      continue
    }
    if (field !== null) usedFieldIds.add(field.id)
    matches.push({ feature, ...match, change: changeOf(feature, field, makesNew && assignedField !== null) })
  }
  return { matches, bad: badRows.sort((a, b) => a.row - b.row) }
}

function changeOf({ shape }: ReadFeature, field: KnownField | null, makesNew: boolean): Match['change'] {
  if (field === null) return makesNew ? 'new' : 'left-out'
  return field.shape !== null && JSON.stringify(field.shape) === JSON.stringify(shape) ? 'same' : 'changed'
}

function fieldFinder(fields: readonly KnownField[]) {
  const byId = new Map(fields.map((field) => [field.id, field]))
  const byName = new Map<string, KnownField | null>() // null: several fields have the name, so it identifies none
  for (const field of fields)
    byName.set(normaliseName(field.name), byName.has(normaliseName(field.name)) ? null : field)
  const withShapes = fields.flatMap((field) =>
    field.shape === null
      ? []
      : [{ field, shape: field.shape, box: boundingBox(field.shape), point: insidePoint(field.shape) }],
  )
  return (feature: ReadFeature): Pick<Match, 'field' | 'by'> => {
    const named = feature.id === null ? undefined : byId.get(feature.id)
    if (named) return { field: named, by: 'id' }
    const called = feature.name === null ? undefined : byName.get(normaliseName(feature.name))
    if (called) return { field: called, by: 'name' }
    const box = boundingBox(feature.shape)
    const covered = withShapes.find(
      (existing) => liesIn(feature.point, existing) || liesIn(existing.point, { shape: feature.shape, box }),
    )
    return covered ? { field: covered.field, by: 'place' } : { field: null, by: null }
  }
}

const liesIn = (point: Position, { shape, box }: { shape: Shape; box: Box }): boolean =>
  isInBox(point, box) && contains(shape, point)

/** Full-width and half-width characters are equal. */
const normaliseName = (name: string): string => name.normalize('NFKC').trim().toLowerCase()
