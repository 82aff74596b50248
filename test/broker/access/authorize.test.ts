import { describe, expect, it } from 'vitest'
import { authenticate, hashSecret, isSecret, newSecret } from '../../../broker/access/authenticate.ts'
import {
  mayBeRetained,
  mayReceive,
  mayLeaveWill,
  mayPublish,
  maySubscribe,
  type Party,
} from '../../../broker/access/authorize.ts'
import { delivery, deviceKinds, serverKinds, topicOf } from '../../../broker/contract/topics.ts'

const probe: Party = { kind: 'device', org: 'coop', device: 'probe1' }
const service: Party = { kind: 'service' }
const own = (kind: Parameters<typeof topicOf>[2]) => topicOf('coop', 'probe1', kind)

describe('publish permissions of a device', () => {
  it.each(deviceKinds)('its own %s, with the QoS and retain of the contract and no other', (kind) => {
    const { qos, retain } = delivery[kind]
    const topic = own(kind)
    expect(mayPublish(probe, { topic, qos, retain })).toEqual({ ok: true, value: kind })
    expect(mayPublish(probe, { topic, qos: 1 - qos, retain }).ok).toBe(false)
    expect(mayPublish(probe, { topic, qos: 2, retain }).ok).toBe(false)
    expect(mayPublish(probe, { topic, qos, retain: !retain }).ok).toBe(false)
  })

  it.each([
    ...serverKinds.map(own),
    'tilth/v1/coop/probe2/telemetry',
    'tilth/v1/other/probe1/telemetry',
    'tilth/v1/coop/probe1/telemetry/more',
    'tilth/v1/coop/probe1/Telemetry',
    '/tilth/v1/coop/probe1/telemetry',
    'tilth/v2/coop/probe1/telemetry',
    'tilth/internal/coop/event',
    '$SYS/broker/uptime',
    '',
  ])('not %s', (topic) => {
    for (const qos of [0, 1, 2])
      for (const retain of [true, false]) expect(mayPublish(probe, { topic, qos, retain }).ok).toBe(false)
  })

  it('its will may be its own online topic, nothing else', () => {
    expect(mayLeaveWill(probe, { topic: own('online'), qos: 1, retain: true }).ok).toBe(true)
    expect(mayLeaveWill(probe, { topic: own('online'), qos: 2, retain: true }).ok).toBe(false)
    expect(mayLeaveWill(probe, { topic: own('telemetry'), qos: 1, retain: false }).ok).toBe(false)
    expect(mayLeaveWill(probe, { topic: 'tilth/v1/coop/probe2/online', qos: 1, retain: true }).ok).toBe(false)
  })
})

describe('subscriptions of a device', () => {
  it.each(serverKinds)('its own %s', (kind) => {
    expect(maySubscribe(probe, own(kind)).ok).toBe(true)
    expect(mayReceive(probe, own(kind))).toBe(true)
  })
  it.each([
    '#',
    '+/#',
    'tilth/#',
    'tilth/v1/coop/probe1/#',
    'tilth/v1/coop/probe1/+',
    'tilth/v1/coop/+/command',
    'tilth/v1/coop/probe2/command',
    'tilth/v1/other/probe1/command',
    `$share/all/${own('command')}`,
    '$SYS/#',
    'tilth/internal/+/event',
    own('telemetry'),
  ])('not %s', (filter) => {
    expect(maySubscribe(probe, filter).ok).toBe(false)
    expect(mayReceive(probe, filter)).toBe(false)
  })
})

describe("the server's own services", () => {
  it('publish and receive everything under tilth/, and nothing else', () => {
    expect(mayPublish(service, { topic: own('command'), qos: 1, retain: false }).ok).toBe(true)
    expect(mayPublish(service, { topic: 'tilth/internal/coop/event', qos: 0, retain: false }).ok).toBe(true)
    expect(maySubscribe(service, 'tilth/v1/+/+/ack').ok).toBe(true)
    for (const filter of ['#', '$SYS/#', '$share/g/tilth/#', 'other/topic'])
      expect(maySubscribe(service, filter).ok).toBe(false)
    expect(mayPublish(service, { topic: 'other/topic', qos: 0, retain: false }).ok).toBe(false)
  })
  it('can never leave a retained command or lease behind (contract, I12)', () => {
    expect(mayBeRetained(own('command'))).toBe(false)
    expect(mayBeRetained(own('lease'))).toBe(false)
    expect(mayBeRetained(own('config'))).toBe(true)
  })
})

describe('the identity of a device', () => {
  const known = { id: 'probe1', org: 'coop', secretHashes: [hashSecret('new', 'p'), hashSecret('old', 'p')] }
  const ask = (clientId: string, userName: string | undefined, secret: string | undefined) =>
    authenticate(
      { clientId, userName, password: secret === undefined ? undefined : Buffer.from(secret) },
      {
        findDevice: async (id) => (id === 'probe1' ? known : null),
        serviceSecretHashes: [hashSecret('of services', 'p')],
        pepper: 'p',
      },
    )

  it('client id and user name are its id, its organisation comes from the credential', async () => {
    expect(await ask('probe1', 'probe1', 'new')).toEqual({
      ok: true,
      value: { party: probe, secretHash: hashSecret('new', 'p'), isController: false },
    })
  })
  it('both secrets are valid during a rotation', async () => {
    expect(await ask('probe1', 'probe1', 'old')).toMatchObject({
      value: { secretHash: hashSecret('old', 'p') },
    })
    expect((await ask('probe1', 'probe1', 'older')).ok).toBe(false)
  })
  it.each([
    ['probe2', 'probe2', 'new'],
    ['probe1', 'probe2', 'new'],
    ['probe2', 'probe1', 'new'],
    ['probe1', undefined, 'new'],
    ['probe1', 'probe1', undefined],
    ['probe1', 'probe1', ''],
    ['service:ingest', 'service:ingest', 'new'],
    ['probe1', 'service:ingest', 'of services'],
  ])('%s as %s with %s is refused', async (clientId, userName, secret) => {
    expect((await ask(clientId, userName, secret)).ok).toBe(false)
  })
  it('a service of another process authenticates with its own secret', async () => {
    expect(await ask('service:plan', 'service:plan', 'of services')).toMatchObject({
      ok: true,
      value: { party: service },
    })
  })
  it('a secret has 256 bit, and its hash reveals nothing without the pepper (B3)', () => {
    const secret = newSecret()
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    expect(newSecret()).not.toBe(secret)
    const hash = hashSecret(secret, 'pepper')
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(isSecret(secret, [hash], 'pepper')).toBe(true)
    expect(isSecret(secret, [hash], 'salt')).toBe(false)
    expect(isSecret(secret, [], 'pepper')).toBe(false)
    expect(isSecret(secret, ['not a hash'], 'pepper')).toBe(false)
  })
  it('the hash is HMAC-SHA-256 (RFC 4231, test case 2)', () => {
    expect(hashSecret('what do ya want for nothing?', 'Jefe')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })
})
