/**
 * Heavy rain and the storage of a paddy (the paddy dam, tambo-dam): storage is created while there is time, the
 * storm is stored behind the board, and drained slowly afterwards. Pure.
 */
import { addDays, dayOf, HOUR_MS, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'

/** mm in a civil day that are a storm: half of Japan's heavy rain (100 mm a day). Unconfirmed. */
const STORM_MM = 50
/** a more distant forecast does not justify draining */
const AHEAD_DAYS = 2
/** stored water is drained within this time after the storm: rivers have fallen, and rice tolerates it */
const AFTER_DAYS = 2

export interface Storm {
  phase: 'ahead' | 'now' | 'after'
  /** its start; of a current or past storm: of its day */
  fromMs: AtMs
  /** rain still to come in its days, the median of the forecast; of a past storm, 0. mm */
  mm: number
  /** nine in ten forecasts bring no more */
  hiMm: number
}

/** Null: no storm is known. `rainMm`: measured, by civil day. */
export function findStorm(
  forecast: ForecastResponse | null,
  rainMm: ReadonlyMap<Day, number | null>,
  x: { nowMs: AtMs; timeZone: string; rainTodayMm: number | null },
): Storm | null {
  const today = dayOf(x.nowMs, x.timeZone)
  const startOf = (day: Day): AtMs => startOfDay(day, x.timeZone)
  const ofToday = forecast?.days.find(({ day }) => day === today)
  const measuredMm = x.rainTodayMm ?? 0
  const ahead = (forecast?.days ?? []).filter(
    ({ day, rainMm: { mid } }) => day > today && day <= addDays(today, AHEAD_DAYS) && mid >= STORM_MM,
  )
  const next = addDays(today, 1)
  const follows = ahead[0]?.day === next ? ahead : []
  if (measuredMm >= STORM_MM || (ofToday && ofToday.rainMm.mid >= STORM_MM)) {
    const sum = (key: 'mid' | 'hi'): number =>
      Math.max(0, (ofToday?.rainMm[key] ?? 0) - measuredMm) +
      follows.reduce((mm, day) => mm + day.rainMm[key], 0)
    const isOver = sum('hi') < 1 && follows.length === 0
    // storage can still be created for rain that is forecast for today and has not begun
    const beginsMs = measuredMm < 1 ? startHour(forecast, today, startOf(today), startOf(next)) : null
    if (beginsMs !== null && beginsMs > x.nowMs + HOUR_MS)
      return { phase: 'ahead', fromMs: beginsMs, mm: sum('mid'), hiMm: sum('hi') }
    return { phase: isOver ? 'after' : 'now', fromMs: startOf(today), mm: sum('mid'), hiMm: sum('hi') }
  }
  const [first] = ahead
  if (first) {
    const fromMs =
      startHour(forecast, first.day, startOf(first.day), startOf(addDays(first.day, 1))) ?? startOf(first.day)
    const sum = (key: 'mid' | 'hi'): number => ahead.reduce((mm, day) => mm + day.rainMm[key], 0)
    return { phase: 'ahead', fromMs, mm: sum('mid'), hiMm: sum('hi') }
  }
  for (let daysAgo = 1; daysAgo <= AFTER_DAYS; daysAgo++) {
    const day = addDays(today, -daysAgo)
    if ((rainMm.get(day) ?? 0) >= STORM_MM) return { phase: 'after', fromMs: startOf(day), mm: 0, hiMm: 0 }
  }
  return null
}

/** The first hour of a day with forecast rain; null without an hourly forecast. */
function startHour(forecast: ForecastResponse | null, _day: Day, fromMs: AtMs, toMs: AtMs): AtMs | null {
  const first = forecast?.hours?.find(
    ({ atMs, rainMm }) => atMs >= fromMs && atMs < toMs && rainMm !== null && rainMm >= 1,
  )
  return first?.atMs ?? null
}

export interface StormRoom {
  /** mm up to the limit of the stage and the bund */
  roomMm: number
  /** mm to drain before it begins, as far as time allows */
  letOutMm: number
  /** mm that are needed and cannot be drained: too little time, or water that the stage needs */
  shortMm: number
  toMm: number
}

/**
 * Storage for a coming storm. `keepMm`: the stage needs its water down to here. `mmH`: of the outlet; null: a
 * person lowers the board.
 */
export function stormRoom(
  storm: Storm,
  x: { levelMm: number; maxMm: number; keepMm: number; mmH: number | null; nowMs: AtMs; mayDrain: boolean },
): StormRoom {
  const roomMm = Math.max(0, x.maxMm - Math.max(0, x.levelMm))
  const wantedMm = Math.max(0, storm.mm - roomMm)
  const spareMm = x.mayDrain ? Math.max(0, x.levelMm - x.keepMm) : 0
  const inTimeMm = x.mmH === null ? Infinity : Math.max(0, ((storm.fromMs - x.nowMs) / HOUR_MS) * x.mmH)
  const letOutMm = Math.min(wantedMm, spareMm, inTimeMm)
  return { roomMm, letOutMm, shortMm: wantedMm - letOutMm, toMm: Math.max(x.keepMm, x.levelMm - letOutMm) }
}

/** 1 mm on 1 m2 is 1 L. */
export const toM3 = (mm: number, areaM2: number): number => (Math.max(0, mm) * areaM2) / 1000
