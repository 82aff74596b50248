/**
 * A folder for the files of one test run, removed at its end. In memory if possible: every commit of SQLite waits for
 * the disk, which is half of the test time.
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

const MEMORY_DISK = '/dev/shm'
const NEEDED_BYTES = 1024 ** 3 // a container may have 64 MB

export default function (project: TestProject): () => void {
  const dir = mkdtempSync(join(hasMemoryDisk() ? MEMORY_DISK : tmpdir(), 'tilth-tests-'))
  process.env.TILTH_RUN_DIR = dir
  process.env.TMPDIR = dir // os.tmpdir() of the tests and of the programs that they start
  const remove = (): void => rmSync(dir, { recursive: true, force: true })
  // in watch mode: the template from before the change
  project.onTestsRerun(async () => {
    remove()
    mkdirSync(dir)
  })
  return remove
}

function hasMemoryDisk(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DISK)
    return bavail * bsize >= NEEDED_BYTES
  } catch {
    return false
  }
}
