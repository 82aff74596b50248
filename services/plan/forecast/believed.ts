/**
 * A forecast corrected by the skill of its source: rain ranges scaled by the verification against the farm's
 * own gauge, by days ahead. Without a record it is unchanged. Pure.
 */
import { dayOf, daysBetween } from '../../../broker/contract/time.ts'
import type { ForecastResponse, ForecastDay } from '../../ports.ts'
import type { ForecastTrust } from '../../tables.ts'
import { noCorrection, skillAt, type ForecastSkill } from './skill.ts'

export function calibrateForecast(
  answer: ForecastResponse,
  skill: ForecastSkill | null,
  timeZone: string,
): ForecastResponse {
  if (!skill || skill.source !== answer.source) return answer
  const issuedDay = dayOf(answer.issuedMs, timeZone)
  return {
    ...answer,
    days: answer.days.map((day) => {
      const lead = Math.max(0, daysBetween(issuedDay, day.day))
      return { ...day, rainMm: correctRange(day.rainMm, skillAt(skill, lead)?.trust ?? noCorrection) }
    }),
  }
}

/** The range stays in order, and a dry median stays dry. */
function correctRange({ lo, mid, hi }: ForecastDay['rainMm'], trust: ForecastTrust): ForecastDay['rainMm'] {
  const middle = trust.mid * mid
  return {
    lo: Math.min(trust.lo * lo, middle),
    mid: middle,
    hi: Math.max(trust.hi * hi, trust.dryHiMm, middle),
  }
}
