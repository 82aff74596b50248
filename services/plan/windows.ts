/**
 * The hours in which a zone may be irrigated, as instants. A window is given in wall-clock minutes of the
 * farm's zone and may pass midnight; on the nights of a clock change its length follows the wall clock.
 */
import {
  addDays,
  dayOf,
  DAY_MS,
  MINUTE_MS,
  zoneOffsetMs,
  type AtMs,
  type Day,
} from '../../broker/contract/time.ts'

export interface Window {
  day: Day // on which it begins
  fromMs: AtMs
  toMs: AtMs // exclusive
}

interface WindowHours {
  windowFromMin: number // minutes after local midnight
  windowToMin: number // at or before windowFromMin: on the next day
}

/** All day: for a field that has no zone, and for callers that decide once a day. */
export const wholeDay: WindowHours = { windowFromMin: 0, windowToMin: 1440 }

// a window that does not open within this many days does not open
const LOOK_AHEAD_DAYS = 9

/**
 * The next `count` windows, earliest first, that leave at least `leastMs` after `earliestMs`. One that is
 * already open starts at `earliestMs`. Fewer, or none, when the hours are shorter than that.
 */
export function windowsFrom(
  hours: WindowHours,
  x: { earliestMs: AtMs; leastMs: number; timeZone: string; count: number },
): Window[] {
  const windows: Window[] = []
  const today = dayOf(x.earliestMs, x.timeZone)
  // one that passes midnight may have begun yesterday
  for (let i = -1; i < LOOK_AHEAD_DAYS && windows.length < x.count; i++) {
    const window = windowOf(hours, addDays(today, i), x.timeZone)
    const fromMs = Math.max(window.fromMs, x.earliestMs)
    if (window.toMs - fromMs >= x.leastMs) windows.push({ ...window, fromMs })
  }
  return windows
}

/** The window that begins on a civil day. Empty (toMs <= fromMs) where the clocks skip it. */
export function windowOf(hours: WindowHours, day: Day, timeZone: string): Window {
  const key = `${day} ${hours.windowFromMin} ${hours.windowToMin} ${timeZone}`
  let window = windowCache.get(key)
  if (!window) {
    if (windowCache.size >= MAX_CACHED) windowCache.clear()
    windowCache.set(key, (window = computeWindow(hours, day, timeZone)))
  }
  return window
}

// the zones of a farm share a few sets of hours, and each needs them at every plan
const windowCache = new Map<string, Window>()
const MAX_CACHED = 10_000

function computeWindow(hours: WindowHours, day: Day, timeZone: string): Window {
  const passesMidnight = hours.windowToMin <= hours.windowFromMin
  const toMin = hours.windowToMin + (passesMidnight ? 1440 : 0)
  return {
    day,
    fromMs: wallInstant(day, hours.windowFromMin, timeZone, 'after'),
    toMs: wallInstant(day, toMin, timeZone, 'before'),
  }
}

/**
 * The instant at which the wall clock shows `minute` of a civil day: the first of the two in autumn; in the
 * hour that spring skips, the instant on the given side of the gap, so that a window never reaches outside its
 * hours.
 */
function wallInstant(day: Day, minute: number, timeZone: string, gap: 'after' | 'before'): AtMs {
  const wallMs = Date.parse(`${day}T00:00:00Z`) + minute * MINUTE_MS
  const offsets = [zoneOffsetMs(wallMs - DAY_MS, timeZone), zoneOffsetMs(wallMs + DAY_MS, timeZone)]
  const instants = offsets.map((offset) => wallMs - offset).sort((a, b) => a - b)
  const real = instants.find((atMs) => atMs + zoneOffsetMs(atMs, timeZone) === wallMs)
  return real ?? (gap === 'after' ? instants[1]! : instants[0]!)
}
