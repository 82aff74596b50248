/** Messages that list their values: each with a name and a value. */
import type { Fields } from '../foreign-message.ts'
import { valuesAt } from './field-path.ts'
import type { Profile } from './read-profile.ts'

/** Named values in a list, as fields: `{ messages: [{ id: 4097, value: 21 }] }` gives `{ 4097: 21 }`. */
export function entryFields({ path, key, value }: NonNullable<Profile['entries']>, fields: Fields): Fields {
  const named: Record<string, unknown> = {}
  for (const entry of valuesAt(fields, path)) {
    if (typeof entry !== 'object' || entry === null) continue
    const { [key]: name, [value]: content, ...others } = entry as Record<string, unknown>
    if (typeof name === 'string' || typeof name === 'number') named[String(name)] ??= content
    else for (const [other, otherValue] of Object.entries(others)) named[other] ??= otherValue
  }
  return named
}
