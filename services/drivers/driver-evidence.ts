/** What a message proves: the valve's own word, an answer to a request, a read-back. */
import type { DriverPlan, Expected, Meaning } from './driver-types.ts'
import type { DriverSetup } from './driver-state.ts'
import { evaluateMatch, parse, valuesAt, type Outcome } from './match.ts'

/** A message or an answer as it came. */
export interface Received {
  from: { topic: string } | { answerOf: string }
  payload: string
  /** kept by the broker: said at an unknown time */
  isRetained: boolean
}

/** Whether this is the expected message; 'absent' when it comes from elsewhere or does not mention it. */
export function outcomeOf({ from, match }: Expected, received: Received): Outcome {
  if (!isSameSource(from, received.from)) return 'absent'
  return match === null ? 'matches' : evaluateMatch(match, received.payload)
}

function isSameSource(a: Expected['from'], b: Received['from']): boolean {
  if ('topic' in a) return 'topic' in b && a.topic === b.topic
  return 'answerOf' in b && a.answerOf === b.answerOf
}

/** What the valve reports of itself; null: nothing. */
export function wordIn({ driver, address }: DriverSetup, received: Received): 'open' | 'closed' | null {
  const report = driver.reportsOf(address).find((report) => outcomeOf(report.message, received) === 'matches')
  return report?.says ?? null
}

/** What an answer to this request means; null: it is none. */
export const meaningIn = ({ acknowledgements }: DriverPlan, received: Received): Meaning | null =>
  acknowledgements.find((ack) => outcomeOf(ack.message, received) === 'matches')?.means ?? null

/** Whether the message proves a closing, by the answers that the plan of the close or of the run names. */
export const isClosedBy = (plan: DriverPlan, received: Received): boolean =>
  plan.closedProofs.some((proof) => outcomeOf(proof.message, received) === 'matches')

/** How the duration that the device repeats compares; `word`: as it writes it, to tell a new one from an old one. */
export function boundIn(
  { boundProofs }: DriverPlan,
  received: Received,
): { outcome: Outcome; word: string | null } {
  for (const { message: expected } of boundProofs) {
    const outcome = outcomeOf(expected, received)
    if (outcome === 'absent') continue
    const { match } = expected
    const paths = match !== null && 'fields' in match ? Object.keys(match.fields) : []
    const root = parse(received.payload)
    return { outcome, word: JSON.stringify(paths.map((path) => valuesAt(root, path)[0])) }
  }
  return { outcome: 'absent', word: null }
}
