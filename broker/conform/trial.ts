/** One rule of the contract and its test on a controller, and steps that many tests share. */
import type { Ack, OpenCommand } from '../contract/messages.ts'
import { SECOND_MS } from '../contract/time.ts'
import { ackText, type Bench } from './bench.ts'
import { ruleFailed, check } from './verdict.ts'

export interface Trial {
  rule: string
  /** The rule in one sentence. */
  requirement: string
  /** leased, timed: only for controllers of that class; power, fault: a person must do something. */
  needs?: 'leased' | 'timed' | 'power' | 'fault'
  run(bench: Bench): Promise<void>
}

/** Time in transit, plus the tolerance of the controller's timer. */
export const TRANSIT_MS = SECOND_MS
/** Invariant I2 and I4: tolerance for the length of a run. */
export const SLACK_MS = SECOND_MS

/** By the newest message of the controller. With `seq`: whether it is open under this number. */
export const isOpen = ({ view }: Bench, valve: string, seq?: number): boolean =>
  seq === undefined ? view.open.has(valve) : view.open.get(valve) === seq

/** Sends an open command that must not open, and checks its ack. */
export async function expectRejected(
  bench: Bench,
  order: Pick<OpenCommand, 'valve' | 'seq'>,
  expected: { st: Ack['st']; why?: string; send?: (order: object) => Promise<void> },
): Promise<Ack> {
  const { valve, seq } = order
  const wasOpen = bench.view.open.get(valve)
  const from = bench.view.acks.length
  await (expected.send ?? bench.send)(order)
  const ack = await bench.until(
    () => bench.view.acks.slice(from).find((ack) => ack.valve === valve && ack.seq === seq),
    5 * SECOND_MS,
  )
  await bench.sleep(TRANSIT_MS)
  const ackWanted = expected.why === undefined ? expected.st : `${expected.st} (${expected.why})`
  const isNowOpen = isOpen(bench, valve, seq) && wasOpen !== seq
  if (isNowOpen)
    throw ruleFailed(`valve ${valve} opened under number ${seq}`, `it stays shut; ack ${ackWanted}`)
  const matches = ack?.st === expected.st && (expected.why === undefined || ack.why === expected.why)
  check(matches, ackText(ack), `ack ${ackWanted}`)
  return ack!
}

/** Sends something that must change nothing and needs no ack. */
export async function expectIgnored(bench: Bench, send: () => Promise<void>, subject: string): Promise<void> {
  const before = [...bench.view.open].join()
  const { sess } = bench.view
  await send()
  await bench.sleep(3 * SECOND_MS)
  check(
    bench.view.sess === sess && !bench.view.isGone,
    `${subject}: the connection was lost`,
    'the message is ignored',
  )
  const after = [...bench.view.open].join()
  check(
    after === before,
    `${subject}: open valves are now ${after || 'none'}`,
    `as before: ${before || 'none'}`,
  )
}

/** Runs a valve to its end. */
export async function runToEnd(
  bench: Bench,
  valve: string,
  durMs: number,
): Promise<{ order: OpenCommand; end: Ack }> {
  const order = await bench.open(valve, { durMs })
  return { order, end: await bench.awaitEnd(order, durMs + 5 * SECOND_MS) }
}

/** All in ms; both bounds are included. */
export const isNear = (value: number, target: number, slackMs = SLACK_MS): boolean =>
  Math.abs(value - target) <= slackMs
