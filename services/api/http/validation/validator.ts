/**
 * Validates requests against their schemas without coercion, which would turn null into 0. The message names
 * the field, the expected value and the received value.
 */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { isLinePattern, ONE_LINE_MESSAGE } from './schema-primitives.ts'

export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  return (value: unknown) => {
    if (check.Check(value)) return { value }
    const [first] = check.Errors(value)
    const { instancePath = '', message = 'must match the schema' } = first ?? {}
    const path = instancePath.split('/').slice(1)
    const location = path.join('.') || httpPart || 'request'
    return {
      error: new Error(
        `${location}: ${first && isLineError(first) ? ONE_LINE_MESSAGE : message}${receivedValue(value, path)}`,
      ),
    }
  }
}

/** The received value; never a whole body, a password or a token: errors reach logs. */
function receivedValue(value: unknown, path: string[]): string {
  if (path.length === 0 || path.some((key) => /password|token/i.test(key))) return ''
  const part = path.reduce<unknown>((total, key) => (total as Record<string, unknown> | null)?.[key], value)
  return `, got ${(JSON.stringify(part) ?? 'nothing').slice(0, 80)}`
}

const isLineError = ({ keyword, params }: { keyword: string; params: object }): boolean =>
  keyword === 'pattern' && 'pattern' in params && isLinePattern(params.pattern)
