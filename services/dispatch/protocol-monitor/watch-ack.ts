/** A controller acknowledges a command: I1, I2, and I12 (a command that the broker had retained). */
import type { Ack } from '../../../broker/contract/messages.ts'
import { updateEndSv, isOlderThanEnd, recordEndedRuns } from './ended-runs.ts'
import type { Violation } from './rules.ts'
import { type Limits, type Order, type ObservedState, type MonitorStep } from './observed-state.ts'

/** Checks an ack against the invariants and adds the ended runs that it reports. */
export function observeAck(
  previous: ObservedState,
  ack: Ack,
  orders: readonly Order[],
  { slackMs }: Limits,
): MonitorStep {
  const { valve, seq, st, why, ranMs } = ack
  const violations: Violation[] = []
  if (st === 'rejected' && why === 'retained')
    violations.push({ rule: 'I12', valve, seq, detail: { of: 'command' } })
  // repeated after a loss: an older state
  const isOld = ack.sess !== previous.sess || ack.sv < previous.sv || isOlderThanEnd(previous, ack)
  if (st === 'running' && !isOld && seq <= (previous.ended[valve] ?? 0))
    violations.push({ rule: 'I1', valve, seq, detail: { overSeq: previous.ended[valve]! } })
  const order = orders.find((item) => item.valve === valve && item.seq === seq)
  if (order && ranMs > order.durMs + slackMs && st !== 'dup')
    violations.push({ rule: 'I2', valve, seq, detail: { ranMs, longestMs: order.durMs } })
  const isClose = orders.some((item) => item.valve === valve && item.closeSeq === seq)
  const fenced =
    isClose && (st === 'done' || st === 'dup')
      ? { ...previous.fenced, [valve]: Math.max(seq, previous.fenced[valve] ?? 0) }
      : previous.fenced
  const ended = st === 'done' || st === 'aborted' ? [{ valve, seq, ranMs, why: why ?? st }] : []
  const endedRuns = isClose || valve === '*' ? ack.jr : [...ack.jr, ...ended]
  return recordEndedRuns(
    { ...previous, fenced, endSv: updateEndSv(previous, ack, endedRuns.length > 0) },
    violations,
    endedRuns,
    slackMs,
  )
}
