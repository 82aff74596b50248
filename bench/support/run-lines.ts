/** Common to `bench` and `torture`: the build, and the handling of a failing line. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Figure } from './report.ts'

/** Builds dist/ when a source is newer; the build output goes to stderr. */
export function build(): void {
  const root = join(import.meta.dirname, '../..')
  execFileSync(process.execPath, [join(root, '.ci/build-when-needed.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
}

/** Runs a line; one that throws counts as not met, and the others still run. */
export async function runLine(
  name: string,
  run: () => Promise<Figure[]>,
  log: (text: string) => void,
): Promise<Figure[]> {
  try {
    return await run()
  } catch (error) {
    log(`${name}: ${(error as Error).stack ?? String(error)}`)
    const value = (error as Error).message.slice(0, 80)
    return [{ line: name, figure: 'could not be measured', value, target: '', isMet: false }]
  }
}
