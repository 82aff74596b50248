/**
 * Fields in one line: '2, 5, 6, 10-12' by the numbers in their names, or by a whole name. Digits and marks may be
 * full-width, as a Japanese keyboard writes them (２、５・１０〜１２). Pure.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'

/** A part that matches no field, or several. */
export interface AmbiguousField {
  text: string
  names: string[] // names of the matching fields; empty: no such field
}

// a longer list is a slip of the finger
const LONGEST_RANGE = 200

/** The fields in the order of the text, each once; or the first part that is not clear. */
export function parseFieldList<T extends { id: string; name: string }>(
  text: string,
  fields: readonly T[],
): Result<T[], AmbiguousField> {
  const matched = new Map<string, T>()
  for (const part of splitNames(text, fields)) {
    const exact = fields.filter(({ name }) => normalize(name) === part)
    const matches = exact.length > 0 ? exact : fields.filter(({ name }) => numbersIn(name).includes(part))
    if (matches.length !== 1) return err({ text: part, names: matches.map(({ name }) => name) })
    matched.set(matches[0]!.id, matches[0]!)
  }
  return ok([...matched.values()])
}

/** Splits the text into names and single numbers; a range includes both ends. */
function splitNames(text: string, fields: readonly { name: string }[]): string[] {
  const names = new Set(fields.map(({ name }) => normalize(name)))
  return normalize(text)
    .split(/[,;、・]/)
    .map((part) => part.trim())
    .flatMap((part) => (names.has(part) || !/^[\d\s-]+$/.test(part) ? [part] : part.split(' ')))
    .flatMap((part) => (names.has(part) ? [part] : expandRange(part)))
    .filter((part) => part !== '')
}

function expandRange(part: string): string[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(part) ?? []
  const count = Number(last) - Number(first) + 1
  if (!(count > 0 && count <= LONGEST_RANGE)) return [/^\d+$/.test(part) ? String(Number(part)) : part]
  return Array.from({ length: count }, (_, i) => String(Number(first) + i))
}

const numbersIn = (name: string): string[] =>
  (normalize(name).match(/\d+/g) ?? []).map((digits) => String(Number(digits)))

/** Replaces full-width characters by ASCII. */
const normalize = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s*[-ー〜~–—−]\s*/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
