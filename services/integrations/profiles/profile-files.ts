/** The profiles of folders: those that Tilth ships, and those of the farm, which come before them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readProfile, type Profile } from './read-profile.ts'

/** A file that is no profile, and why. */
export interface ProfileFault {
  file: string
  /** of the profile that the file should hold */
  name: string
  reason: string
}

export interface ProfileSet {
  /** by name */
  profiles: ReadonlyMap<string, Profile>
  faults: readonly ProfileFault[]
}

/** The folder of the profiles that Tilth ships. */
export const shippedProfiles =
  // three folders up from the sources, four from the compiled program
  ['../../../profiles', '../../../../profiles']
    .map((up) => join(import.meta.dirname, up))
    .find((folder) => existsSync(folder)) ?? 'profiles'

const MAX_BYTES = 256 * 1024
const MAX_FILES = 1000

/**
 * Reads `*.json` of the folders; a later folder comes before an earlier one. A file with a fault is left out: its
 * profile of an earlier folder stays. A folder that does not exist is empty.
 */
export function readProfileFolders(folders: readonly string[]): ProfileSet {
  const profiles = new Map<string, Profile>()
  const faults: ProfileFault[] = []
  for (const folder of folders)
    for (const file of profileFiles(folder)) {
      const profile = readProfileFile(file)
      if (typeof profile === 'string') faults.push({ file, name: basename(file, '.json'), reason: profile })
      else profiles.set(profile.name, profile)
    }
  return { profiles, faults }
}

/** The files of a folder that may hold profiles; none when there is no folder. */
export function profileFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .slice(0, MAX_FILES)
      .map((name) => join(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The profile, or the reason why the file is none. */
function readProfileFile(file: string): Profile | string {
  try {
    const { size } = statSync(file)
    if (size > MAX_BYTES) return `expected at most ${MAX_BYTES} bytes, got ${size}`
    const profile = readProfile(readFileSync(file, 'utf8'))
    if (!profile.ok) return profile.error
    const name = basename(file, '.json')
    return profile.value.name === name
      ? profile.value
      : `profile: expected ${name} as the file, got ${profile.value.name}`
  } catch (error) {
    return (error as Error).message
  }
}
