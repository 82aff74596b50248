/** The days of one probe at one depth, and the paths through them that a forecast is evaluated on. */
import type { Day } from '../../../broker/contract/time.ts'
import { mean } from '../fitting/statistics.ts'

export const DAYS_AHEAD = 7

/** Days in order, one entry each; null where unknown. */
export interface MoistureDays {
  fromDay: Day // of the first entry
  timeZone: string
  unit: string // of the content: '%'
  content: (number | null)[] // at the end of the day
  waterMm: (number | null)[] // rain and irrigation of the day; all null: unknown on every day
  demandMm: (number | null)[] // demand of crop and air; all null: every day counts as a mean one
  /** of the days after the last: expected rain; none beyond its end */
  waterAhead: { lo: number; mid: number; hi: number }[]
}

/** A forecast that could have been issued at the end of a day, with the actual water of the following days. */
export interface Path {
  origin: number // index of the day
  start: number // content at its end
  waterMm: number[] // of the days after it, as far as known
  demandMm: number | null // as known at the origin
  actual: (number | null)[] // content at the end of each following day
}

/** The paths that start on the days [from, to) and end before `end`. */
export function pathsOf(days: MoistureDays, from: number, to: number, end: number): Path[] {
  const isUnknown = isWaterUnknown(days)
  const paths: Path[] = []
  for (let origin = from; origin < Math.min(to, end - 1); origin++) {
    const start = days.content[origin] ?? null
    if (start === null) continue
    const waterMm: number[] = []
    const actual: (number | null)[] = []
    for (let day = origin + 1; day <= origin + DAYS_AHEAD && day < end; day++) {
      const mm = isUnknown ? 0 : (days.waterMm[day] ?? null)
      if (mm === null) break
      waterMm.push(mm)
      actual.push(days.content[day] ?? null)
    }
    if (actual.some((content) => content !== null))
      paths.push({ origin, start, waterMm, demandMm: demandAt(days, origin), actual })
  }
  return paths
}

/** Whether the water is unknown on every day: then only the decrease of the content can be learned. */
export const isWaterUnknown = (days: MoistureDays): boolean => days.waterMm.every((mm) => mm === null)

/** Mean demand of the week that ends with a day: the best predictor of tomorrow's. Null when it is unknown. */
export function demandAt(days: MoistureDays, day: number): number | null {
  const week = days.demandMm.slice(Math.max(0, day - 6), day + 1).filter((mm) => mm !== null)
  return week.length === 0 ? null : mean(week)
}
