/** What foreign valves are sent, byte for byte, and which answers are proofs: the documented commands of each make. */
import { driverOf } from '../../../services/drivers/drivers.ts'
import type {
  Acknowledgement,
  Driver,
  DriverPlan,
  DriverStep,
  Expected,
  PlanError,
} from '../../../services/drivers/driver-types.ts'
import { stepsOf } from '../../../services/drivers/plan-steps.ts'
import type { Result } from '../../../broker/contract/result.ts'
import {
  addressOf,
  commandVectorIn,
  intentOf,
  type CommandVector,
  type VectorMessage,
  type VectorStep,
} from '../command-vectors.ts'
import type { Line } from '../line.ts'
import { allOf, type Score, type Trial } from '../score.ts'

export const deviceCommands: Line = {
  name: 'device-commands',
  about: 'what valves of other makes are sent, and what their answers prove',
  parts: [
    {
      needs: ['vectors/device-commands'],
      score: (data) => commandScores(data.jsons({ vectors: 'device-commands' }).map(commandVectorIn)),
    },
  ],
}

/** The figures of a set of vectors: each message, each bound, each answer. */
export function commandScores(vectors: readonly CommandVector[]): Score[] {
  const cases = vectors.map((vector) => {
    const driver = driverOf(vector.driver)
    return { vector, driver, planned: driver && stepsOf(driver, addressOf(vector), intentOf(vector)) }
  })
  return [
    allOf('messages, byte for byte', cases.map(messageTrial)),
    allOf('bounds, gates and refusals', cases.flatMap(boundTrials)),
    allOf('answers and proofs', cases.flatMap(answerTrials)),
  ]
}

interface Case {
  vector: CommandVector
  driver: Driver | null
  planned: Result<DriverPlan, PlanError> | null
}

const trial = ({ vector }: Case, what: string, got: unknown, expected: unknown): Trial => ({
  name: `${vector.id}${what}`,
  model: vector.driver,
  got: textOf(got),
  expected: textOf(expected),
  tolerance: 0,
})
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** A refused open sends nothing, whatever its vector shows for the day that it is confirmed. */
function messageTrial(of: Case): Trial {
  const { vector, planned } = of
  const expected = vector.refused ? [] : vector.send.map(vectorStep)
  if (planned === null) return trial(of, '', 'no such driver', expected)
  if (!planned.ok) return trial(of, '', vector.refused ? [] : planned.error.code, expected)
  return trial(of, '', planned.value.steps.map(ourStep), expected)
}

function boundTrials(of: Case): Trial[] {
  const { vector, driver, planned } = of
  const trials: Trial[] = []
  if (vector.refused)
    trials.push(
      trial(of, ', refusal', planned && !planned.ok && refusalOf(planned.error), refusalOf(vector.refused)),
    )
  if (vector.closeWith && driver) {
    const close = stepsOf(driver, addressOf(vector), { ...intentOf(vector), op: 'close' })
    const expected = vector.closeWith.map(vectorStep)
    trials.push(trial(of, ', close', close.ok && close.value.steps.map(ourStep), expected))
  }
  if (vector.bound) trials.push(trial(of, ', bound', boundText(driver, vector), boundOf(vector.bound)))
  for (const { topic, path, atLeast, equals } of vector.requires ?? []) {
    const gate = driver
      ?.requirementsOf(addressOf(vector))
      .find((gate) => gate.topic === topic && gate.path === path)
    const got = gate && ('atLeast' in gate.must ? gate.must.atLeast : gate.must.equalOneOf.join())
    trials.push(trial(of, `, ${path}`, got ?? 'no gate', atLeast ?? equals))
  }
  if (vector.repeatEveryMs !== undefined && planned?.ok)
    trials.push(trial(of, ', repeat', planned.value.repeatEveryMs, vector.repeatEveryMs))
  return trials
}

/** What is refused; the reason is a key in our catalogues and a sentence in a vector. */
const refusalOf = (refusal: object) => {
  const { code, mayClose, mayBeRead } = refusal as Partial<NonNullable<CommandVector['refused']>>
  return { code, mayClose, mayBeRead }
}

const boundOf = ({
  inDevice,
  trusted = true,
  stepMs,
  minMs,
  maxMs,
}: NonNullable<CommandVector['bound']>) => ({
  inDevice,
  trusted,
  stepMs,
  maxMs,
  ...(minMs === undefined ? {} : { minMs }),
})

/** Our bound with the keys of the vector: not every vector states a minimum. */
function boundText(driver: Driver | null, vector: CommandVector) {
  const bound = driver?.bound
  if (!bound) return 'no bound'
  const { isInDevice, isTrusted, minMs, ...rest } = bound
  const stated = vector.bound?.minMs === undefined ? {} : { minMs }
  return boundOf({ ...rest, ...stated, inDevice: isInDevice, trusted: isTrusted })
}

/** Each documented answer is one of ours, with the same meaning; what has no meaning is an example. */
function answerTrials(of: Case): Trial[] {
  const { vector, planned } = of
  if (!planned?.ok) return []
  const { value } = planned
  const among = (what: string, expected: VectorMessage, ours: readonly string[]): Trial => {
    const text = vectorText(expected)
    return trial(of, `, ${what}`, ours.includes(text) ? text : ours.join(' or '), text)
  }
  const acks = (vector.ack ?? [])
    .filter((ack) => ack.means !== undefined)
    .map((ack) => {
      const meaning = meaningOf(ack.means!)
      return among(
        `answer ${meaning}`,
        ack.answer ? { ...ack, poll: urlOf(vector) } : ack,
        value.acknowledgements
          .filter((ours) => ours.means === meaning)
          .map((ours) => expectedText(ours.message, ours.withinMs)),
      )
    })
  const bounds = (vector.boundProof ?? []).map((proof) =>
    among('bound proof', { withinMs: value.boundProofs[0]?.withinMs ?? 0, ...proof }, [
      ...value.boundProofs.map(({ message, withinMs }) => expectedText(message, withinMs)),
    ]),
  )
  // a quantity is the meter's proof, which is of no driver
  const closed = (vector.closedProof ?? [])
    .filter(({ quantity }) => quantity === undefined)
    .map((proof) =>
      among(
        'closed proof',
        proof,
        value.closedProofs.map(({ message, withinMs }) => expectedText(message, withinMs)),
      ),
    )
  return [...acks, ...bounds, ...closed]
}

const urlOf = ({ send }: CommandVector): string => send[0]?.url ?? ''

/** The first words of what a vector states about an answer. */
const meanings: readonly [RegExp, Acknowledgement['means']][] = [
  [/^(running|open)/, 'running'],
  [/^queued/, 'queued'],
  [/^sent/, 'sent'],
  [/^rejected/, 'rejected'],
  [/^closed/, 'closed'],
  [/^was not open/, 'idle'],
]
const meaningOf = (text: string): string =>
  meanings.find(([pattern]) => pattern.test(text))?.[1] ?? `unknown: ${text}`

function vectorStep(step: VectorStep): object {
  const { transport, topic, qos, retain, payload, method, url } = step
  if (transport === 'mqtt') return { topic, qos, retain, payload }
  if (transport === 'http') return { method, url }
  const message = vectorText({ ...step.waitFor!, withinMs: step.withinMs! })
  return { message, isOptional: step.optional ?? false }
}

function ourStep(step: DriverStep): object {
  if (step.type === 'publish') {
    const { topic, qos, retain, payload } = step
    return { topic, qos, retain, payload }
  }
  if (step.type === 'http') return { method: step.method, url: step.url }
  return { message: expectedText(step.message, step.withinMs), isOptional: step.isOptional }
}

const answerText = (from: string, says: unknown, withinMs: unknown): string =>
  `${from} ${JSON.stringify(says)}${typeof withinMs === 'number' ? ` within ${withinMs} ms` : ''}`

function vectorText({ topic, poll, answer, match, equals, frame, withinMs }: VectorMessage): string {
  const says = frame?.replaceAll(' ', '') ?? equals ?? match ?? answer ?? null
  return answerText(topic ?? poll ?? '', says, withinMs)
}

function expectedText({ from, match }: Expected, withinMs: number | null): string {
  const says =
    match === null ? null : 'equals' in match ? match.equals : 'frame' in match ? match.frame : match.fields
  return answerText('topic' in from ? from.topic : from.answerOf, says, withinMs)
}
