/** What the monitors remember of a controller from one word to the next, and the words that they are shown. */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import type { Timing } from '../../../broker/contract/command-lifecycle/timing.ts'
import type { Ack, Heartbeat, State } from '../../../broker/contract/messages.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Violation } from './rules.ts'

/** What is remembered of one controller. */
export interface ObservedState {
  sess: string | null
  /** of one boot, the newest last: its clock is one */
  sessions: readonly string[]
  helloMonoMs: number // of the session
  monoMs: number
  sv: number
  /** by session: state version under which an end was told last. A word as old as that was overtaken by it, also the
   * hello of its session. */
  endSv: Record<string, number>
  /** by valve: the highest number that was reported as over */
  ended: Record<string, number>
  /** by valve: the highest close that was acknowledged */
  fenced: Record<string, number>
  /** by valve: when it is shut at the latest as it was shown, on the server's clock */
  bound: Record<string, { seq: number; sess: string; untilMs: AtMs }>
  /** by valve: the newest order that was seen alive. Also after its end it tells when it could open at all. */
  sent: Record<string, Order>
  /** runs by valve and number, the newest of them */
  runs: Record<string, number>
  clock: { sess: string; atMs: AtMs; monoMs: number } | null
  /** server's clock less the device's, of the word of this session that came fastest */
  offsetMs: number
}
export const newObservedState = (): ObservedState => ({
  sess: null,
  sessions: [],
  helloMonoMs: 0,
  monoMs: 0,
  sv: 0,
  endSv: {},
  ended: {},
  fenced: {},
  bound: {},
  runs: {},
  sent: {},
  clock: null,
  offsetMs: Infinity,
})

/** An order that has not ended, as far as the monitors look. */
export type Order = Pick<
  CommandLifecycle,
  'valve' | 'seq' | 'durMs' | 'sess' | 'expMonoMs' | 'leaseMonoMs' | 'isTimed' | 'closeSeq'
>

export type ObservedMessage =
  | { type: 'state'; state: State; atMs: AtMs; isOrdered: (valve: string, seq: number) => boolean }
  | { type: 'ack'; ack: Ack }
  | { type: 'heartbeat'; heartbeat: Heartbeat; atMs: AtMs }
  /** the row that phones see says: open, shut at the latest by then */
  | { type: 'shown'; valve: string; seq: number; boundMs: AtMs | null }

export interface MonitorStep {
  observed: ObservedState
  violations: Violation[]
}

/** What a word is held against. */
export type Limits = Pick<Timing, 'leaseMs' | 'slackMs'>

/** With the orders that are alive; each valve keeps the newest of its own. */
export function withOrders(seen: ObservedState, orders: readonly Order[]): ObservedState {
  const newer = orders.filter(({ valve, seq }) => seq >= (seen.sent[valve]?.seq ?? 0))
  if (newer.length === 0) return seen
  return {
    ...seen,
    sent: { ...seen.sent, ...Object.fromEntries(newer.map((order) => [order.valve, order])) },
  }
}
