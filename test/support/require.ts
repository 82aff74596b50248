/**
 * Programs that are not npm packages. Where one is missing its tests are skipped by name, with the line that installs
 * it; with CI=true that is a failure, so that a green run there means that nothing was left out.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'

/** The path of a program on PATH, or null. */
export function findProgram(name: string, path: string = process.env.PATH ?? ''): string | null {
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    if (folder === '') continue
    const candidate = join(folder, name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      continue
    }
  }
  return null
}

export type Describe = (title: string, suite: () => void) => void

/** A `describe` that runs its suite where the program is installed, skips it where it is not, and fails in CI. */
export function requireProgram(
  name: string,
  install: string,
  { path, isCi = process.env.CI === 'true' }: { path?: string; isCi?: boolean } = {},
): Describe {
  if (findProgram(name, path) !== null) return (title, suite) => void describe(title, suite)
  const hint = `${name} is missing: ${install}`
  if (!isCi) return (title, suite) => void describe.skip(`${title} (${hint})`, suite)
  return (title) =>
    void describe(title, () => {
      it(`needs ${name}`, () => {
        throw new Error(hint)
      })
    })
}
