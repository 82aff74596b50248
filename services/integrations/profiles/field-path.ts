/**
 * Paths of a profile: `soil.value`, `history[*].moisture`, `conditions[?txid==3].temp_1`, `sbits[0]`. They select; they
 * never compute.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

type Step =
  | { kind: 'name'; name: string }
  | { kind: 'every' }
  | { kind: 'index'; index: number }
  | { kind: 'where'; name: string; value: string }

export type FieldPath = readonly Step[]

const MAX_STEPS = 12
/** A hostile message must not multiply: more values than this are not followed. */
const MAX_VALUES = 500

const STEP =
  /^(?:(?<name>[^.[\]]+)|\[(?:(?<every>\*)|(?<index>\d{1,4})|\?(?<key>[\w-]+)==(?:'(?<text>[^']*)'|(?<number>-?[\w.]+)))\])/

/** Parses a path; the error shows where it is not one. */
export function parseFieldPath(text: string): Result<FieldPath> {
  const steps: Step[] = []
  let rest = text
  while (rest !== '') {
    if (steps.length > 0 && rest.startsWith('.')) rest = rest.slice(1)
    const match = STEP.exec(rest)
    if (match === null || (steps.length === 0 && rest.startsWith('.')))
      return err(`expected a path such as a.b, a[*].b or a[?type==1].b, got ${text} (at "${rest}")`)
    const { name, every, index, key, text: quoted, number } = match.groups!
    if (name !== undefined) steps.push({ kind: 'name', name })
    else if (every !== undefined) steps.push({ kind: 'every' })
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) })
    else steps.push({ kind: 'where', name: key!, value: quoted ?? number! })
    rest = rest.slice(match[0].length)
  }
  if (steps.length === 0 || steps.length > MAX_STEPS)
    return err(`expected a path of 1 to ${MAX_STEPS} parts, got ${text === '' ? 'nothing' : text}`)
  return ok(steps)
}

/** Every value that the path selects, in order. */
export function valuesAt(root: unknown, path: FieldPath): unknown[] {
  let selected: unknown[] = [root]
  for (const step of path) {
    const next: unknown[] = []
    for (const part of selected) {
      if (next.length >= MAX_VALUES) break
      next.push(...follow(part, step))
    }
    selected = next.slice(0, MAX_VALUES)
    if (selected.length === 0) break
  }
  return selected
}

/** The first value that the path selects; undefined: there is none. */
export const valueAt = (root: unknown, path: FieldPath): unknown => unwrap(valuesAt(root, path)[0])

function follow(part: unknown, step: Step): unknown[] {
  if (step.kind === 'name') {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, step.name)) return []
    return [(part as Record<string, unknown>)[step.name]]
  }
  if (step.kind === 'where') return itemsOf(part).filter((item) => isWhere(item, step))
  if (!Array.isArray(part)) return []
  if (step.kind === 'every') return itemsOf(part)
  return step.index < part.length ? [part[step.index]] : []
}

/** Lists in a list are one list; anything else is a list of one, so that conditions can follow each other. */
const itemsOf = (part: unknown): unknown[] => (Array.isArray(part) ? (part.flat() as unknown[]) : [part])

/** Equal as text, of a text, a number or a truth value of the item's own. */
function isWhere(item: unknown, { name, value }: { name: string; value: string }): boolean {
  if (typeof item !== 'object' || item === null || !Object.hasOwn(item, name)) return false
  const own = (item as Record<string, unknown>)[name]
  return typeof own !== 'object' && String(own) === value
}

/** Decoders of some makers wrap a number: `{ displayName, value, unit }`. */
function unwrap(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'value')
    ? (value as { value: unknown }).value
    : value
}
