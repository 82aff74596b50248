/**
 * A temporary folder, removed at the end. In memory if possible: a season makes tens of thousands of commits, and
 * waiting for the disk at each of them would take most of the time.
 */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IN_MEMORY = '/dev/shm'

/**
 * Creates the folder at once, with a unique name. `remove` also runs when the process exits, and may be called again.
 */
export function scratchDir(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(isWritable(IN_MEMORY) ? IN_MEMORY : tmpdir(), `tilth-${name}-`))
  const remove = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  return { path, remove }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
