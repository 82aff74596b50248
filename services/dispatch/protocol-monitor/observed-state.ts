/** The memory of the monitors between two messages of a controller, and the messages that they observe. */
import type { CommandLifecycle } from '../../../broker/contract/command-lifecycle/types.ts'
import type { Timing } from '../../../broker/contract/command-lifecycle/timing.ts'
import type { Ack, Heartbeat, State } from '../../../broker/contract/messages.ts'
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Violation } from './rules.ts'

/** The memory for one controller. */
export interface ObservedState {
  sess: string | null
  /** of one boot, newest last: they share one device clock */
  sessions: readonly string[]
  helloMonoMs: number // of the session
  monoMs: number
  sv: number
  /**
   * by session: the state version of the latest reported end. A message at or below it was overtaken, also the hello
   * of its session.
   */
  endSv: Record<string, number>
  /** by valve: the highest number reported as ended */
  ended: Record<string, number>
  /** by valve: the highest acknowledged close */
  fenced: Record<string, number>
  /** by valve: the latest closing time that was shown, on the server clock */
  bound: Record<string, { seq: number; sess: string; untilMs: AtMs }>
  /** by valve: the newest observed open command. After its end it still gives the permitted opening time. */
  sent: Record<string, Order>
  /** run times by valve and number, the newest of them */
  runs: Record<string, number>
  clock: { sess: string; atMs: AtMs; monoMs: number } | null
  /** server clock minus device clock, of the fastest message of this session */
  offsetMs: number
}
/** No session is known. `offsetMs` is Infinity until a message has been compared with the server clock. */
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

/** An open command, as far as the monitors need it. */
export type Order = Pick<
  CommandLifecycle,
  'valve' | 'seq' | 'durMs' | 'sess' | 'expMonoMs' | 'leaseMonoMs' | 'isTimed' | 'closeSeq'
>

export type ObservedMessage =
  | { type: 'state'; state: State; atMs: AtMs; isOrdered: (valve: string, seq: number) => boolean }
  | { type: 'ack'; ack: Ack }
  | { type: 'heartbeat'; heartbeat: Heartbeat; atMs: AtMs }
  /** the published row: open, with its latest closing time */
  | { type: 'shown'; valve: string; seq: number; boundMs: AtMs | null }

export interface MonitorStep {
  observed: ObservedState
  violations: Violation[]
}

/** The limits that a message is checked against. */
export type Limits = Pick<Timing, 'leaseMs' | 'slackMs'>

/** Adds the open commands; each valve keeps its newest one. */
export function withOrders(observed: ObservedState, orders: readonly Order[]): ObservedState {
  const newer = orders.filter(({ valve, seq }) => seq >= (observed.sent[valve]?.seq ?? 0))
  if (newer.length === 0) return observed
  return {
    ...observed,
    sent: { ...observed.sent, ...Object.fromEntries(newer.map((order) => [order.valve, order])) },
  }
}
