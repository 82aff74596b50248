/**
 * Closes the sessions of devices that may no longer have them: revoked, moved to another organisation, or signed in
 * with a replaced secret (two are valid during a rotation).
 */
import { withTimeout } from '../hooks/reply.ts'
import type { RegisteredDevice } from './authenticate.ts'
import type { Log } from '../log.ts'
import type { RetainedStore } from '../hooks/retained.ts'
import type { BrokerCounters, Session } from './session.ts'

interface RevocationDeps {
  findDevice: (id: string) => Promise<RegisteredDevice | null>
  log: Log
  counters: BrokerCounters
  retained: Pick<RetainedStore, 'holdsGateway' | 'dropGateway'>
}

const LOOKUP_TIMEOUT_MS = 800 // a revoked session is closed within a second

/**
 * A gateway counts as a device. Call `onClaim` for each CONNECT, and `deviceChanged` after a change of a device;
 * `devicesChanged` checks every device with a session. If the lookup fails or takes longer than 800 ms, the sessions of
 * the device are closed. The retained messages of a gateway that may no longer connect leave the memory.
 */
export function revocation({ findDevice, log, counters, retained }: RevocationDeps) {
  // by the claimed id, from CONNECT on: a session that is being authenticated is included
  const sessions = new Map<string, Set<Session>>()

  function onClaim(session: Session): void {
    const id = session.claimedId!
    const ofDevice = sessions.get(id) ?? new Set()
    sessions.set(id, ofDevice.add(session))
    session.stream.once('close', () => {
      ofDevice.delete(session)
      if (ofDevice.size === 0 && sessions.get(id) === ofDevice) sessions.delete(id)
    })
  }

  async function deviceChanged(id: string): Promise<void> {
    const ofDevice = sessions.get(id) ?? new Set()
    if (ofDevice.size === 0 && !retained.holdsGateway(id)) return
    // its lookup may be out of date: it has to connect again
    for (const session of ofDevice) if (session.party === null) session.stream.destroy()
    const registered = await withTimeout(findDevice(id), LOOKUP_TIMEOUT_MS).catch((error: unknown) => {
      log.error({ error, device: id }, 'a changed device could not be looked up; its connection is closed')
      return null
    })
    if (registered === null) retained.dropGateway(id)
    for (const session of ofDevice) {
      if (isStillValid(session, registered)) continue
      counters.sessionsRevoked++
      log.info({ device: id }, 'connection closed: device revoked, moved or given another secret')
      session.isRevoked = registered === null
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

function isStillValid({ party, secretHash }: Session, registered: RegisteredDevice | null): boolean {
  if (party === null) return true // connected after the change: its lookup is current
  if (party.kind === 'service') return true
  return (
    registered !== null && registered.org === party.org && registered.secretHashes.includes(secretHash ?? '')
  )
}
