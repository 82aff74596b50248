/** When a foreign message was measured: the time that it carries, within what can be true, else its arrival. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { TimeSource } from './foreign-message.ts'

/** A clock that is further ahead than this is wrong. */
const MAX_AHEAD_MS = 5 * 60_000
/** Keys of messages are kept as long, so an older one could be stored twice. */
const MAX_AGE_MS = 400 * 86_400_000
const YEAR_2015_MS = Date.UTC(2015, 0, 1)
const YEAR_2020_MS = Date.UTC(2020, 0, 1)
const YEAR_2100_MS = Date.UTC(2100, 0, 1)

/** The time of a message: its own if it can be true (from 400 days ago to 5 minutes ahead), else its arrival. */
export function messageTime(
  ownMs: AtMs | null,
  receivedMs: AtMs,
  source: TimeSource,
): { atMs: AtMs; timeFrom: TimeSource } {
  return ownMs !== null && ownMs <= receivedMs + MAX_AHEAD_MS && ownMs >= receivedMs - MAX_AGE_MS
    ? { atMs: Math.round(ownMs), timeFrom: source }
    : { atMs: receivedMs, timeFrom: 'received' }
}

/**
 * Whether a clock has been set: one that has not begins at the same time at each start, and so tells no message from
 * another.
 */
export const isClockSet = (ownMs: AtMs): boolean => ownMs >= YEAR_2015_MS && ownMs < YEAR_2100_MS

/** Whether an entry of a device's history can be of this time. */
export const isHistoryTime = (atMs: AtMs, receivedMs: AtMs): boolean =>
  Number.isFinite(atMs) && atMs >= YEAR_2020_MS && atMs <= receivedMs + MAX_AHEAD_MS

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/** RFC 3339 with a zone, in ms; null: not such a time. Fractions beyond a millisecond are cut. */
export function parseInstant(value: unknown): AtMs | null {
  if (typeof value !== 'string') return null
  const match = RFC_3339.exec(value)
  if (match === null) return null
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match
  const ms = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${zone}`,
  )
  return Number.isNaN(ms) ? null : ms
}
