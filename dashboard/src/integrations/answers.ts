/** The answers of a person to the questions of a profile, as the page collects them. */
import type { ForeignDevice, ProfileFit } from '../../../services/api/schemas.ts'

/** A field of a device whose quantity a person chooses. */
export interface InputAnswer {
  quantity: string
  depthCm: number | null
}
export type Answer = number | string | number[] | InputAnswer | null
export type Answers = Readonly<Record<string, Answer>>

/** What a person is asked: the questions of a profile, and fields of the device. `value` null: it is not known now. */
export interface Asked {
  questions: ProfileFit['questions']
  inputs: readonly { name: string; value: number | null; quantity: string | null }[]
}

/** The fields of an assigned device that a person has given a quantity. */
export const answeredInputs = ({ questions, answers }: ForeignDevice): Asked['inputs'] =>
  Object.entries(answers).flatMap(([name, answer]) => {
    if (questions.some((question) => question.name === name)) return []
    const { quantity } = (answer ?? {}) as Partial<InputAnswer>
    return typeof quantity === 'string' ? [{ name, value: null, quantity }] : []
  })

/** The answers that the profile itself gives. */
export const presetAnswers = ({ questions }: Pick<ProfileFit, 'questions'>): Answers =>
  Object.fromEntries(
    questions.flatMap(({ name, default: preset }) => (preset === null ? [] : [[name, preset]])),
  )

/** Whether every question has an answer. */
export const isComplete = ({ questions }: Pick<ProfileFit, 'questions'>, answers: Answers): boolean =>
  questions.every(({ name }) => {
    const answer = answers[name]
    return answer !== undefined && answer !== null && !(typeof answer === 'number' && Number.isNaN(answer))
  })

/** Without the fields that are not used. */
export const sentAnswers = (answers: Answers): Answers =>
  Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer !== null))

/** Quantities that a person may give to a field, the usual ones first. */
export const inputQuantities = [
  ...(['soil.moisture', 'soil.temperature', 'soil.tension', 'soil.ec', 'soil.raw'] as const),
  ...(['air.temperature', 'air.relativeHumidity', 'water.level', 'leaf.wetness', 'rain.cumulative'] as const),
] as const

export const isInSoil = (quantity: string): boolean => quantity.startsWith('soil.')
