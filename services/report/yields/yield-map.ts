/**
 * Yield map of a season: the organisation's own fields with their shapes, in five classes. Shapes of members' fields
 * are not shared, so they are not on it.
 */
import { quantile } from '../../runtime/math.ts'
import type { FieldLine, MemberLine } from '../season/lines.ts'
import type { Geometry } from '../season/field-geometries.ts'

type Shape = Exclude<Geometry, { type: 'Point' }>

export interface YieldMap {
  /**
   * kg/ha, ascending: lower limits of the second to fifth class, so that each holds a fifth of the fields; fewer where
   * many yields are equal. Empty: no known yield.
   */
  steps: number[]
  /** Null `kgHa`: unknown; `step` counts from 0. */
  fields: { id: string; name: string; kgHa: number | null; step: number | null; shape: Shape }[]
  unplaced: number // own fields without a shape
}

/** `isSelected`: members whose fields are drawn; the classes cover all own fields. A field sown twice appears once. */
export function yieldMap(
  members: readonly MemberLine[],
  places: ReadonlyMap<string, Geometry>,
  isSelected: (member: MemberLine) => boolean = () => true,
): YieldMap {
  const ownByField = new Map(
    members.flatMap((member) => ownLines(member).map((line) => [line.fieldId, line])),
  )
  const yields = [...ownByField.values()].flatMap(({ kgHa }) => kgHa ?? []).sort((a, b) => a - b)
  const fifths = yields.length === 0 ? [] : [0.2, 0.4, 0.6, 0.8].map((share) => quantile(yields, share))
  const steps = [...new Set(fifths)]
  const selectedIds = new Set(
    members.filter(isSelected).flatMap(({ fields }) => fields.map(({ fieldId }) => fieldId)),
  )
  const lines = [...ownByField.values()].filter(({ fieldId }) => selectedIds.has(fieldId))
  const fields = lines.flatMap(({ fieldId: id, field: name, kgHa }) => {
    const shape = places.get(id)
    if (!shape || shape.type === 'Point') return []
    const step = kgHa === null ? null : steps.filter((from) => kgHa >= from).length
    return [{ id, name, kgHa, step, shape }]
  })
  return { steps, fields, unplaced: lines.length - fields.length }
}

/** Lines with a known yield are last, so that they take precedence for a field sown twice. */
const ownLines = ({ fields }: MemberLine): FieldLine[] =>
  fields.filter(({ isOwn }) => isOwn).sort((a, b) => Number(a.kgHa !== null) - Number(b.kgHa !== null))
