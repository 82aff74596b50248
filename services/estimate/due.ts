/** Due times of the estimate jobs. Pure apart from the farms' time zones. */
import { DAY_MS, MINUTE_MS, addDays, dayOf, startOfDay, type AtMs } from '../../broker/contract/time.ts'

const NOW_OFFSET_MS = 2 * MINUTE_MS // readings of the full hour have arrived
const DAY_OFFSET_MS = 5 * MINUTE_MS

/** The newest tick at or before `nowMs` of a job that runs every `everyMinutes`, counted from 00:02 UTC. */
export function lastTick(nowMs: AtMs, everyMinutes: number): AtMs {
  const stepMs = everyMinutes * MINUTE_MS
  const midnightMs = Math.floor(nowMs / DAY_MS) * DAY_MS + NOW_OFFSET_MS
  // before 00:02 the newest tick is the last one of the day before
  const fromMs = nowMs < midnightMs ? midnightMs - DAY_MS : midnightMs
  return fromMs + Math.floor((nowMs - fromMs) / stepMs) * stepMs
}

/** The newest 00:05 of any of the zones; null without a zone. */
export function lastDayEnd(nowMs: AtMs, timeZones: readonly string[]): AtMs | null {
  let newest: AtMs | null = null
  for (const timeZone of timeZones) {
    const today = dayOf(nowMs, timeZone)
    const todayMs = startOfDay(today, timeZone) + DAY_OFFSET_MS
    const dueMs = todayMs <= nowMs ? todayMs : startOfDay(addDays(today, -1), timeZone) + DAY_OFFSET_MS
    if (newest === null || dueMs > newest) newest = dueMs
  }
  return newest
}
