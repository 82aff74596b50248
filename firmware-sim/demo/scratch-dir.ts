/**
 * A temporary folder, removed at the end. In memory if possible: a season makes tens of thousands of commits, and
 * waiting for the disk at each of them would take most of the time.
 */
import { accessSync, constants as access, mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const IN_MEMORY = '/dev/shm'

/** Without a listener these end a process before its exit handlers run. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const paths = new Set<string>()

/**
 * Creates the folder at once, with a unique name. `remove` may be called again; it also runs when the process exits or
 * a signal ends it.
 */
export function scratchDir(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(isWritable(IN_MEMORY) ? IN_MEMORY : tmpdir(), `tilth-${name}-`))
  if (paths.size === 0) {
    process.once('exit', removeAll)
    for (const signal of signals) process.on(signal, exit)
  }
  paths.add(path)
  return { path, remove: () => remove(path) }
}

function remove(path: string): void {
  // a thread that still writes may recreate a file meanwhile
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
  paths.delete(path)
  if (paths.size > 0) return
  process.off('exit', removeAll)
  for (const signal of signals) process.off(signal, exit)
}

const removeAll = (): void => paths.forEach(remove)

/** Where the program has a handler of its own, that one decides. */
function exit(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal])
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, access.W_OK)
    return true
  } catch {
    return false
  }
}
