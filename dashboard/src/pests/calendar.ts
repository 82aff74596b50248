/**
 * The calendar of pests and diseases: the same days for each row, two weeks back and one ahead. A day has the risk that was
 * assessed, or the action that is due then.
 */
import type { Hazard } from '../../../services/api/schemas.ts'
import { addDays, type Day } from '../../../broker/contract/time.ts'
import type { Risk } from './risk.ts'

export const DAYS_BACK = 14
export const DAYS_AHEAD = 7

/** `sign`: of BLASTAM, `1` to `4` for a near-favourable day. */
export interface AssessedDay {
  day: Day
  level: Risk | null
  sign?: Hazard['days'][number]['sign']
}

export interface Due {
  action: 'treat' | 'scout'
  fromDay: Day
  toDay: Day
}

/** `level` null: not assessed. `due`: what to do on this day, from today on. */
export interface CalendarDay extends AssessedDay {
  due: Due['action'] | null
}

export const calendarDays = (
  today: Day,
  assessed: readonly AssessedDay[],
  due: Due | null,
): CalendarDay[] => {
  const known = new Map(assessed.map((item) => [item.day, item]))
  return Array.from({ length: DAYS_BACK + 1 + DAYS_AHEAD }, (_, i) => {
    const day = addDays(today, i - DAYS_BACK)
    const isDue = due !== null && day >= today && day >= due.fromDay && day <= due.toDay
    return { day, level: null, ...known.get(day), due: isDue ? due.action : null }
  })
}
