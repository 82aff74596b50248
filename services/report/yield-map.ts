/**
 * The yields of a season where they grew: the organisation's own fields with their shapes, in five steps. Where a member
 * of another organisation has its fields was never asked of it; such a field is counted and not drawn.
 */
import type { MemberLine } from './season-report.ts'
import type { Geometry } from './season-geojson.ts'
import { quantile } from './yield-strips.ts'

type Shape = Exclude<Geometry, { type: 'Point' }>

export interface YieldMap {
  /** kg/ha, rising: where the second to the fifth step begins, so that each has a fifth of the fields; fewer where many have the same yield. Empty: none is known. */
  steps: number[]
  /** Null `kgHa`: unknown; `step` counts from 0. */
  fields: { id: string; name: string; kgHa: number | null; step: number | null; shape: Shape }[]
  unplaced: number // fields that cannot be drawn
}

/** `asked`: the fields of these members are drawn, in the steps of all that are own. A field sown twice is drawn once. */
export function yieldMap(
  members: readonly MemberLine[],
  places: ReadonlyMap<string, Geometry>,
  asked: (member: MemberLine) => boolean = () => true,
): YieldMap {
  const yields = members
    .flatMap(({ fields }) => fields.flatMap(({ isOwn, kgHa }) => (isOwn ? (kgHa ?? []) : [])))
    .sort((a, b) => a - b)
  const fifths = yields.length === 0 ? [] : [0.2, 0.4, 0.6, 0.8].map((share) => quantile(yields, share))
  const steps = [...new Set(fifths)]
  const drawn = new Map<string, YieldMap['fields'][number]>()
  let unplaced = 0
  for (const { fields } of members.filter(asked))
    for (const { isOwn, fieldId: id, field: name, kgHa } of fields) {
      const place = isOwn ? places.get(id) : undefined
      if (!place || place.type === 'Point') unplaced++
      else if ((drawn.get(id)?.kgHa ?? null) === null)
        drawn.set(id, {
          ...{ id, name, kgHa, shape: place },
          step: kgHa === null ? null : steps.filter((from) => kgHa >= from).length,
        })
    }
  return { steps, fields: [...drawn.values()], unplaced }
}
