/** Yields of fields by variety as a dot strip: every field, the median and the middle half. */
import { groupBy } from '../../runtime/group-by.ts'
import { hasEnoughMembers } from '../season/sharing.ts'
import { displayId, type MemberLine } from '../season/lines.ts'
import { quantile } from '../../runtime/math.ts'

export interface Strip {
  variety: string | null
  q1: number // kg/ha, lower quartile
  median: number
  q3: number
  dots: { fieldId: string; name: string; kgHa: number }[] // ascending
}

/** Most fields first; without varieties of too few members. */
export function yieldStrips(
  members: readonly Pick<MemberLine, 'org' | 'farmId' | 'isOwn' | 'name' | 'fields'>[],
): Strip[] {
  const withYield = members.flatMap(({ org, farmId, isOwn, name, fields }) =>
    fields.flatMap((line) =>
      line.kgHa === null
        ? []
        : [
            {
              variety: line.variety,
              org,
              farmId,
              isOwn,
              dot: { fieldId: displayId(line), name: `${name}, ${line.field}`, kgHa: line.kgHa },
            },
          ],
    ),
  )
  return [...groupBy(withYield, ({ variety }) => variety)]
    .filter(([, entries]) => hasEnoughMembers(entries))
    .map(([variety, entries]) => {
      const dots = entries
        .map(({ dot }) => dot)
        .sort((a, b) => a.kgHa - b.kgHa || (a.fieldId < b.fieldId ? -1 : 1))
      const quantileAt = (share: number) =>
        quantile(
          dots.map(({ kgHa }) => kgHa),
          share,
        )
      return { variety, q1: quantileAt(0.25), median: quantileAt(0.5), q3: quantileAt(0.75), dots }
    })
    .sort((a, b) => b.dots.length - a.dots.length || ((a.variety ?? '') < (b.variety ?? '') ? -1 : 1))
}
