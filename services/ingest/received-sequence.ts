/**
 * The received message numbers of a device, as ordered intervals: `[[0, 17], [19, 40]]` lacks 18. A gap is a visible
 * loss; a late message closes it. Pure.
 */
export type Interval = [from: number, to: number]

export interface ReceivedSequence {
  intervals: Interval[]
  /** numbers that were missing when their intervals were dropped */
  forgottenMissing: number
}

// A device that loses every other message for a day of minutes needs 720. A message of a dropped interval is stored
// again when it repeats: the series hold one reading per instant anyway.
const MAX_INTERVALS = 1_000

/** No number has been received. */
export const emptySequence = (): ReceivedSequence => ({ intervals: [], forgottenMissing: 0 })

/** False also for a number whose interval was dropped. */
export const hasReceived = ({ intervals }: ReceivedSequence, n: number): boolean => {
  const interval = intervals[indexFor(intervals, n)]
  return interval !== undefined && n <= interval[1]
}

/** Whether no number is missing from `a` to `b`. */
export function isContiguous({ intervals }: ReceivedSequence, a: number, b: number): boolean {
  const interval = intervals[indexFor(intervals, a)]
  return interval !== undefined && b <= interval[1]
}

/** Adds a number; adjacent intervals merge. */
export function addReceived(sequence: ReceivedSequence, n: number): void {
  const { intervals } = sequence
  const i = indexFor(intervals, n)
  const before = intervals[i]
  const after = intervals[i + 1]
  if (before && n <= before[1]) return
  const touchesBefore = before !== undefined && before[1] === n - 1
  const touchesAfter = after !== undefined && after[0] === n + 1
  if (touchesBefore && touchesAfter) {
    before[1] = after[1]
    intervals.splice(i + 1, 1)
  } else if (touchesBefore) before[1] = n
  else if (touchesAfter) after[0] = n
  else intervals.splice(i + 1, 0, [n, n])
  if (intervals.length > MAX_INTERVALS) forgetOldest(sequence)
}

/** The number of messages between the first and the last that never arrived. */
export function missingCount({ intervals, forgottenMissing }: ReceivedSequence): number {
  let missing = forgottenMissing
  for (let i = 1; i < intervals.length; i++) missing += intervals[i]![0] - intervals[i - 1]![1] - 1
  return missing
}

function forgetOldest(sequence: ReceivedSequence): void {
  const [oldest, next] = sequence.intervals
  sequence.forgottenMissing += next![0] - oldest![1] - 1
  sequence.intervals.shift()
}

/** The index of the last interval that starts at or before `n`; -1 when there is none. */
function indexFor(intervals: Interval[], n: number): number {
  let low = 0
  let high = intervals.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (intervals[middle]![0] <= n) low = middle + 1
    else high = middle
  }
  return low - 1
}
