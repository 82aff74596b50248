/** The yields of fields by variety, as a strip of dots: every field, the median and the middle half. */
import { groupBy } from '../../runtime/group-by.ts'
import { displayId, type MemberLine } from '../season/season-report.ts'
import { hasEnoughMembers } from '../season/sharing.ts'

export interface Strip {
  variety: string | null
  q1: number // kg/ha, a quarter of the fields has less
  median: number
  q3: number
  dots: { fieldId: string; name: string; kgHa: number }[] // rising
}

/** Most fields first; without the varieties of too few members. */
export function yieldStrips(
  members: readonly Pick<MemberLine, 'org' | 'farmId' | 'isOwn' | 'name' | 'fields'>[],
): Strip[] {
  const known = members.flatMap(({ org, farmId, isOwn, name, fields }) =>
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
  return [...groupBy(known, ({ variety }) => variety)]
    .filter(([, some]) => hasEnoughMembers(some))
    .map(([variety, some]) => {
      const dots = some
        .map(({ dot }) => dot)
        .sort((a, b) => a.kgHa - b.kgHa || (a.fieldId < b.fieldId ? -1 : 1))
      const at = (share: number) =>
        quantile(
          dots.map(({ kgHa }) => kgHa),
          share,
        )
      return { variety, q1: at(0.25), median: at(0.5), q3: at(0.75), dots }
    })
    .sort((a, b) => b.dots.length - a.dots.length || ((a.variety ?? '') < (b.variety ?? '') ? -1 : 1))
}

/** Between two values in proportion (Hyndman & Fan 1996, type 7). */
export function quantile(rising: readonly number[], share: number): number {
  const at = (rising.length - 1) * share
  const [low, high] = [rising[Math.floor(at)]!, rising[Math.ceil(at)]!]
  return low + (high - low) * (at - Math.floor(at))
}
