/** Outliers of a season among the members. */
import { medianOf, robustSd } from '../../agronomy/math.ts'
import type { MemberLine } from './lines.ts'

// modified z-score (Iglewicz & Hoaglin 1993); with fewer members there is no usable spread
const OUTLIER_Z = 3.5
const MIN_MEMBERS = 8

/** Marks members whose yield or water is far from the median, by median absolute deviation. */
export function markOutliers(members: MemberLine[]): void {
  for (const [measure, key] of [
    ['yield', 'kgHa'],
    ['water', 'waterM3Ha'],
  ] as const) {
    const values = members.flatMap((member) => member[key] ?? [])
    if (values.length < MIN_MEMBERS) continue
    const spread = robustSd(values)
    if (spread === 0) continue
    const middle = medianOf(values)
    for (const member of members) {
      const far = member[key] === null ? 0 : (member[key] - middle) / spread
      if (Math.abs(far) > OUTLIER_Z) member.outliers.push(`${measure}-${far < 0 ? 'low' : 'high'}`)
    }
  }
}
