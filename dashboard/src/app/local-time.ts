/** Hours of a day between a form and the farm's minutes after midnight; instants as the farm's clocks show them. */
import { zoneOffsetMs, type AtMs } from '../../../broker/contract/time.ts'

/** '05:30' for 330. */
export const formatMinuteOfDay = (minute: number): string =>
  `${String(Math.floor((minute % 1440) / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** 330 for '05:30'; null for text that is not a time. */
export function parseMinuteOfDay(text: string): number | null {
  const match = /^(\d{2}):(\d{2})/.exec(text)
  return match ? Number(match[1]) * 60 + Number(match[2]) : null
}

/** '2026-07-06T05:30' for an instant in a zone. */
export const toLocalDateTime = (atMs: AtMs, zone: string): string =>
  new Date(atMs + zoneOffsetMs(atMs, zone)).toISOString().slice(0, 16)

/** The instant at which clocks of a zone show the time that UTC shows at `utcMs`. */
export const fromLocalTime = (utcMs: number, zone: string): AtMs =>
  utcMs - zoneOffsetMs(utcMs - zoneOffsetMs(utcMs, zone), zone)
