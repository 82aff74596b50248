/** Which members lie far from the usual of a season. */
import { medianOf, robustSd } from '../../agronomy/math.ts'
import type { MemberLine } from './season-report.ts'

// so many spreads from the median are far (modified z-score, Iglewicz & Hoaglin 1993), and so few members have no usual
const OUTLIER_Z = 3.5
const MIN_MEMBERS = 8

/** Marks whose yield or water lies far from that of the others, by median and median deviation. */
export function markOutliers(members: MemberLine[]): void {
  for (const [what, of] of [
    ['yield', 'kgHa'],
    ['water', 'waterM3Ha'],
  ] as const) {
    const values = members.flatMap((member) => member[of] ?? [])
    if (values.length < MIN_MEMBERS) continue
    const spread = robustSd(values)
    if (spread === 0) continue
    const middle = medianOf(values)
    for (const member of members) {
      const far = member[of] === null ? 0 : (member[of] - middle) / spread
      if (Math.abs(far) > OUTLIER_Z) member.off.push(`${what}-${far < 0 ? 'low' : 'high'}`)
    }
  }
}
