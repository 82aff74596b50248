/**
 * Validates requests against their schemas without coercion, which would turn null into 0. The message names
 * the field, the expected value and the received value.
 */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { schemaMessage } from '../../../runtime/schema-message.ts'
import { isLinePattern, ONE_LINE_MESSAGE } from './schema-primitives.ts'

export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  return (value: unknown) => {
    if (check.Check(value)) return { value }
    if (holdsMoreThan(MAX_VALUES, value))
      return {
        error: new Error(
          `${httpPart ?? 'request'}: must match the schema of this request; the wrong value is named where there are at most ${MAX_VALUES}, got more`,
        ),
      }
    const [first] = check.Errors(value)
    const { path, message } = schemaMessage(first, 'must match the schema')
    const location = path.join('.') || httpPart || 'request'
    return {
      error: new Error(
        `${location}: ${first && isLineError(first) ? ONE_LINE_MESSAGE : message}${receivedValue(value, path)}`,
      ),
    }
  }
}

/** Naming the wrong value takes about 4 µs a value, a hundred times longer than finding that there is one. */
const MAX_VALUES = 8_000

/** Whether a JSON value holds more than `most` values, itself included. */
function holdsMoreThan(most: number, value: unknown): boolean {
  let count = 0
  const counts = (part: unknown): boolean => {
    if (++count > most) return true
    if (typeof part !== 'object' || part === null) return false
    if (Array.isArray(part)) return part.some(counts)
    for (const key in part) if (counts((part as Record<string, unknown>)[key])) return true
    return false
  }
  return counts(value)
}

/** The received value; never a whole body, a password or a token: errors reach logs. */
function receivedValue(value: unknown, path: string[]): string {
  if (path.length === 0 || path.some((key) => /password|token/i.test(key))) return ''
  const part = path.reduce<unknown>((total, key) => (total as Record<string, unknown> | null)?.[key], value)
  return `, got ${(JSON.stringify(part) ?? 'nothing').slice(0, 80)}`
}

const isLineError = ({ keyword, params }: { keyword: string; params: object }): boolean =>
  keyword === 'pattern' && 'pattern' in params && isLinePattern(params.pattern)
