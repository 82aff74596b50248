/** What `bench` and `torture` have in common as programs: the build, and a line that breaks falls short. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Figure } from './report.ts'

/** Builds dist/ when a source is newer; what the build says goes to the error output. */
export function build(): void {
  const root = join(import.meta.dirname, '../..')
  execFileSync(process.execPath, [join(root, '.ci/build-when-needed.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
}

/** A line that breaks falls short; the others are still taken. */
export async function runLine(
  name: string,
  run: () => Promise<Figure[]>,
  say: (text: string) => void,
): Promise<Figure[]> {
  try {
    return await run()
  } catch (error) {
    say(`${name}: ${(error as Error).stack ?? String(error)}`)
    const value = (error as Error).message.slice(0, 80)
    return [{ line: name, figure: 'could not be taken', value, target: '', isMet: false }]
  }
}
