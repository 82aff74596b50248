/**
 * Verdicts of a shared meter that a valve already held explains. Pure. Only in the same direction: too little flow
 * through one valve hides no burst of another.
 */
import type { FlowKind, FlowVerdict } from './flow-watch.ts'

const directions: Partial<Record<FlowKind, 'less' | 'more'>> = {
  'no-flow': 'less',
  low: 'less',
  high: 'more',
}

/** `foundAt`: why a valve is held; undefined: it is not. */
export function isExplained(
  { kind, valves }: FlowVerdict,
  latchedKind: (valve: string) => FlowKind | undefined,
): boolean {
  const direction = directions[kind]
  if (direction === undefined) return false
  const latchedKinds = valves.map(latchedKind)
  return latchedKinds.some((one) => one !== undefined && directions[one] === direction)
}

/** A main meter is read at other instants than a valve meter, and both are off by one pulse. */
const ALIKE = 1.5
const SMALL_LPM = 0.1

/** The main meter repeats the leaks that the valve meters have found. `toldLpm`: their flows, L/min. */
export const isExplainedByLeaks = (
  { kind, valves, lpm }: FlowVerdict,
  reportedLpm: readonly number[],
): boolean =>
  kind === 'leak' &&
  valves.length === 0 &&
  reportedLpm.length > 0 &&
  (lpm ?? 0) <= ALIKE * reportedLpm.reduce((sum, one) => sum + one, 0) + SMALL_LPM
