/** The build for system tests and browsers: created once per run, reused when no source is newer. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export default function (): void {
  // the test runner's NODE_ENV would build a page for development
  const env = { ...process.env, NODE_ENV: 'production' }
  execFileSync(process.execPath, ['.ci/build-when-needed.mjs'], { cwd: root, env, stdio: 'inherit' })
}
