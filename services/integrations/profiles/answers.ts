/** What a person answered when they assigned a device, as a profile asks for it. */
import { quantityOf } from '../../../broker/contract/quantities.ts'
import type { Assignment } from '../foreign-message.ts'
import type { Profile } from './read-profile.ts'

/** What hangs on an input of a device. */
export interface InputAnswer {
  quantity: string | null
  depthCm: number | null
  unit: string | null
  instance: string | null
}

/** The answers, with the profile's defaults for what was not answered. */
export function answersOf(profile: Pick<Profile, 'ask'>, assignment: Assignment): Assignment {
  const defaults = profile.ask.flatMap((question) =>
    question.default === undefined ? [] : [[question.name, question.default] as const],
  )
  return { ...Object.fromEntries(defaults), ...assignment }
}

/**
 * The number behind `$depthCm`, `$depthsCm[2]` or `$soilmoisture1.depthCm`; null: not answered. An answer for each
 * valve (`{ V1: 10 }`) is chosen by the instance.
 */
export function numberAnswer(reference: string, answers: Assignment, instance: string | null): number | null {
  const match = /^\$(?<name>[^[]+?)(?:\[(?<index>\d+)\])?$/.exec(reference)
  if (match === null) return null
  const { name, index } = match.groups!
  let answer = lookUp(name!, answers)
  if (index !== undefined) answer = Array.isArray(answer) ? (answer as unknown[])[Number(index)] : undefined
  if (isRecord(answer) && instance !== null) answer = answer[instance]
  return typeof answer === 'number' && Number.isFinite(answer) ? answer : null
}

/** The text behind `$valve`, or the text itself; null: not answered. */
export function textAnswer(reference: string, answers: Assignment): string | null {
  if (!reference.startsWith('$')) return reference
  const answer = lookUp(reference.slice(1), answers)
  return typeof answer === 'string' ? answer : null
}

/** What hangs on an input; null: nobody has said it. */
export function inputAnswer(name: string, answers: Assignment): InputAnswer | null {
  const answer = answers[name]
  if (typeof answer === 'string' && quantityOf(answer) !== undefined)
    return { quantity: answer, depthCm: null, unit: null, instance: null }
  return isRecord(answer) ? toInput(answer) : null
}

/** Every input that is assigned to a quantity, by its path: `ANALOG.A0`, `byId.00000566CC39`. */
export function assignedInputs(answers: Assignment, prefix = '', depth = 0): [path: string, InputAnswer][] {
  if (depth > 3) return []
  return Object.entries(answers).flatMap(([name, answer]): [string, InputAnswer][] => {
    const path = prefix + name
    if (!isRecord(answer)) return []
    return typeof answer.quantity === 'string'
      ? [[path, toInput(answer)]]
      : assignedInputs(answer, `${path}.`, depth + 1)
  })
}

const toInput = (answer: Record<string, unknown>): InputAnswer => ({
  quantity: typeof answer.quantity === 'string' ? answer.quantity : null,
  depthCm: typeof answer.depthCm === 'number' ? answer.depthCm : null,
  unit: typeof answer.unit === 'string' ? answer.unit : null,
  instance: typeof answer.instance === 'string' ? answer.instance : null,
})

/** A name may contain dots: `$3.1.depthCm` is `depthCm` of the answer `3.1`. */
function lookUp(name: string, answers: Assignment): unknown {
  if (Object.hasOwn(answers, name)) return answers[name]
  const dot = name.lastIndexOf('.')
  if (dot < 0) return undefined
  const parent = lookUp(name.slice(0, dot), answers)
  return isRecord(parent) ? parent[name.slice(dot + 1)] : undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
