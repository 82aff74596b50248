/** A controller acknowledges a command: I1, I2, and I12 (a command that the broker had retained). */
import type { Ack } from '../../../broker/contract/messages.ts'
import { updateEndSv, isOlderThanEnd, recordEndedRuns } from './ended-runs.ts'
import type { Violation } from './rules.ts'
import { type Limits, type Order, type ObservedState, type MonitorStep } from './observed-state.ts'

export function observeAck(
  before: ObservedState,
  ack: Ack,
  orders: readonly Order[],
  { slackMs }: Limits,
): MonitorStep {
  const { valve, seq, st, why, ranMs } = ack
  const broken: Violation[] = []
  if (st === 'rejected' && why === 'retained')
    broken.push({ rule: 'I12', valve, seq, detail: { of: 'command' } })
  // repeated after a loss: an older state
  const isOld = ack.sess !== before.sess || ack.sv < before.sv || isOlderThanEnd(before, ack)
  if (st === 'running' && !isOld && seq <= (before.ended[valve] ?? 0))
    broken.push({ rule: 'I1', valve, seq, detail: { overSeq: before.ended[valve]! } })
  const order = orders.find((one) => one.valve === valve && one.seq === seq)
  if (order && ranMs > order.durMs + slackMs && st !== 'dup')
    broken.push({ rule: 'I2', valve, seq, detail: { ranMs, longestMs: order.durMs } })
  const isClose = orders.some((one) => one.valve === valve && one.closeSeq === seq)
  const fenced =
    isClose && (st === 'done' || st === 'dup')
      ? { ...before.fenced, [valve]: Math.max(seq, before.fenced[valve] ?? 0) }
      : before.fenced
  const ended = st === 'done' || st === 'aborted' ? [{ valve, seq, ranMs, why: why ?? st }] : []
  const over = isClose || valve === '*' ? ack.jr : [...ack.jr, ...ended]
  return recordEndedRuns(
    { ...before, fenced, endSv: updateEndSv(before, ack, over.length > 0) },
    broken,
    over,
    slackMs,
  )
}
