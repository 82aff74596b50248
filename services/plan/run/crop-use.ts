/**
 * The water use of a crop between two instants, mm. A day's use follows daylight, as a half sine from 06:00 to
 * 18:00 of the wall clock. Days ahead use Kc times the forecast's ET0, or today's use when there is none.
 */
import {
  addDays,
  dayOf,
  daysBetween,
  HOUR_MS,
  startOfDay,
  type AtMs,
  type Day,
} from '../../../broker/contract/time.ts'
import type { FieldStateRow } from '../../tables.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'

/** From the instant of the state on; not defined for the past. */
export interface CropUse {
  /** mm from the state's instant to `toMs` */
  untilMm(toMs: AtMs): number
  /**
   * the instant at which `mm` have been used since the state's, or null when that is more than 10 days ahead
   */
  whenMs(mm: number): AtMs | null
}

export type UseState = Pick<FieldStateRow, 'atMs' | 'kc' | 'etcTodayMm' | 'etcWholeDayMm'>

const LOOK_AHEAD_DAYS = 10

/** Null when neither the state nor the forecast has the use of a day. */
export function cropUse(
  state: UseState,
  forecast: ForecastResponse | null,
  timeZone: string,
): CropUse | null {
  const today = dayOf(state.atMs, timeZone)
  const ofDay = (day: Day): number | null => {
    if (day === today && state.etcWholeDayMm !== null) return state.etcWholeDayMm
    const et0Mm = forecast?.days.find((ahead) => ahead.day === day)?.et0Mm ?? null
    return et0Mm !== null && state.kc !== null ? et0Mm * state.kc : state.etcWholeDayMm
  }
  if (ofDay(today) === null) return null

  const days: { day: Day; startMs: AtMs; endMs: AtMs; fromMs: AtMs; mm: number }[] = []
  for (let i = 0; i < LOOK_AHEAD_DAYS; i++) {
    const day = addDays(today, i)
    const startMs = startOfDay(day, timeZone)
    const wholeMm = ofDay(day) ?? days[i - 1]!.mm
    // the balance already contains today's use so far
    const mm = i === 0 ? Math.max(0, wholeMm - (state.etcTodayMm ?? 0)) : wholeMm
    days.push({
      day,
      startMs,
      endMs: startOfDay(addDays(day, 1), timeZone),
      fromMs: i === 0 ? state.atMs : startMs,
      mm,
    })
  }

  // used share of the rest of the day by `atMs`
  const shareAt = (day: (typeof days)[number], atMs: AtMs): number => {
    const before = daylightShare(day.fromMs - day.startMs)
    if (before >= 1) return 0
    return Math.max(0, (daylightShare(atMs - day.startMs) - before) / (1 - before))
  }

  return {
    untilMm(toMs) {
      let mm = 0
      for (const day of days) {
        if (toMs <= day.fromMs) return mm
        mm += day.mm * shareAt(day, Math.min(toMs, day.endMs))
      }
      // beyond the calculated days: as the last of them
      const last = days.at(-1)!
      const moreDays = Math.max(0, daysBetween(last.day, dayOf(toMs, timeZone)) - 1)
      return mm + moreDays * last.mm
    },
    whenMs(mm) {
      let leftMm = mm
      if (leftMm <= 0) return state.atMs
      for (const day of days) {
        const dayMm = day.mm * shareAt(day, day.endMs)
        if (leftMm > dayMm) {
          leftMm -= dayMm
          continue
        }
        const before = daylightShare(day.fromMs - day.startMs)
        const share = before + (leftMm / day.mm) * (1 - before)
        return Math.max(day.fromMs, Math.round(day.startMs + daylightInstantMs(share)))
      }
      return null
    },
  }
}

const SUNRISE_MS = 6 * HOUR_MS
const DAYLIGHT_MS = 12 * HOUR_MS

/** Share (0-1) of a day's use before `sinceMidnightMs`. */
function daylightShare(sinceMidnightMs: number): number {
  const x = Math.min(1, Math.max(0, (sinceMidnightMs - SUNRISE_MS) / DAYLIGHT_MS))
  return (1 - Math.cos(Math.PI * x)) / 2
}

/** The inverse: ms after midnight at which `share` has been used. */
const daylightInstantMs = (share: number): number =>
  SUNRISE_MS + (Math.acos(1 - 2 * Math.min(1, share)) / Math.PI) * DAYLIGHT_MS
