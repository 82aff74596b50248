/** Disease risk and pest actions, in the status marks of the page: the same shapes and colours mean the same everywhere. */
import type { FieldDetail, FieldStatus, Hazard } from '../../../services/api/schemas.ts'
import { addDays, type Day } from '../../../broker/contract/time.ts'

export type Risk = FieldDetail['diseases'][number]['level']
export const risks = ['high', 'moderate', 'low', 'unknown'] as const satisfies Risk[]

/** `level` null: no data of that day. `sign`: of BLASTAM, `1` to `4` for a near-favourable day. */
export interface RiskDay {
  day: Day
  level: Risk | null
  sign?: Hazard['days'][number]['sign']
}

export const statusOfRisk: Record<Risk, FieldStatus> = {
  high: 'act',
  moderate: 'soon',
  low: 'ok',
  unknown: 'unknown',
}

export const statusOfAction: Record<Hazard['action'], FieldStatus> = {
  treat: 'act',
  scout: 'soon',
  'cannot-judge': 'unknown',
  wait: 'ok',
}

/** The 14 days up to `throughDay`, one entry each. */
export function lastFortnight(days: readonly { day: Day; level: Risk }[], throughDay: Day): RiskDay[] {
  const levels = new Map(days.map(({ day, level }) => [day, level]))
  return Array.from({ length: 14 }, (_, i) => {
    const day = addDays(throughDay, i - 13)
    return { day, level: levels.get(day) ?? null }
  })
}
