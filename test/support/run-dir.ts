/**
 * A folder for the files of one test run, removed at its end. In memory if possible: every commit of SQLite waits for
 * the disk, which is half of the test time.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { stopSharedPostgres } from './postgres.ts'

const MEMORY_DISK = '/dev/shm'
const NEEDED_BYTES = 1024 ** 3 // a container may have 64 MB

export default function (project: TestProject): () => Promise<void> {
  const dir = mkdtempSync(join(hasMemoryDisk() ? MEMORY_DISK : tmpdir(), 'tilth-tests-'))
  open(dir)
  process.env.TILTH_RUN_DIR = dir
  process.env.TMPDIR = dir // os.tmpdir() of the tests and of the programs that they start
  const remove = async (): Promise<void> => {
    await stopSharedPostgres(dir)
    rmSync(dir, { recursive: true, force: true })
  }
  // in watch mode: the template from before the change
  project.onTestsRerun(async () => {
    await remove()
    mkdirSync(dir)
    open(dir)
  })
  return remove
}

/** Servers that run as a user of their own reach their folders in it. */
const open = (dir: string): void => chmodSync(dir, 0o711)

function hasMemoryDisk(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DISK)
    return bavail * bsize >= NEEDED_BYTES
  } catch {
    return false
  }
}
