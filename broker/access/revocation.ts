/**
 * Closes the live sessions of devices that may no longer have them: revoked, moved to another organisation, or signed
 * in with a secret that has been replaced (two count while one is being changed).
 */
import { withTimeout } from '../hooks/reply.ts'
import type { RegisteredDevice } from './authenticate.ts'
import type { Log } from '../log.ts'
import type { BrokerCounters, Session } from './session.ts'

interface RevocationDeps {
  findDevice: (id: string) => Promise<RegisteredDevice | null>
  log: Log
  counters: BrokerCounters
}

const LOOKUP_TIMEOUT_MS = 800 // a session that must go is gone within a second

export function revocation({ findDevice, log, counters }: RevocationDeps) {
  // by the id that is claimed, from CONNECT on: one that is just being let in is not overlooked
  const sessions = new Map<string, Set<Session>>()

  function onClaim(session: Session): void {
    const id = session.claimedId!
    const own = sessions.get(id) ?? new Set()
    sessions.set(id, own.add(session))
    session.stream.once('close', () => {
      own.delete(session)
      if (own.size === 0 && sessions.get(id) === own) sessions.delete(id)
    })
  }

  async function deviceChanged(id: string): Promise<void> {
    const own = sessions.get(id)
    if (own === undefined) return
    // what it was looked up as may be out of date: it has to ask again
    for (const session of own) if (session.party === null) session.stream.destroy()
    const known = await withTimeout(findDevice(id), LOOKUP_TIMEOUT_MS).catch((error: unknown) => {
      log.error({ error, device: id }, 'a changed device could not be looked up; its connection is closed')
      return null
    })
    for (const session of own) {
      if (isStillValid(session, known)) continue
      counters.sessionsRevoked++
      log.info({ device: id }, 'connection closed: revoked, moved or another secret')
      session.stream.destroy()
    }
  }

  return {
    onClaim,
    deviceChanged,
    devicesChanged: async (): Promise<void> =>
      void (await Promise.all([...sessions.keys()].map((id) => deviceChanged(id)))),
  }
}

function isStillValid({ party, secretHash }: Session, known: RegisteredDevice | null): boolean {
  if (party === null) return true // has asked since, and was looked up as what it is now
  if (party.kind === 'service') return true
  return known !== null && known.org === party.org && known.secretHashes.includes(secretHash ?? '')
}
