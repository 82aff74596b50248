/**
 * A forecast as far as its source has earned it: rain ranges moved by what the farm's own gauge has seen of that source
 * so many days ahead. Without a record it is taken as it comes. Pure.
 */
import { dayOf, daysBetween } from '../../../broker/contract/time.ts'
import type { ForecastAnswer, ForecastDay } from '../../ports.ts'
import type { ForecastTrust } from '../../tables.ts'
import { asItComes, skillAt, type ForecastSkill } from './skill.ts'

export function believed(
  answer: ForecastAnswer,
  skill: ForecastSkill | null,
  timeZone: string,
): ForecastAnswer {
  if (!skill || skill.source !== answer.source) return answer
  const issuedDay = dayOf(answer.issuedMs, timeZone)
  return {
    ...answer,
    days: answer.days.map((day) => {
      const lead = Math.max(0, daysBetween(issuedDay, day.day))
      return { ...day, rainMm: movedRange(day.rainMm, skillAt(skill, lead)?.trust ?? asItComes) }
    }),
  }
}

/** Never out of order, and what is dry in the middle stays so. */
function movedRange({ lo, mid, hi }: ForecastDay['rainMm'], trust: ForecastTrust): ForecastDay['rainMm'] {
  const middle = trust.mid * mid
  return {
    lo: Math.min(trust.lo * lo, middle),
    mid: middle,
    hi: Math.max(trust.hi * hi, trust.dryHiMm, middle),
  }
}
