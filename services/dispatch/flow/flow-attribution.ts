/**
 * Verdicts of a shared meter that are explained by a valve that is already held. Pure. Only in the same direction: low
 * flow through one valve must not hide a burst at another.
 */
import type { FlowKind, FlowVerdict } from './flow-watch.ts'

const directions: Partial<Record<FlowKind, 'less' | 'more'>> = {
  'no-flow': 'less',
  low: 'less',
  high: 'more',
}

/** `foundAt`: the flow kind for which a valve is held; undefined: not held. */
export function isExplained(
  { kind, valves }: FlowVerdict,
  latchedKind: (valve: string) => FlowKind | undefined,
): boolean {
  const direction = directions[kind]
  if (direction === undefined) return false
  const latchedKinds = valves.map(latchedKind)
  return latchedKinds.some((item) => item !== undefined && directions[item] === direction)
}

/** A main meter is read at other instants than a valve meter, and both are off by one pulse. */
const ALIKE = 1.5
const SMALL_LPM = 0.1

/** The main meter repeats the leaks found by the valve meters. `reportedLpm`: their flows, L/min. */
export const isExplainedByLeaks = (
  { kind, valves, lpm }: FlowVerdict,
  reportedLpm: readonly number[],
): boolean =>
  kind === 'leak' &&
  valves.length === 0 &&
  reportedLpm.length > 0 &&
  (lpm ?? 0) <= ALIKE * reportedLpm.reduce((sum, item) => sum + item, 0) + SMALL_LPM
