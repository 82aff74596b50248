/**
 * Programs that are not npm packages. If one is missing, its tests are skipped with the command that installs it in
 * their name; with CI=true they fail, so that a green run means that nothing was skipped.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'

export type Describe = (title: string, suite: () => void) => void

/** A `describe` that runs its suite if the program is installed; otherwise it skips it, or fails in CI. */
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

/** The path of an executable program, or null; also in /usr/sbin, where Debian installs servers. */
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
