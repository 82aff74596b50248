/** The text of a foreign message, read within limits. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { Fields } from '../foreign-message.ts'

/** Deeper JSON is no message of a device. */
const MAX_DEPTH = 12
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The text of a payload; an error when it is not UTF-8. */
export function readText(payload: Uint8Array): Result<string> {
  try {
    return ok(utf8.decode(payload))
  } catch {
    return err('payload: expected text in UTF-8')
  }
}

/** The object in a payload of JSON, at most 12 levels deep. */
export function readJsonFields(payload: Uint8Array): Result<Fields> {
  const text = readText(payload)
  if (!text.ok) return text
  let value: unknown
  try {
    value = JSON.parse(text.value)
  } catch (error) {
    return err(`payload: not JSON: ${(error as Error).message.slice(0, 120)}`)
  }
  if (depthOf(value) > MAX_DEPTH) return err(`payload: expected at most ${MAX_DEPTH} levels`)
  return isFields(value) ? ok(value) : err(`payload: expected an object, got ${excerpt(value)}`)
}

/** Whether a value is an object of JSON, not a list. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text of at most 100 characters; null: none. */
export const textOrNull = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, 100) : null

/** A value of at most 12 levels as an error message shows it. */
export const excerpt = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80)

function depthOf(value: unknown, limit = MAX_DEPTH + 1): number {
  if (typeof value !== 'object' || value === null || limit === 0) return 0
  return 1 + Math.max(0, ...Object.values(value).map((part) => depthOf(part, limit - 1)))
}
