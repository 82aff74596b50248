/** When a person is notified of an alert: at once, after quiet hours, with the daily digest, or never. Pure. */
import {
  addDays,
  dayOf,
  MINUTE_MS,
  startOfDay,
  zoneOffsetMs,
  type AtMs,
  type Day,
} from '../../broker/contract/time.ts'
import { isWithin, minuteOfDay } from '../domain/auxiliary-outputs.ts'
import type { AlertRow, DayHours, NotificationModes } from '../tables.ts'
import { groupOf, isUrgent } from './causes.ts'

export interface Preference {
  modes: NotificationModes
  quietHours: DayHours | null
  urgentPasses: boolean
  digestMin: number | null
}

/** Null: never. */
export function dueMs(
  { modes, quietHours, urgentPasses, digestMin }: Preference,
  { cause, severity }: Pick<AlertRow, 'cause' | 'severity'>,
  nowMs: AtMs,
  timeZone: string,
): AtMs | null {
  const mode = modes[groupOf(cause)]
  if (mode === 'off') return null
  const isAtOnce = mode === 'all' || (mode === 'urgent' && severity === 'act')
  if (!isAtOnce) return digestMin === null ? null : nextAt(digestMin, nowMs, timeZone)
  const isQuiet = quietHours !== null && isWithin(quietHours, minuteOfDay(nowMs, timeZone))
  return isQuiet && !(urgentPasses && isUrgent(cause)) ? nextAt(quietHours.toMin, nowMs, timeZone) : nowMs
}

/** The next instant at which a wall clock in the zone shows a minute of the day. */
export function nextAt(minute: number, nowMs: AtMs, timeZone: string): AtMs {
  const today = dayOf(nowMs, timeZone)
  const atMs = instantOf(today, minute, timeZone)
  return atMs >= nowMs ? atMs : instantOf(addDays(today, 1), minute, timeZone)
}

function instantOf(day: Day, minute: number, timeZone: string): AtMs {
  const midnightMs = startOfDay(day, timeZone)
  const atMs = midnightMs + minute * MINUTE_MS
  // daylight saving may change between midnight and then
  return atMs + zoneOffsetMs(midnightMs, timeZone) - zoneOffsetMs(atMs, timeZone)
}
