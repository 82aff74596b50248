/**
 * The latest safe start of an irrigation: each weather course of the forecast is simulated without water; the
 * result is the instant by which a share of them has used up the water above the line. The share is the
 * grower's risk.
 */
import { addDays, dayOf, startOfDay, type AtMs } from '../../../broker/contract/time.ts'
import type { CropUse } from '../run/crop-use.ts'
import type { WeatherCourse } from '../forecast/members.ts'

/**
 * Share of the courses for which it may be too late: a half where only the mean counts, a tenth at full
 * aversion.
 */
export const acceptedLateShare = (riskAversion: number): number => 0.5 - 0.4 * riskAversion

const LOOK_AHEAD_DAYS = 10

/**
 * `use`: of the mean course, from `fromMs` on. `expectedEt0Mm`: its ET0 by day. Null: not within ten days. Rain
 * falls at the end of its day here, so that none is counted too early.
 */
export function latestSafeMs(x: {
  use: CropUse
  fromMs: AtMs
  timeZone: string
  haveMm: number // above the line
  fullMm: number // from the line to field capacity
  rainTodayMm: number
  members: readonly WeatherCourse[]
  expectedEt0Mm: ReadonlyMap<string, number | null>
  lateShare: number
}): AtMs | null {
  const { use, fromMs, timeZone, members, lateShare } = x
  if (members.length === 0 || x.haveMm <= 0) return use.whenMs(x.haveMm)
  const today = dayOf(fromMs, timeZone)
  const days = Array.from({ length: LOOK_AHEAD_DAYS }, (_, i) => addDays(today, i))
  const usedByMm = [0, ...days.map((day) => use.untilMm(startOfDay(addDays(day, 1), timeZone)))]
  const reachedAtMs = members.map((member) => {
    let leftMm = x.haveMm
    for (const [i, day] of days.entries()) {
      const ahead = member.find((memberDay) => memberDay.day === day)
      const share = et0Ratio(ahead?.et0Mm, x.expectedEt0Mm.get(day))
      const needMm = share * (usedByMm[i + 1]! - usedByMm[i]!)
      if (needMm >= leftMm) return use.whenMs(usedByMm[i]! + leftMm / share) ?? Infinity
      const rainMm = Math.max(0, (ahead?.rainMm ?? 0) - (i === 0 ? x.rainTodayMm : 0))
      leftMm = Math.min(x.fullMm, leftMm - needMm + rainMm)
    }
    return Infinity
  })
  reachedAtMs.sort((a, b) => a - b)
  const safeMs = reachedAtMs[Math.max(0, Math.ceil(lateShare * reachedAtMs.length) - 1)]!
  return Number.isFinite(safeMs) ? safeMs : null
}

/** The use of a course relative to the mean course, by its ET0. */
const et0Ratio = (et0Mm: number | null | undefined, expectedMm: number | null | undefined): number =>
  et0Mm != null && expectedMm != null && expectedMm > 0 ? Math.max(0.05, et0Mm / expectedMm) : 1
