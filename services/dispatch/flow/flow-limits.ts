/**
 * The healthy flow range of open valves, L/min. Pure. Limits learned from metered runs are narrow; limits from an
 * entered rate are wide, because an entered rate is often a third off; without either there are no limits.
 */
export interface ExpectedFlow {
  lpm: number
  sd: number // standard deviation of the runs it was learned from; 0 where it was entered
  from: 'learned' | 'entered'
}

/** What is expected of the valves of a controller. */
export interface FlowRates {
  expected: ReadonlyMap<string, ExpectedFlow>
  /** valves with recently metered water, so that a meter that does not move is significant; the smallest run, L */
  meteredLitres: ReadonlyMap<string, number>
}

export interface FlowLimits {
  /** sum of the known flows; null: none is known */
  lpm: number | null
  lowLpm: number | null
  highLpm: number | null // null: one of the valves is unknown
}

const SHARES = { learned: { low: 0.65, high: 1.35 }, entered: { low: 0.4, high: 1.75 } } as const
const LOWEST_SHARE = 0.2
const SPREADS = 4
/** Valves on a shared pipe share its pressure. */
const SHARED = 0.8

/** The limits of the flow of all open valves together. */
export function computeFlowLimits(
  openIds: readonly string[],
  expectedFlows: ReadonlyMap<string, ExpectedFlow>,
): FlowLimits {
  const knownFlows = openIds.flatMap((valve) => expectedFlows.get(valve) ?? [])
  if (knownFlows.length === 0) return { lpm: null, lowLpm: null, highLpm: null }
  const shared = openIds.length > 1 ? SHARED : 1
  return {
    lpm: sum(knownFlows.map(({ lpm }) => lpm)),
    lowLpm: shared * sum(knownFlows.map(lowOf)),
    highLpm: knownFlows.length < openIds.length ? null : sum(knownFlows.map(highOf)),
  }
}

const lowOf = ({ lpm, sd, from }: ExpectedFlow): number =>
  Math.max(LOWEST_SHARE * lpm, Math.min(SHARES[from].low * lpm, lpm - SPREADS * sd))

const highOf = ({ lpm, sd, from }: ExpectedFlow): number =>
  Math.max(SHARES[from].high * lpm, lpm + SPREADS * sd)

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
