/** Which members lie far from the usual of a season. */
import { medianOf, spreadOf } from '../../agronomy/median.ts'
import type { MemberLine } from './season-report.ts'

// so many spreads from the median are far (modified z-score, Iglewicz & Hoaglin 1993), and so few members have no usual
const FAR = 3.5
const FEW_MEMBERS = 8

/** Marks whose yield or water lies far from that of the others, by median and median deviation. */
export function markOff(members: MemberLine[]): void {
  for (const [what, of] of [
    ['yield', 'kgHa'],
    ['water', 'waterM3Ha'],
  ] as const) {
    const values = members.flatMap((member) => member[of] ?? [])
    if (values.length < FEW_MEMBERS) continue
    const spread = spreadOf(values)
    if (spread === 0) continue
    const middle = medianOf(values)
    for (const member of members) {
      const far = member[of] === null ? 0 : (member[of] - middle) / spread
      if (Math.abs(far) > FAR) member.off.push(`${what}-${far < 0 ? 'low' : 'high'}`)
    }
  }
}
