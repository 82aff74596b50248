/**
 * Programs that are not npm packages. Where one is missing its tests are skipped by name, with the line that installs
 * it; with CI=true that is a failure, so that a green run there means that nothing was left out.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'

export type Describe = (title: string, suite: () => void) => void

/** A `describe` that runs its suite where the program is installed, skips it where it is not, and fails in CI. */
export function requireProgram(name: string, install: string): Describe {
  return describeBy(decide(findProgram(name), process.env.CI === 'true'), `${name} is missing: ${install}`)
}

/** A suite that is run, skipped with the hint in its name, or failed with it. */
export const describeBy =
  (decision: 'run' | 'skip' | 'fail', hint: string): Describe =>
  (title, suite) => {
    if (decision === 'run') describe(title, suite)
    else if (decision === 'skip') describe.skip(`${title} (${hint})`, suite)
    else
      describe(title, () => {
        it('has what it needs', () => {
          throw new Error(hint)
        })
      })
  }

export function decide(program: string | null, isCi: boolean): 'run' | 'skip' | 'fail' {
  if (program !== null) return 'run'
  return isCi ? 'fail' : 'skip'
}

/** The path of a program that may be run, or null; servers that Debian puts into /usr/sbin are found too. */
export function findProgram(name: string, path = `${process.env.PATH ?? ''}:/usr/sbin`): string | null {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      continue
    }
  }
  return null
}
