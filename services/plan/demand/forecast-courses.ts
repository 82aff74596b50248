/** The weather that a farm's forecast allows, for the decision of its fields. */
import { createHash } from 'node:crypto'
import { daysBetween, type Day } from '../../../broker/contract/time.ts'
import { fieldOfMember, type FieldOutlook } from '../../irrigation-model/field-outlook.ts'
import { MEMBERS, membersAhead, type Member } from '../../irrigation-model/weather-ahead.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import { drawMembers, hashText, type WeatherCourse } from '../forecast/members.ts'
import type { ForecastSkill } from '../forecast/skill.ts'

/**
 * Half of the members of `npm run decide`: a farm plans a thousand zones on the event loop that also closes
 * valves.
 */
const COURSES = MEMBERS / 2

export interface ForecastQuery {
  forecast: ForecastResponse | null
  skill: ForecastSkill | null
  farmId: string
  timeZone: string
}

interface DrawnCourses {
  courses: readonly WeatherCourse[]
  /** the same courses have the same key */
  key: string
}

/** One set per forecast: its fields and zones share them. */
const drawnOf = new WeakMap<ForecastResponse, DrawnCourses & { skill: ForecastSkill | null }>()

/** Weather courses that the forecast allows; none without a forecast. */
export function drawCourses({ forecast, skill, farmId, timeZone }: ForecastQuery): DrawnCourses {
  if (!forecast) return { courses: [], key: '' }
  let drawn = drawnOf.get(forecast)
  if (!drawn || drawn.skill !== skill) {
    const courses = drawMembers(forecast, skill, { seed: hashText(farmId), timeZone, count: COURSES })
    const key = createHash('sha256').update(JSON.stringify(courses)).digest('base64')
    drawn = { skill, courses, key }
    drawnOf.set(forecast, drawn)
  }
  return drawn
}

/** The courses of the forecast, then typical days without rain. */
export function membersWithCourses(
  ahead: readonly WeatherCourse[],
  x: { today: Day; count: number; usualEt0Mm: number; rainTodayMm: number; outlook: FieldOutlook | null },
): Member[] {
  const { outlook } = x
  const members = membersAhead(x.count, 0, [], [], () => x.usualEt0Mm)
    .map((member, m) => ({ ...member, field: outlook && fieldOfMember(outlook, m) }))
    .filter((_, m) => m % 2 === 0)
  for (const [m, course] of ahead.entries()) {
    const { et0Mm, rainMm } = members[m]!.weather
    for (const day of course) {
      const k = daysBetween(x.today, day.day)
      if (k < 0 || k >= x.count) continue
      et0Mm[k] = day.et0Mm ?? x.usualEt0Mm
      rainMm[k] = Math.max(0, day.rainMm - (k === 0 ? x.rainTodayMm : 0))
    }
  }
  return members
}
