/**
 * Requests are checked against their schemas as they are: nothing is coerced, or null would become 0. The reason names
 * the field, what was expected and what came.
 */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  return (value: unknown) => {
    if (check.Check(value)) return { value }
    const first = check.Errors(value)[0]
    const path = first?.instancePath.slice(1).replaceAll('/', '.') || httpPart || 'request'
    return {
      error: new Error(`${path}: ${first?.message ?? 'is not as expected'}, got ${brief(value, path)}`),
    }
  }
}

function brief(value: unknown, path: string): string {
  let part = value
  for (const key of path.split('.'))
    if (part && typeof part === 'object' && key in part) part = (part as any)[key]
  const text = JSON.stringify(part) ?? 'nothing'
  // a password must not come back in an error, nor reach a log
  return /password|token|secret/i.test(path) ? 'something else' : text.slice(0, 80)
}
