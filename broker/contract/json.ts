/** JSON from outside, parsed by a schema: messages, files, rows of a store, responses of other programs. */
import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { err, ok, type Result } from './result.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * A parser: bytes or text -> the value, or an error that names the field, the received and the expected value;
 * `root` names the value itself. The schema is compiled on first use, because most programs use few of their parsers.
 */
export function jsonParser<S extends TSchema>(
  schema: S,
  root = 'message',
): (payload: Uint8Array | string) => Result<Static<S>> {
  let check: Validator | null = null
  return (payload) => {
    let value: unknown
    try {
      value = JSON.parse(typeof payload === 'string' ? payload : utf8.decode(payload))
    } catch (error) {
      return err(`not JSON in UTF-8: ${(error as Error).message.slice(0, 120)}`)
    }
    check ??= Compile(schema)
    if (check.Check(value)) return ok(value as Static<S>)
    const [first] = check.Errors(value)
    const path = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
    const message = first?.message ?? 'does not fit the schema'
    return err(`${path || root}: ${message}, got ${excerptAt(path, value)}`)
  }
}

function excerptAt(path: string, value: unknown): string {
  let part = value
  if (path !== '')
    for (const key of path.split('.')) part = (part as Record<string, unknown> | null | undefined)?.[key]
  return (JSON.stringify(part) ?? 'nothing').slice(0, 80)
}
