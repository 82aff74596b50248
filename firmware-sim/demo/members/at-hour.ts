/** Hours of a day in the members' time zone. */
import { HOUR_MS, type AtMs, type Day } from '../../../broker/contract/time.ts'

// Japan has no summer time; a time zone lookup would cost too much for hundreds of thousands of calls
const TOKYO_MS = 9 * HOUR_MS

/** The instant of an hour of a day in the members' time zone. */
export const atHour = (day: Day, hour: number): AtMs =>
  Date.parse(`${day}T00:00Z`) + hour * HOUR_MS - TOKYO_MS
