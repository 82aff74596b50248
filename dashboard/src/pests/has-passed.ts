import type { Day } from '../../../broker/contract/time.ts'

/**
 * Whether the dates of an event lie in the days that its sum counts. The known days do not reach it then, but with the
 * unknown ones, however cold they were, they do.
 */
export const hasPassed = ({ toDay }: { toDay: Day }, throughDay: Day | null): boolean =>
  throughDay !== null && toDay <= throughDay
