/** The fields of a message that its profile does not use: a person sees them. */
import type { Fields } from '../foreign-message.ts'
import { valueAt } from './field-path.ts'
import { rootOf, type Profile } from './read-profile.ts'

/** More fields than these are not named. */
const MAX_IGNORED = 40

/**
 * Fields that came with a value and that nothing uses, by their last name. `used`: first parts of the paths that were read;
 * `unassigned`: inputs that have a value and no answer.
 */
export function ignoredFields(
  profile: Pick<Profile, 'technical' | 'notUsed' | 'entries' | 'history'>,
  fields: Fields,
  { used, unassigned }: { used: ReadonlySet<string>; unassigned: ReadonlySet<string> },
): string[] {
  const isTechnical = (name: string): boolean => profile.technical.some((pattern) => fits(name, pattern))
  const known = new Set(profile.notUsed.map(({ text }) => rootOf(text)))
  const notUsed = profile.notUsed
    .filter(({ path }) => valueAt(fields, path) !== undefined)
    .map(({ text }) => lastName(text))
  const roots = [profile.entries?.path, profile.history?.each].map((path) =>
    path?.[0]?.kind === 'name' ? path[0].name : null,
  )
  const unknown = Object.keys(fields).filter(
    (name) =>
      !used.has(name) &&
      !known.has(name) &&
      !unassigned.has(name) &&
      !roots.includes(name) &&
      !isTechnical(name),
  )
  return [...new Set([...notUsed, ...unassigned, ...unknown])]
    .slice(0, MAX_IGNORED)
    .map((name) => name.slice(0, 80))
}

/** A name, or the beginning (`DS18B20*`) or the end (`*batt`) of one. */
function fits(name: string, pattern: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1))
  return pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern
}

/** The last part of a path. */
export const lastName = (path: string): string => /[^.[\]]+(?=(?:\[[^\]]*\])*$)/.exec(path)?.[0] ?? path
