/**
 * The yields of a season where they grew: the organisation's own fields with their shapes, in five steps. Where a member
 * of another organisation has its fields was never asked of it: they are not on it.
 */
import type { FieldLine, MemberLine } from '../season/season-report.ts'
import type { Geometry } from '../formats/season-geojson.ts'
import { quantile } from './yield-strips.ts'

type Shape = Exclude<Geometry, { type: 'Point' }>

export interface YieldMap {
  /** kg/ha, rising: where the second to the fifth step begins, so that each has a fifth of the fields; fewer where many have the same yield. Empty: none is known. */
  steps: number[]
  /** Null `kgHa`: unknown; `step` counts from 0. */
  fields: { id: string; name: string; kgHa: number | null; step: number | null; shape: Shape }[]
  unplaced: number // own fields that have no shape
}

/** `asked`: the fields of these members are drawn, in the steps of all that are own. A field sown twice is one. */
export function yieldMap(
  members: readonly MemberLine[],
  places: ReadonlyMap<string, Geometry>,
  asked: (member: MemberLine) => boolean = () => true,
): YieldMap {
  const own = new Map(members.flatMap((member) => ownLines(member).map((line) => [line.fieldId, line])))
  const yields = [...own.values()].flatMap(({ kgHa }) => kgHa ?? []).sort((a, b) => a - b)
  const fifths = yields.length === 0 ? [] : [0.2, 0.4, 0.6, 0.8].map((share) => quantile(yields, share))
  const steps = [...new Set(fifths)]
  const wanted = new Set(members.filter(asked).flatMap(({ fields }) => fields.map(({ fieldId }) => fieldId)))
  const lines = [...own.values()].filter(({ fieldId }) => wanted.has(fieldId))
  const fields = lines.flatMap(({ fieldId: id, field: name, kgHa }) => {
    const shape = places.get(id)
    if (!shape || shape.type === 'Point') return []
    const step = kgHa === null ? null : steps.filter((from) => kgHa >= from).length
    return [{ id, name, kgHa, step, shape }]
  })
  return { steps, fields, unplaced: lines.length - fields.length }
}

/** The ones whose yield is known last: of a field that was sown twice they count. */
const ownLines = ({ fields }: MemberLine): FieldLine[] =>
  fields.filter(({ isOwn }) => isOwn).sort((a, b) => Number(a.kgHa !== null) - Number(b.kgHa !== null))
