/** Where a time axis is marked, in the farm's zone: hours within two days, then days, weeks, months. */
import {
  DAY_MS,
  HOUR_MS,
  addDays,
  dayOf,
  daysBetween,
  startOfDay,
  type AtMs,
  type Day,
} from '../../../broker/contract/time.ts'

export interface TimeTick {
  atMs: AtMs
  day: Day
  kind: 'hour' | 'day' | 'month'
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
type Weekday = (typeof weekdays)[number]
const weekdayOf = (day: Day): Weekday => weekdays[((daysBetween('2026-07-05', day) % 7) + 7) % 7]!

/** At most about seven marks; weeks start on `firstWeekday`. */
export function timeTicks(
  fromMs: AtMs,
  toMs: AtMs,
  timeZone: string,
  firstWeekday: Weekday = 'monday',
): TimeTick[] {
  const spanMs = toMs - fromMs
  if (!(spanMs > 0)) return []
  if (spanMs <= 2 * DAY_MS) return hourTicks(fromMs, toMs, timeZone, spanMs <= DAY_MS ? 6 : 12)
  if (spanMs > 75 * DAY_MS) return monthTicks(fromMs, toMs, timeZone)
  const stepD = [1, 2, 3, 7, 14].find((step) => spanMs / (step * DAY_MS) <= 6) ?? 14
  const ticks: TimeTick[] = []
  let day = addDays(dayOf(fromMs, timeZone), 1)
  if (stepD >= 7) while (weekdayOf(day) !== firstWeekday) day = addDays(day, 1)
  for (; ; day = addDays(day, stepD)) {
    const atMs = startOfDay(day, timeZone)
    if (atMs > toMs) return ticks
    if (atMs >= fromMs) ticks.push({ atMs, day, kind: 'day' })
  }
}

function hourTicks(fromMs: AtMs, toMs: AtMs, timeZone: string, stepH: number): TimeTick[] {
  const ticks: TimeTick[] = []
  const midnight = startOfDay(dayOf(fromMs, timeZone), timeZone)
  for (let atMs = midnight; atMs <= toMs; atMs += stepH * HOUR_MS)
    if (atMs >= fromMs) ticks.push({ atMs, day: dayOf(atMs, timeZone), kind: 'hour' })
  return ticks
}

function monthTicks(fromMs: AtMs, toMs: AtMs, timeZone: string): TimeTick[] {
  const ticks: TimeTick[] = []
  let [year, month] = dayOf(fromMs, timeZone).split('-').map(Number) as [number, number]
  for (;;) {
    const day = `${year}-${String(month).padStart(2, '0')}-01`
    const atMs = startOfDay(day, timeZone)
    if (atMs > toMs) return ticks
    if (atMs >= fromMs) ticks.push({ atMs, day, kind: 'month' })
    if (++month > 12) [year, month] = [year + 1, 1]
  }
}

/** The index of the time nearest to an instant; -1 in an empty list. `times` ascend. */
export function nearest(times: readonly number[], atMs: number): number {
  if (times.length === 0) return -1
  let lo = 0
  let hi = times.length - 1
  while (lo < hi) {
    const mid = (lo + hi) >> 1
    if (times[mid]! < atMs) lo = mid + 1
    else hi = mid
  }
  return lo > 0 && atMs - times[lo - 1]! <= times[lo]! - atMs ? lo - 1 : lo
}
