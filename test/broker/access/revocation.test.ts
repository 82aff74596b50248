/** Live sessions of a device that may no longer have them are closed within a second, whatever the store does. */
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hashSecret, type RegisteredDevice } from '../../../broker/access/authenticate.ts'
import { retainedStore } from '../../../broker/hooks/retained.ts'
import { revocation } from '../../../broker/access/revocation.ts'
import { startSession, brokerCounters, type Session } from '../../../broker/access/session.ts'
import { closed, eventually, PEPPER, secretOf, silent, startBrokerRig, type BrokerRig } from '../rig.ts'

const WITHIN_MS = 1_000 // reliability.md, H15

describe('revocation', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function sessionOf(secretHash: string | null): Session {
    const session = startSession({
      stream: new PassThrough(),
      guard: null,
      slot: null,
      certificateName: null,
    })
    session.claimedId = 'probe1'
    session.party = secretHash === null ? null : { kind: 'device', org: 'coop', device: 'probe1' }
    session.secretHash = secretHash
    return session
  }
  const known = (more: Partial<RegisteredDevice> = {}): RegisteredDevice => ({
    id: 'probe1',
    org: 'coop',
    secretHashes: ['first', 'second'],
    ...more,
  })

  /** Whether each session is still open a second after the change. */
  async function openAfter(
    found: Promise<RegisteredDevice | null>,
    ...sessions: Session[]
  ): Promise<boolean[]> {
    const counters = brokerCounters()
    const { onClaim, deviceChanged } = revocation({
      findDevice: () => found,
      log: silent,
      counters,
      retained: retainedStore(),
    })
    for (const session of sessions) onClaim(session)
    void deviceChanged('probe1')
    await vi.advanceTimersByTimeAsync(WITHIN_MS)
    return sessions.map(({ stream }) => !stream.destroyed)
  }

  it('closes the session of an invalid secret, and leaves those with a valid one', async () => {
    const sessions = ['first', 'second', 'third'].map(sessionOf)
    expect(await openAfter(Promise.resolve(known()), ...sessions)).toEqual([true, true, false])
  })

  it('closes all sessions of a device that is revoked, or moved to another organisation', async () => {
    expect(await openAfter(Promise.resolve(null), sessionOf('first'))).toEqual([false])
    expect(await openAfter(Promise.resolve(known({ org: 'other' })), sessionOf('first'))).toEqual([false])
  })

  it('closes the session within a second even if the store does not respond, or fails', async () => {
    expect(await openAfter(new Promise(() => {}), sessionOf('first'))).toEqual([false])
    expect(await openAfter(Promise.reject(new Error('away')), sessionOf('first'))).toEqual([false])
  })

  it('a connection during sign-in must sign in again', async () => {
    expect(await openAfter(Promise.resolve(known()), sessionOf(null))).toEqual([false])
  })
})

describe('revocation, over the wire', () => {
  let rig: BrokerRig
  beforeEach(async () => {
    rig = await startBrokerRig()
    rig.register('coop', 'probe1')
    rig.register('coop', 'probe2')
  })
  afterEach(() => rig.stop())

  const give = (...secrets: string[]) => {
    const secretHashes = secrets.map((secret) => hashSecret(secret, PEPPER))
    rig.devices.set('probe1', { id: 'probe1', org: 'coop', secretHashes })
    return rig.broker.deviceChanged('probe1')
  }

  it('a device stays connected through one change of its secret and is disconnected at the second, when its secret is no longer valid', async () => {
    const probe = await rig.connect('probe1')
    const beside = await rig.connect('probe2')
    await give('second', secretOf('probe1'))
    await probe.publishAsync('tilth/v1/coop/probe1/telemetry', '{"v":1}', { qos: 1 })
    expect(probe.connected).toBe(true)
    await give('third', 'second')
    await closed(probe)
    await expect(rig.connect('probe1')).rejects.toThrow(/Not authorized/)
    expect((await rig.connect('probe1', { password: 'third' })).connected).toBe(true)
    expect(beside.connected).toBe(true)
    expect(rig.broker.counters().sessionsRevoked).toBe(1)
  })

  it('after a change without a known subject, every session is checked', async () => {
    const [gone, stays] = [await rig.connect('probe1'), await rig.connect('probe2')]
    rig.devices.delete('probe1')
    await rig.broker.devicesChanged()
    await closed(gone)
    await eventually(() => rig.broker.connected() === 1)
    expect(stays.connected).toBe(true)
  })
})
