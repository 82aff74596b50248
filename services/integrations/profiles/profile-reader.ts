/** The profiles as their files are now: a file that is added or changed counts within two seconds. */
import { statSync } from 'node:fs'
import type { Clock, Logger } from '../../ports.ts'
import { profileFiles, readProfileFolders } from './profile-files.ts'
import type { Profile } from './read-profile.ts'

const LOOK_EVERY_MS = 2_000

/**
 * A function that gives the profiles by name. A file with a fault is logged, and the profile as it was before the fault
 * stays.
 */
export function profileReader(deps: {
  folders: readonly string[]
  clock: Clock
  log: Logger
}): () => ReadonlyMap<string, Profile> {
  const { folders, clock, log } = deps
  let profiles: ReadonlyMap<string, Profile> = new Map()
  let state: string | null = null
  let lookedMs = -Infinity

  return () => {
    // a clock that was set back must not stop it
    if (Math.abs(clock.now() - lookedMs) < LOOK_EVERY_MS) return profiles
    lookedMs = clock.now()
    const now = stateOf(folders)
    if (now === state) return profiles
    state = now
    const read = readProfileFolders(folders)
    const kept = new Map(read.profiles)
    for (const { file, name, reason } of read.faults) {
      log.warn({ file, reason }, 'a device profile cannot be read')
      const before = profiles.get(name)
      if (before !== undefined) kept.set(name, before)
    }
    profiles = kept
    return profiles
  }
}

/** Equal while no file has changed. */
const stateOf = (folders: readonly string[]): string =>
  folders
    .flatMap(profileFiles)
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return `${file} ${stat?.mtimeMs ?? 0} ${stat?.size ?? 0}`
    })
    .join('\n')
