/**
 * What a meter that several valves share says again of a valve that is found out already and is being shut. Pure.
 * Only in the same direction: too little through one valve hides no burst of another.
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
  foundAt: (valve: string) => FlowKind | undefined,
): boolean {
  const direction = directions[kind]
  if (direction === undefined) return false
  const found = valves.map(foundAt)
  return found.some((one) => one !== undefined && directions[one] === direction)
}

/** A meter of all valves is read at other instants than that of one, and both are off by a pulse. */
const ALIKE = 1.5
const SMALL_LPM = 0.1

/** The main meter says again what the meters of single valves have: leaks of so many L/min. */
export const isExplainedByLeaks = ({ kind, valves, lpm }: FlowVerdict, toldLpm: readonly number[]): boolean =>
  kind === 'leak' &&
  valves.length === 0 &&
  toldLpm.length > 0 &&
  (lpm ?? 0) <= ALIKE * toldLpm.reduce((sum, one) => sum + one, 0) + SMALL_LPM
