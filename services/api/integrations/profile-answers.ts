/** Checks what a person answered to the questions of a profile. */
import { quantityOf } from '../../../broker/contract/quantities.ts'
import { fail } from '../../errors.ts'
import type { Profile } from '../../integrations/profiles/read-profile.ts'

const isNumber = (value: unknown, max: number): value is number =>
  typeof value === 'number' && value >= 0 && value <= max
const isDepth = (value: unknown): boolean => isNumber(value, 1_000)
const isLitres = (value: unknown): boolean => isNumber(value, 100_000) && value > 0
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const byType: Record<Profile['ask'][number]['type'], { expected: string; is(value: unknown): boolean }> = {
  depth: { expected: '0 to 1000 cm', is: isDepth },
  depths: {
    expected: 'a list of depths of 0 to 1000 cm',
    is: (value) => Array.isArray(value) && value.every(isDepth),
  },
  height: { expected: '0 to 20000 mm', is: (value) => isNumber(value, 20_000) },
  litres: {
    expected: 'litres a pulse above 0, or such a number for each valve',
    is: (value) => isLitres(value) || (isRecord(value) && Object.values(value).every(isLitres)),
  },
  valve: { expected: 'the name of a valve', is: (value) => typeof value === 'string' },
  channel: {
    expected: 'the quantity of a field, and its depth',
    is: (value) => isRecord(value) && (value.quantity === undefined || isQuantity(value.quantity)),
  },
}

const isQuantity = (name: unknown): boolean => typeof name === 'string' && quantityOf(name) !== undefined

/** BAD_REQUEST names the answer. An answer to none of the questions is a field of the device. */
export function checkAnswers(profile: Profile, answers: Readonly<Record<string, unknown>>): void {
  for (const [name, answer] of Object.entries(answers)) {
    if (answer === null) continue
    const type = profile.ask.find((question) => question.name === name)?.type ?? 'channel'
    const { expected, is } = byType[type]
    if (!is(answer))
      fail('BAD_REQUEST', `answers.${name}: expected ${expected}, got ${JSON.stringify(answer).slice(0, 80)}`)
  }
}
