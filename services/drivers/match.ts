/**
 * Whether an incoming message is the one that a driver waits for. Paths have dots, `[0]` for an entry, `[*]` for any
 * entry, `A|B` for the first key that is there, and `&1` at the end for a bit of a number. Pure.
 */

/** A value that a message has, as JSON. */
export type Scalar = string | number | boolean | null

/** The whole payload as text; all of these paths; or these bytes (hexadecimal) in the base64 text at a path. */
export type Match =
  | { equals: string }
  | { fields: Readonly<Record<string, Scalar>> }
  | { frame: string; at: string }

/** 'absent': the message does not mention it. */
export type Outcome = 'matches' | 'differs' | 'absent'

/** Compares a payload with a match. A payload that is not JSON has no paths. */
export function evaluateMatch(match: Match, payload: string): Outcome {
  if ('equals' in match) return isSame(payload.trim(), match.equals) ? 'matches' : 'differs'
  const root = parse(payload)
  if ('frame' in match) return compareFrame(match.frame, valuesAt(root, match.at))
  let outcome: Outcome = 'matches'
  for (const [path, wanted] of Object.entries(match.fields)) {
    const values = valuesAt(root, path)
    if (values.length === 0) return 'absent'
    if (!values.some((value) => isSame(value, wanted))) outcome = 'differs'
  }
  return outcome
}

/** Every value at a path; none when a part of it is not there. */
export function valuesAt(root: unknown, path: string): unknown[] {
  const [, names, mask] = /^(.*?)(?:&(\d+))?$/.exec(path)!
  let values: unknown[] = [root]
  for (const part of names!.split('.')) {
    const [, keys, indexes] = /^([^[]*)((?:\[[^\]]*\])*)$/.exec(part) ?? [null, part, '']
    if (keys !== '') values = values.flatMap((value) => ofFirstKey(value, keys!.split('|')))
    for (const [, index] of (indexes ?? '').matchAll(/\[([^\]]*)\]/g))
      values = values.flatMap((value) => entriesOf(value, index!))
  }
  if (mask === undefined) return values
  return values.filter(Number.isInteger).map((value) => (value as number) & Number(mask))
}

/** The value of a JSON text, undefined for any other text. */
export function parse(payload: string): unknown {
  try {
    const value: unknown = JSON.parse(payload)
    return value
  } catch {
    return undefined
  }
}

function ofFirstKey(value: unknown, keys: readonly string[]): unknown[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const key = keys.find((name) => Object.hasOwn(value, name))
  return key === undefined ? [] : [(value as Record<string, unknown>)[key]]
}

function entriesOf(value: unknown, index: string): unknown[] {
  if (!Array.isArray(value)) return []
  if (index === '*') return value
  const i = Number(index)
  return Number.isInteger(i) && i >= 0 && i < value.length ? [value[i]] : []
}

const DECIMAL = /^-?\d+(\.\d+)?$/

/** Devices write a number also as text (`"10"`, `600.0`). */
function isSame(value: unknown, wanted: Scalar): boolean {
  if (value === wanted) return true
  const [a, b] = [decimal(value), decimal(wanted)]
  return a !== null && a === b
}

function decimal(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : null
}

function compareFrame(frame: string, values: readonly unknown[]): Outcome {
  const texts = values.filter((value): value is string => typeof value === 'string')
  if (texts.length === 0) return 'absent'
  const wanted = Buffer.from(frame, 'hex')
  return texts.some((text) => Buffer.from(text, 'base64').includes(wanted)) ? 'matches' : 'absent'
}
