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
