/** MQTT over TLS: what is accepted, whom a device's certificate names, and certificates that change while it runs. */
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type SecureVersion, type TLSSocket } from 'node:tls'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { topicOf } from '../../../broker/contract/topics.ts'
import type { Log } from '../../../broker/log.ts'
import { startBroker } from '../../../broker/server.ts'
import { makeAuthority, type Authority, type Certificate } from '../../support/certificates.ts'
import { requireProgram } from '../../support/require.ts'
import { connect as connectPacket } from '../conformance/packets.ts'
import { eventually, PEPPER, secretOf, silent, startBrokerRig, type BrokerRig } from '../rig.ts'

const telemetry = topicOf('coop', 'probe1', 'telemetry')

requireProgram('openssl', 'apt-get install openssl')('MQTT over TLS', () => {
  let folder: string
  let authority: Authority
  let first: Certificate
  let second: Certificate
  let rig: BrokerRig
  let clients: MqttClient[]
  let said: string[]
  const live = () => ({ cert: join(folder, 'live.pem'), key: join(folder, 'live-key.pem') })
  const log: Log = {
    ...silent,
    info: (_fields, text) => void said.push(text),
    error: (_fields, text) => void said.push(text),
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tilth-tls-'))
    authority = makeAuthority(folder)
    first = authority.issue('tilth', 'first')
    second = authority.issue('tilth', 'second')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Puts a certificate where the broker reads it. */
  function place({ cert, key }: Certificate): void {
    copyFileSync(cert, live().cert)
    copyFileSync(key, live().key)
  }

  async function start(clientCa: string | null = null): Promise<void> {
    place(first)
    rig = await startBrokerRig({ log, tls: { host: '127.0.0.1', port: 0, files: { ...live(), clientCa } } })
    rig.register('coop', 'probe1')
    rig.register('coop', 'probe2')
  }
  beforeEach(() => {
    clients = []
    said = []
  })
  afterEach(async () => {
    for (const client of clients) client.end(true)
    await rig.stop()
  })

  async function device(id: string, more: IClientOptions = {}): Promise<MqttClient> {
    const client = mqtt.connect(`mqtts://127.0.0.1:${rig.broker.tlsPort}`, {
      protocolVersion: 4,
      clientId: id,
      username: id,
      password: secretOf(id),
      ca: readFileSync(authority.ca),
      reconnectPeriod: 0,
      ...more,
    })
    clients.push(client)
    // a server that hangs up after the handshake is no error to it
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve())
      client.on('error', reject)
      client.once('close', () => reject(new Error('closed before CONNACK')))
    })
    return client
  }
  const showing = ({ cert, key }: Certificate): IClientOptions => ({
    cert: readFileSync(cert),
    key: readFileSync(key),
  })

  /** The serial number that a new connection is shown. */
  async function serialShown(): Promise<string> {
    const socket = await handshake({})
    const serial = socket.getPeerCertificate().serialNumber
    socket.destroy()
    return serial
  }
  async function handshake(more: {
    minVersion?: SecureVersion
    maxVersion?: SecureVersion
    ciphers?: string
  }) {
    const port = rig.broker.tlsPort!
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: readFileSync(authority.ca), ...more })
    await once(socket, 'secureConnect')
    return socket
  }

  describe('versions', () => {
    beforeEach(() => start())

    it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is supported (B5)', async (version) => {
      const socket = await handshake({ minVersion: version, maxVersion: version })
      expect(socket.getProtocol()).toBe(version)
      socket.write(connectPacket())
      const [connack] = (await once(socket, 'data')) as [Buffer]
      expect([...connack]).toEqual([0x20, 2, 0, 0])
      socket.destroy()
    })

    it.each(['TLSv1', 'TLSv1.1'] as const)(
      '%s is rejected, by the server and not by the client (B5)',
      async (old) => {
        // SECLEVEL=0: the client itself would no longer offer it
        const offered = { minVersion: old, maxVersion: old, ciphers: 'DEFAULT@SECLEVEL=0' } as const
        await expect(handshake(offered)).rejects.toThrow(/alert protocol version/i)
        await eventually(() => rig.broker.counters().tlsFailed === 1)
      },
    )

    it('input that is no TLS is closed, and counted', async () => {
      const socket = connectPlain(rig.broker.tlsPort!, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(connectPacket())
      await once(socket.resume(), 'close')
      expect(rig.broker.counters()).toMatchObject({ tlsFailed: 1, connectsAccepted: 0 })
    })

    it('a connection that sends nothing is closed', async () => {
      const socket = connectPlain(rig.broker.tlsPort!, '127.0.0.1')
      socket.on('error', () => {})
      await once(socket.resume(), 'close')
      await eventually(() => rig.broker.waiting() === 0)
    })

    it('a device without a certificate connects with its secret alone, and not with a wrong one', async () => {
      const probe = await device('probe1')
      await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
      expect(rig.journal.head()).toBe(1)
      await expect(device('probe2', { password: 'guess' })).rejects.toThrow(/Not authorized/)
    })
  })

  describe('with an authority for clients', () => {
    beforeEach(() => start(authority.ca))

    it('a device presents a certificate with its id, and its secret (B5)', async () => {
      const probe = await device('probe1', showing(authority.issue('probe1')))
      await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
      expect(rig.journal.head()).toBe(1)
    })

    it('without a certificate no client connects, even with a valid secret (B5)', async () => {
      await expect(device('probe1')).rejects.toThrow()
      await eventually(() => rig.broker.counters().tlsFailed === 1)
      expect(rig.broker.counters().connectsAccepted).toBe(0)
    })

    it('a certificate of another authority is rejected, even with our name', async () => {
      const stranger = makeAuthority(mkdtempSync(join(folder, 'stranger-')))
      await expect(device('probe1', showing(stranger.issue('probe1')))).rejects.toThrow()
      await eventually(() => rig.broker.counters().tlsFailed === 1)
    })

    it.each([
      ["another device's certificate", 'probe2', {}],
      ['a certificate with an unknown name', 'tractor', {}],
      ['the right certificate and a wrong secret', 'probe1', { password: 'guess' }],
    ])('%s is refused at CONNECT', async (_what, name, more) => {
      await expect(device('probe1', { ...showing(authority.issue(name)), ...more })).rejects.toThrow(
        /Not authorized/,
      )
      expect(rig.broker.counters()).toMatchObject({ signInsFailed: 1, connectsAccepted: 0 })
    })
  })

  it('an authority for clients that is replaced on the disk applies to new connections', async () => {
    const ca = join(folder, 'live-ca.pem')
    copyFileSync(authority.ca, ca)
    await start(ca)
    const other = makeAuthority(mkdtempSync(join(folder, 'other-')), 'the next authority')
    const [own, next] = [showing(authority.issue('probe1')), showing(other.issue('probe1'))]
    const probe = await device('probe1', own)
    await expect(device('probe1', next)).rejects.toThrow()
    copyFileSync(other.ca, ca)
    rig.broker.reloadCertificates()
    await expect(device('probe1', own)).rejects.toThrow()
    expect(probe.connected).toBe(true)
    expect((await device('probe1', next)).connected).toBe(true)
  })

  describe('a certificate that changes', () => {
    beforeEach(() => start())

    it('is presented to new connections; an open one stays unchanged', async () => {
      const probe = await device('probe1')
      const before = await serialShown()
      place(second)
      rig.broker.reloadCertificates()
      expect(await serialShown()).not.toBe(before)
      await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
      expect(probe.connected).toBe(true)
      expect(rig.journal.head()).toBe(1)
      expect(said).toContain('TLS certificate reloaded')
    })

    it('is detected on the disk without a signal', async () => {
      const before = await serialShown()
      place(second)
      // a copy within one tick of the clock would have the same time
      utimesSync(live().cert, 1, 1)
      await eventually(() => said.includes('TLS certificate reloaded'), 8_000)
      expect(await serialShown()).not.toBe(before)
    })

    it('and is unreadable for a moment ends nothing; when it is readable, it applies', async () => {
      const before = await serialShown()
      rmSync(live().cert)
      symlinkSync(live().cert, live().cert) // a link that leads to itself: ELOOP
      await eventually(
        () => said.includes('the new TLS certificate is unusable; the present one stays'),
        8_000,
      )
      expect(await serialShown()).toBe(before)
      rmSync(live().cert)
      place(second)
      await eventually(() => said.includes('TLS certificate reloaded'), 8_000)
      expect(await serialShown()).not.toBe(before)
    })

    it.each([
      ['is not one', () => writeFileSync(live().cert, 'not a certificate\n')],
      ['has no end', () => writeFileSync(live().cert, readFileSync(second.cert).subarray(0, 300))],
      ['belongs to another key', () => copyFileSync(second.cert, live().cert)],
      ['is missing', () => rmSync(live().cert)],
    ])('and %s is logged, and the previous one stays', async (_what, spoil) => {
      const probe = await device('probe1')
      const before = await serialShown()
      spoil()
      rig.broker.reloadCertificates()
      expect(said).toContain('the new TLS certificate is unusable; the present one stays')
      expect(await serialShown()).toBe(before)
      await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
      place(second) // and a corrected one takes effect
      rig.broker.reloadCertificates()
      expect(await serialShown()).not.toBe(before)
    })
  })

  it('that cannot start names the settings to check', async () => {
    await start()
    writeFileSync(live().key, 'no key\n')
    const starting = startBroker({
      host: '127.0.0.1',
      port: 0,
      findDevice: async () => null,
      pepper: PEPPER,
      journal: rig.journal,
      clock: { now: () => 0, at: () => () => {} },
      log: silent,
      tls: { host: '127.0.0.1', port: 0, files: { ...live(), clientCa: null } },
    })
    await expect(starting).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
    await expect(starting).rejects.toThrow(/MQTT_TLS_CERT/)
  })
})
