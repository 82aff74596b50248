/**
 * Time in Tilth. An instant is UTC epoch milliseconds (`AtMs`); a civil day is `'2026-07-06'` in the farm's zone
 * (`Day`). This file has the only `Date.now()` of the project; everything else uses a `Clock`.
 */
export type AtMs = number
export type Day = string

export const SECOND_MS = 1_000
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

export interface Clock {
  now(): AtMs
  /** Runs once, at or soon after `atMs` (at once for a past instant). Returns a function that cancels it. */
  at(atMs: AtMs, run: () => void | Promise<void>): () => void
  /** Monotonic time, ms, which setting the clock does not change. Absent: the clock is never set. */
  monoMs?(): number
}

// setTimeout accepts at most 2^31-1 ms; a longer wait is split
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  at: (atMs, run) => waitReal(atMs, run, () => Date.now(), 1),
  monoMs: () => performance.now(),
}

/**
 * A clock that starts at `startMs` and runs `speed` times as fast as real time. For demonstrations: at speed 60 a
 * minute of the farm passes each second. RangeError unless `speed` is above 0.
 */
export function scaledClock(startMs: AtMs, speed: number): Clock {
  if (!(speed > 0)) throw new RangeError(`clock speed must be above 0, got ${speed}`)
  const zero = performance.now()
  const now = () => startMs + (performance.now() - zero) * speed
  return { now: () => Math.floor(now()), at: (atMs, run) => waitReal(atMs, run, now, speed) }
}

function waitReal(atMs: AtMs, run: () => void | Promise<void>, now: () => AtMs, speed: number): () => void {
  let timer: NodeJS.Timeout
  const wait = () => {
    const leftMs = Math.max(0, (atMs - now()) / speed)
    timer = setTimeout(
      () => (leftMs > LONGEST_TIMEOUT_MS ? wait() : void run()),
      Math.min(leftMs, LONGEST_TIMEOUT_MS),
    )
  }
  wait()
  return () => clearTimeout(timer)
}

/** Calls `run` every `periodMs`, first one period from now; a call that is still running delays the next. Returns a function that stops it. */
export function every(clock: Clock, periodMs: number, run: () => void | Promise<void>): () => void {
  let stopped = false
  let cancel = () => {}
  const next = () => {
    cancel = clock.at(clock.now() + periodMs, async () => {
      await run()
      if (!stopped) next()
    })
  }
  next()
  return () => {
    stopped = true
    cancel()
  }
}

/** Resolves after `ms` of the clock. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.at(clock.now() + ms, resolve))

/** The zone's offset from UTC at an instant, in ms; positive east of Greenwich. RangeError for an unknown zone. */
export function zoneOffsetMs(atMs: AtMs, timeZone: string): number {
  const quarter = Math.floor(atMs / 900_000) // zones change their offset on a quarter hour at the earliest
  let zoneOffsets = offsets.get(timeZone)
  if (!zoneOffsets) offsets.set(timeZone, (zoneOffsets = new Map()))
  let offset = zoneOffsets.get(quarter)
  if (offset === undefined) {
    if (zoneOffsets.size > 50_000) zoneOffsets.clear()
    zoneOffsets.set(quarter, (offset = readOffset(quarter * 900_000, timeZone)))
  }
  return offset
}
const offsets = new Map<string, Map<number, number>>()
const formats = new Map<string, Intl.DateTimeFormat>()

function readOffset(atMs: AtMs, timeZone: string): number {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(timeZone, format)
  }
  const fields: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(atMs)) fields[type] = Number(value)
  return (
    Date.UTC(fields.year!, fields.month! - 1, fields.day!, fields.hour!, fields.minute!, fields.second!) -
    atMs
  )
}

/** The civil day that holds the instant, in the zone. */
export function dayOf(atMs: AtMs, timeZone: string): Day {
  return new Date(atMs + zoneOffsetMs(atMs, timeZone)).toISOString().slice(0, 10)
}

/** The first instant of a civil day in the zone: midnight, or the first existing hour if the clocks skip midnight. */
export function startOfDay(day: Day, timeZone: string): AtMs {
  const utc = Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(utc)) throw new RangeError(`day must look like 2026-07-06, got ${day}`)
  const guess = utc - zoneOffsetMs(utc, timeZone)
  const midnight = utc - zoneOffsetMs(guess, timeZone)
  if (midnight === guess) return midnight
  return dayOf(midnight, timeZone) === day ? midnight : guess
}

/** Whether a text is a day of the calendar, from 1900 to 2099: no count of days from there leaves what a date can hold. */
export function isDay(text: string): boolean {
  try {
    return /^(19|20)\d{2}-\d{2}-\d{2}$/.test(text) && addDays(text, 0) === text
  } catch {
    return false
  }
}

/** The day `count` days later (earlier when negative). */
export const addDays = (day: Day, count: number): Day =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10)

/** Whole days from `a` to `b`; positive when b is later. */
export const daysBetween = (a: Day, b: Day): number =>
  Math.round((Date.parse(`${b}T00:00:00Z`) - Date.parse(`${a}T00:00:00Z`)) / DAY_MS)

/** 1 on 1 January. */
export const dayOfYear = (day: Day): number =>
  (Date.parse(`${day}T00:00:00Z`) - Date.UTC(Number(day.slice(0, 4)), 0)) / DAY_MS + 1
