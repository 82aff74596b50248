import { describe, expect, it } from 'vitest'
import {
  missingProfileReason,
  profileFaults,
  profileReason,
  profileReasonStart,
} from '../../../../services/integrations/profiles/profile-faults.ts'

const group = (reason: string, newestId: number, count = 1) => ({
  reason,
  count,
  devices: 1,
  newestId,
  newestMs: newestId * 1000,
})

describe('the dead letters of a profile', () => {
  it('are one fault for each of its versions, newest first, with what could not be read', () => {
    const probe = { name: 'own-probe', version: 1 }
    const groups = [
      group(missingProfileReason('gone'), 9, 4),
      group(profileReason({ ...probe, version: 2 }, 'ec: expected a number,\ngot "x"'), 8),
      group('payload: expected JSON', 7, 50),
      group(profileReason(probe, 'moisture: a: b'), 6, 2),
      group(profileReason(probe, 'ec: no'), 3, 3),
    ]
    expect(profileFaults(groups)).toEqual([
      {
        profile: 'gone',
        version: null,
        count: 4,
        newestId: 9,
        newestMs: 9000,
        faults: ['there is no profile of this name'],
      },
      {
        profile: 'own-probe',
        version: 2,
        count: 1,
        newestId: 8,
        newestMs: 8000,
        faults: ['ec: expected a number,\ngot "x"'],
      },
      {
        profile: 'own-probe',
        version: 1,
        count: 5,
        newestId: 6,
        newestMs: 6000,
        faults: ['moisture: a: b', 'ec: no'],
      },
    ])
  })

  it('begin alike within one version, and with no letter of another', () => {
    const reason = profileReason({ name: 'own-probe', version: 1 }, 'ec')
    expect(reason.startsWith(profileReasonStart('own-probe', 1))).toBe(true)
    for (const other of [
      profileReason({ name: 'own-probe', version: 12 }, 'ec'),
      profileReason({ name: 'own-probe-2', version: 1 }, 'ec'),
      missingProfileReason('own-probe'),
    ])
      expect(other.startsWith(profileReasonStart('own-probe', 1))).toBe(false)
    expect(missingProfileReason('own-probe').startsWith(profileReasonStart('own-probe', null))).toBe(true)
  })
})
