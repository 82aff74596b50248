/** The dead letters of a profile: their reasons, and which of an organisation's letters one version made. Pure. */
import type { DeadLetterGroup } from '../../../broker/contract/journal.ts'
import { profileId, type Profile } from './read-profile.ts'

/** The letters that one version of a profile made. `version` null: there was no profile of this name. */
export interface ProfileFault {
  profile: string
  version: number | null
  count: number
  newestId: number
  newestMs: number
  /** what could not be read, newest first */
  faults: string[]
}

/** The reason of a message that a profile could not read. */
export const profileReason = (profile: Pick<Profile, 'name' | 'version'>, error: string): string =>
  `profile ${profileId(profile)}: ${error}`

/** The reason of a message whose device has a profile that does not exist. */
export const missingProfileReason = (name: string): string =>
  `profile ${name}: there is no profile of this name`

/**
 * How the reason of each letter of a version begins. `Journal.replayAll({ org, reasonStart })` replays them all, with the
 * profile of now. `version` null: those of a profile that did not exist.
 */
export const profileReasonStart = (name: string, version: number | null): string =>
  version === null ? `profile ${name}: ` : `profile ${profileId({ name, version })}: `

/** The groups of `Journal.deadLetterGroups` that a profile made, by profile and version, newest first. */
export function profileFaults(groups: readonly DeadLetterGroup[]): ProfileFault[] {
  const faults = new Map<string, ProfileFault>()
  for (const { reason, count, newestId, newestMs } of groups) {
    const read = /^profile ([^\s@:]+)(?:@(\d+))?: (.*)$/s.exec(reason)
    if (read === null) continue
    const [, profile, version, text] = read
    const key = `${profile}@${version ?? ''}`
    const fault = faults.get(key) ?? {
      profile: profile!,
      version: version === undefined ? null : Number(version),
      count: 0,
      newestId: 0,
      newestMs: 0,
      faults: [],
    }
    fault.count += count
    fault.newestId = Math.max(fault.newestId, newestId)
    fault.newestMs = Math.max(fault.newestMs, newestMs)
    fault.faults.push(text!)
    faults.set(key, fault)
  }
  return [...faults.values()].sort((a, b) => b.newestId - a.newestId)
}
