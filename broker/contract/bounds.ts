/**
 * Bounds of the numbers that a device sends. A number beyond its bound is refused by name or clipped, and a person is
 * notified; it never reaches a record, a command or a page.
 */

/** The longest run that a command can order, ms; no report of a device is longer. */
export const MAX_RUN_MS = 86_400_000

/** The longest time since boot, ms: a hundred years. An expiry on this clock stays far below 2^53. */
export const MAX_MONO_MS = 100 * 365.25 * MAX_RUN_MS

/** The highest boot count: more starts than any flash survives. */
export const MAX_BOOT = 2 ** 32 - 1

/** Every sequence number is below this one: 2^20 numbers remain before a JSON number loses its last digit. */
export const MAX_SEQ = 2 ** 53 - 2 ** 20

/**
 * How far a device may be ahead of the recorded sequence numbers: after a year without this server, in which its valve
 * was opened and fenced every minute (2 x 525,600, about 2^20). A larger step is damaged memory or an attack.
 */
export const MAX_SEQ_AHEAD = 2 ** 20

/** Whether a device can have consumed this number when `knownSeq` is the highest recorded one. */
export const isPlausibleSeq = (reportedSeq: number, knownSeq: number): boolean =>
  reportedSeq < MAX_SEQ && reportedSeq <= knownSeq + MAX_SEQ_AHEAD
