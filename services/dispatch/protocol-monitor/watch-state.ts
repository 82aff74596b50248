/** Checks the reported open valves of a controller (I1 to I5, I7, I8, I13). */
import { isOlderThanEnd, recordEndedRuns } from './ended-runs.ts'
import type { Violation } from './rules.ts'
import {
  type ObservedMessage,
  type Limits,
  type Order,
  type ObservedState,
  type MonitorStep,
} from './observed-state.ts'

const SESSIONS_KEPT = 8

/** Checks a state against the invariants and adds the ended runs that it reports. */
export function observeState(
  previous: ObservedState,
  { state, atMs, isOrdered }: Extract<ObservedMessage, { type: 'state' }>,
  orders: readonly Order[],
  limits: Limits,
): MonitorStep {
  const { slackMs } = limits
  const isHello = state.sess !== previous.sess
  const hasBooted = isHello && previous.sess !== null && state.monoMs < previous.monoMs
  const helloMonoMs = isHello ? state.monoMs : previous.helloMonoMs
  const { sess, monoMs, sv } = state
  const offsetMs = Math.min(isHello ? Infinity : previous.offsetMs, atMs - monoMs)
  const isOvertaken = isOlderThanEnd(previous, state)
  const isOfBoot = !hasBooted && previous.sess !== null
  const otherSessions = isOfBoot ? previous.sessions.filter((item) => item !== sess) : []
  const sessions = [...otherSessions, sess].slice(-SESSIONS_KEPT)
  const observed: ObservedState = { ...previous, sess, sessions, helloMonoMs, monoMs, sv, offsetMs }
  const violations: Violation[] = []
  for (const valve of state.valves) {
    if (valve.pos !== 'open') continue
    const { id, seq, ranMs } = valve
    const order = orders.find((item) => item.valve === id && item.seq === seq)
    // the terms of a command still hold after the server has recorded its end
    const terms = order ?? (previous.sent[id]?.seq === seq ? previous.sent[id] : undefined)
    const openedMonoMs = state.monoMs - ranMs
    const report = (rule: Violation['rule'], detail: Violation['detail']) =>
      void violations.push({ rule, valve: id, seq, detail })

    if (!isOvertaken && seq <= (previous.ended[id] ?? 0)) report('I1', { overSeq: previous.ended[id]! })
    if (!isOvertaken && seq < (previous.fenced[id] ?? 0)) report('I7', { fencedSeq: previous.fenced[id]! })
    if (hasBooted || openedMonoMs < -slackMs) report('I5', { ranMs, sinceBootMs: state.monoMs })
    if (!order && !isOrdered(id, seq)) report('I13', { why: 'nobody ordered it' })
    const longestMs = Math.min(terms?.durMs ?? Infinity, state.capMs)
    if (ranMs > longestMs + slackMs) report('I2', { ranMs, longestMs })
    const bound = previous.bound[id]
    // converted to the device clock by the fastest message so far: a late message must not move the bound forward
    const lateMs = state.monoMs + offsetMs - (bound?.untilMs ?? Infinity)
    if (bound?.seq === seq && bound.sess === state.sess && lateMs > slackMs) report('I8', { lateMs })
    if (terms) violations.push(...judgeOpening(terms, state.sess, { openedMonoMs, helloMonoMs }, slackMs))
    if (order) violations.push(...judgeLease(order, observed, limits))
  }
  const closed = state.valves.filter(({ pos, why }) => pos === 'closed' && why !== 'boot')
  const ended = [
    ...state.jr,
    // a closed valve has no run in the journal any more once it was stored
    ...closed.map(({ id, seq, ranMs, why }) => ({ valve: id, seq, ranMs, why })),
  ]
  return recordEndedRuns(observed, violations, ended, slackMs)
}

/** I3: whether the opening was permitted at its time. */
function judgeOpening(
  { valve, seq, sess, expMonoMs }: Order,
  openedIn: string,
  { openedMonoMs, helloMonoMs }: { openedMonoMs: number; helloMonoMs: number },
  slackMs: number,
): Violation[] {
  // it opened earlier and continues through a network loss
  if (sess === null || openedMonoMs <= helloMonoMs + slackMs) return []
  if (sess !== openedIn) return [{ rule: 'I3', valve, seq, detail: { sentTo: sess, openedIn } }]
  const lateMs = expMonoMs === null ? 0 : openedMonoMs - expMonoMs
  return lateMs > slackMs ? [{ rule: 'I3', valve, seq, detail: { lateMs } }] : []
}

/** I4: whether its lease is still valid; an ended command may continue under the lease of another valve. */
function judgeLease(
  { valve, seq, sess, leaseMonoMs, isTimed }: Order,
  observed: ObservedState,
  { leaseMs, slackMs }: Limits,
): Violation[] {
  // a lease of another boot is on another clock
  if (isTimed || leaseMonoMs === null || sess === null || !observed.sessions.includes(sess)) return []
  const lateMs = observed.monoMs - leaseMonoMs - leaseMs
  return lateMs > slackMs ? [{ rule: 'I4', valve, seq, detail: { lateMs } }] : []
}
