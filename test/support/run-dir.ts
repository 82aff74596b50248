/** A folder for what the files of one run of tests share; it is gone when the run ends. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

export default function (project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'tilth-tests-'))
  process.env.TILTH_RUN_DIR = dir
  const remove = (): void => rmSync(dir, { recursive: true, force: true })
  // under watch: what was made of the files before they were changed
  project.onTestsRerun(async () => {
    remove()
    mkdirSync(dir)
  })
  return remove
}
