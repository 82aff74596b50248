import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectSocket, type AddressInfo } from 'node:net'
import mqtt from 'mqtt'
import { generate } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashSecret } from '../../broker/access/authenticate.ts'
import { delivery, topicOf } from '../../broker/contract/topics.ts'
import { startBroker } from '../../broker/server.ts'
import { closed, eventually, PEPPER, secretOf, silent, startBrokerRig, type BrokerRig } from './rig.ts'

const telemetry = topicOf('coop', 'probe1', 'telemetry')
const online = topicOf('coop', 'probe1', 'online')
const command = topicOf('coop', 'probe1', 'command')

describe('the broker', () => {
  let rig: BrokerRig
  beforeEach(async () => {
    rig = await startBrokerRig()
    rig.register('coop', 'probe1')
    rig.register('coop', 'probe2')
  })
  afterEach(() => rig.stop())

  const service = () =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${rig.broker.port}`, {
      clientId: 'service:test',
      username: 'service:test',
      password: 'service secret',
      reconnectPeriod: 0,
    })

  it('acknowledges telemetry when it is in the journal', async () => {
    const probe = await rig.connect('probe1')
    await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
    expect(rig.journal.read(0, 10)).toMatchObject([{ seq: 1, org: 'coop', device: 'probe1' }])
    await eventually(() => rig.broker.traffic().received === 1) // counted when all have been handed it
    expect(rig.broker.traffic()).toEqual({ received: 1, forwarded: 0 })
  })

  it('does not acknowledge a message that the journal cannot store, and lets the device retry elsewhere', async () => {
    const probe = await rig.connect('probe1')
    void rig.journal.close()
    let isAcknowledged = false
    probe.publish(telemetry, '{"v":1}', { qos: 1 }, (error) => void (isAcknowledged = !error))
    await closed(probe)
    expect(isAcknowledged).toBe(false)
    expect(rig.broker.counters().notAcknowledged).toBe(1)
  })

  it.each([
    ['a wrong secret', { password: 'guess' }],
    ['an unknown device', { clientId: 'probe9', username: 'probe9' }],
    ['the secret of another device', { password: secretOf('probe2') }],
    ['a client id that is not the user name', { clientId: 'probe2' }],
    ['a keepalive over 300 s', { keepalive: 301 }],
    ['no keepalive', { keepalive: 0 }],
    [
      "a will on another's topic",
      {
        will: {
          topic: topicOf('coop', 'probe2', 'online'),
          payload: Buffer.from('{}'),
          qos: 1,
          retain: true,
        },
      },
    ],
    ['MQTT 5', { protocolVersion: 5 }],
    ['MQTT 3.1', { protocolVersion: 3, protocolId: 'MQIsdp' }],
  ] as const)('refuses %s', async (_what, options) => {
    await expect(rig.connect('probe1', options as never)).rejects.toThrow(
      /refused|Unacceptable|Identifier|Not authorized/i,
    )
    expect(rig.broker.connected()).toBe(0)
  })

  it.each([
    ['another organisation', topicOf('other', 'probe1', 'telemetry'), 1, false],
    ['another device', topicOf('coop', 'probe2', 'telemetry'), 1, false],
    ['a command', command, 1, false],
    ["the services' own topics", 'tilth/internal/coop/request', 1, false],
    ['retained telemetry', telemetry, 1, true],
    ['telemetry without acknowledgement', telemetry, 0, false],
    ['QoS 2', telemetry, 2, false],
  ] as const)(
    'closes the connection of a device that publishes %s, and stores nothing',
    async (_what, topic, qos, retain) => {
      const probe = await rig.connect('probe1')
      probe.publish(topic, '{}', { qos, retain }, () => {})
      await closed(probe)
      expect(rig.journal.head()).toBe(0)
      expect(rig.broker.counters().publishesRefused).toBe(1)
    },
  )

  it('grants a device its own topics and returns 0x80 for all others', async () => {
    const probe = await rig.connect('probe1')
    for (const kind of ['command', 'lease', 'config'] as const)
      await probe.subscribeAsync(topicOf('coop', 'probe1', kind), { qos: 1 })
    for (const filter of [
      '#',
      'tilth/#',
      topicOf('coop', 'probe2', 'command'),
      '$SYS/#',
      `$share/g/${command}`,
    ])
      await expect(probe.subscribeAsync(filter, { qos: 1 })).rejects.toThrow()
    expect(probe.connected).toBe(true)
    expect(rig.broker.counters().subscribesRefused).toBe(5)
  })

  it('a command marked as retained is not retained for a controller that connects later (contract, I12)', async () => {
    const server = await service()
    const first = await rig.connect('probe1')
    const heard: boolean[] = []
    first.on('message', (_topic, _payload, packet) => heard.push(packet.retain))
    await first.subscribeAsync(command, { qos: 1 })
    await server.publishAsync(command, '{"op":"open"}', { qos: 1, retain: true })
    await eventually(() => heard.length === 1)
    const second = await rig.connect('probe1') // takes the place of the first
    second.on('message', () => heard.push(true))
    await second.subscribeAsync(command, { qos: 1 })
    await server.publishAsync(topicOf('coop', 'probe1', 'config'), '{}', { qos: 1, retain: true })
    await second.subscribeAsync(topicOf('coop', 'probe1', 'config'), { qos: 1 })
    await eventually(() => heard.length === 2) // the configuration alone
    server.end(true)
  })

  it('stores the online state of devices, and publishes the will of a device that vanished', async () => {
    const server = await service()
    const heard: string[] = []
    server.on('message', (_topic, payload) => heard.push(payload.toString()))
    const will = { topic: online, payload: Buffer.from('{"on":0,"sess":"a"}'), ...delivery.online }
    const probe = await rig.connect('probe1', { will })
    await probe.publishAsync(online, '{"on":1,"sess":"a"}', delivery.online)
    await server.subscribeAsync('tilth/v1/+/+/online', { qos: 1 })
    await eventually(() => heard.length === 1)
    probe.stream.destroy()
    await eventually(() => heard.length === 2)
    expect(heard).toEqual(['{"on":1,"sess":"a"}', '{"on":0,"sess":"a"}'])
    expect(rig.broker.traffic().received).toBe(1) // the will was not said by the device
    server.end(true)
  })

  it('closes a connection that publishes 10 MB before it has read them, and stores the attempt as a dead letter', async () => {
    const probe = await rig.connect('probe1')
    await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
    probe.publish(telemetry, Buffer.alloc(10_000_000, 'x'), { qos: 1 }, () => {})
    await closed(probe)
    expect(rig.journal.deadLetters({})).toMatchObject([
      { org: 'coop', device: 'probe1', topic: telemetry, bytes: 10_000_000 + 2 + telemetry.length + 2 },
    ])
    expect(rig.broker.counters().packetsOversize).toBe(1)
    expect(rig.journal.head()).toBe(1)
  })

  it('acknowledges an empty payload and one just over 64 KiB, and stores both as dead letters', async () => {
    const probe = await rig.connect('probe1')
    await probe.publishAsync(telemetry, '', { qos: 1 })
    await probe.publishAsync(telemetry, Buffer.alloc(65_600), { qos: 1 })
    expect(rig.journal.head()).toBe(0)
    expect(
      rig.journal.deadLetters({}).map(({ reason, bytes, payload }) => [reason, bytes, payload.length]),
    ).toEqual([
      ['payload: expected a telemetry message, got nothing', 0, 0],
      ['payload: expected at most 65536 bytes, got 65600', 65_600, 65_536],
    ])
  })

  it('a payload of exactly 64 KiB is stored', async () => {
    const probe = await rig.connect('probe1')
    await probe.publishAsync(telemetry, Buffer.alloc(65_536, ' '), { qos: 1 })
    expect(rig.journal.read(0, 1)[0]!.payload).toHaveLength(65_536)
  })

  it('a device that has sent a message of the largest size continues to publish, and its leaving is published', async () => {
    const probe = await rig.connect('probe1')
    await probe.publishAsync(telemetry, Buffer.alloc(65_000, ' '), { qos: 1 })
    await Promise.all(
      Array.from({ length: 100 }, () => probe.publishAsync(telemetry, Buffer.alloc(1_000, ' '), { qos: 1 })),
    )
    await probe.endAsync() // DISCONNECT, and the broker hangs up
    expect(rig.journal.head()).toBe(101)
    await eventually(() => rig.broker.connected() === 0)
  })

  it('accepts packets that a device sends together with its CONNECT, in order', async () => {
    const socket = connectSocket(rig.broker.port, '127.0.0.1')
    const packets = [1, 2, 3].map((n) =>
      generate({
        cmd: 'publish',
        topic: telemetry,
        payload: `${n}`,
        qos: 1,
        messageId: n,
        dup: false,
        retain: false,
      }),
    )
    const hello = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'probe1',
      username: 'probe1',
      password: Buffer.from(secretOf('probe1')),
      keepalive: 60,
    })
    socket.write(Buffer.concat([hello, ...packets]))
    await eventually(() => rig.journal.head() === 3)
    expect(rig.journal.read(0, 10).map(({ payload }) => Buffer.from(payload).toString())).toEqual([
      '1',
      '2',
      '3',
    ])
    socket.destroy()
  })

  it.each([
    ['something that is not MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a PUBLISH before CONNECT', Buffer.from([0x30, 0x02, 0x00, 0x00])],
    ['a CONNECT of 256 MiB', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])],
  ])('disconnects %s', async (_what, bytes) => {
    const socket = connectSocket(rig.broker.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(bytes)
    await once(socket, 'close')
    expect(rig.journal.countDeadLetters()).toBe(0)
    const { packetsOversize, streamsMalformed } = rig.broker.counters()
    expect(packetsOversize + streamsMalformed).toBe(1)
  })

  it('closes a connection that has sent no CONNECT within 5 s', async () => {
    const socket = connectSocket(rig.broker.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(Buffer.from([0x10]))
    await once(socket, 'close')
    expect(rig.broker.connected()).toBe(0)
  })

  it('a device that leaves while it is connected does not count', async () => {
    const connectPacket = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'probe2',
      username: 'probe2',
      password: Buffer.from(secretOf('probe2')),
      keepalive: 60,
    })
    for (let i = 0; i < 20; i++) {
      const socket = connectSocket(rig.broker.port, '127.0.0.1')
      await new Promise<void>((resolve) => socket.write(connectPacket, () => resolve()))
      socket.destroy()
    }
    await rig.connect('probe1')
    await eventually(() => rig.broker.connected() === 1 && rig.broker.waiting() === 0)
  })

  it('a client without the secret cannot take over a session', async () => {
    const probe = await rig.connect('probe1')
    for (const more of [
      { password: 'guess' },
      { username: 'probe2', password: secretOf('probe2') },
      { keepalive: 0 },
      { will: { topic: command, payload: Buffer.from('x'), qos: 1, retain: false } },
    ] as const)
      await expect(rig.connect('probe1', more)).rejects.toThrow(/refused/)
    await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
    expect(probe.connected).toBe(true)
    expect(rig.broker.connected()).toBe(1)
  })

  it('closes the live connection of a device that has been revoked, and does not admit it again', async () => {
    const probe = await rig.connect('probe1')
    await eventually(() => rig.broker.connected() === 1)
    rig.devices.delete('probe1')
    void rig.broker.deviceChanged('probe1')
    await closed(probe)
    await expect(rig.connect('probe1')).rejects.toThrow(/Not authorized/)
    await rig.broker.deviceChanged('never-there')
  })

  it('supports MQTT over WebSocket on the HTTP port, with the same rules', async () => {
    const http = createServer((_request, response) => response.end('page'))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    rig.broker.attachWebSocket(http)
    const options = {
      clientId: 'probe1',
      username: 'probe1',
      password: secretOf('probe1'),
      keepalive: 60,
      reconnectPeriod: 0,
    }
    const probe = await mqtt.connectAsync(`ws://127.0.0.1:${port}/mqtt`, options)
    await probe.publishAsync(telemetry, '{"v":1}', { qos: 1 })
    expect(rig.journal.head()).toBe(1)
    probe.publish(topicOf('other', 'probe1', 'telemetry'), '{}', { qos: 1 }, () => {})
    await closed(probe)
    await expect(
      mqtt.connectAsync(`ws://127.0.0.1:${port}/mqtt`, { ...options, password: 'guess' }),
    ).rejects.toThrow()
    await expect(mqtt.connectAsync(`ws://127.0.0.1:${port}/other`, options)).rejects.toThrow()
    http.close()
    http.closeAllConnections()
  })

  it.each(['//', 'http://', '//:', '/mqtt/../x', '*'])(
    'an upgrade to %s is closed, and nothing else happens',
    async (target) => {
      const http = createServer((_request, response) => response.end('page'))
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
      const { port } = http.address() as AddressInfo
      rig.broker.attachWebSocket(http)
      const socket = connectSocket(port, '127.0.0.1')
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
      await new Promise((resolve) => socket.once('close', resolve).once('error', () => {}))
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page')
      http.close()
      http.closeAllConnections()
    },
  )

  it('reports the setting to change when a port is in use', async () => {
    const starting = startBroker({
      host: '127.0.0.1',
      port: rig.broker.port,
      findDevice: async () => null,
      pepper: PEPPER,
      journal: rig.journal,
      clock: { now: () => 0, at: () => () => {} },
      log: silent,
    })
    await expect(starting).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    await expect(starting).rejects.toThrow(/MQTT_PORT/)
  })

  it('a device store that fails causes "server unavailable", not "wrong secret"', async () => {
    const broker = await startBroker({
      host: '127.0.0.1',
      port: 0,
      findDevice: () => Promise.reject(new Error('the state store is away')),
      pepper: PEPPER,
      journal: rig.journal,
      clock: { now: () => 0, at: () => () => {} },
      log: silent,
    })
    const asking = mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
      clientId: 'probe1',
      username: 'probe1',
      password: 'x',
      keepalive: 60,
      reconnectPeriod: 0,
    })
    await expect(asking).rejects.toThrow(/Server unavailable/)
    await broker.stop()
  })

  it('during a rotation the old secret is valid in addition to the new one', async () => {
    rig.devices.set('probe1', {
      id: 'probe1',
      org: 'coop',
      secretHashes: [hashSecret('new secret', PEPPER), hashSecret(secretOf('probe1'), PEPPER)],
    })
    const old = await rig.connect('probe1')
    expect(old.connected).toBe(true)
    const renewed = await rig.connect('probe1', { password: 'new secret' })
    expect(renewed.connected).toBe(true)
    await closed(old) // one connection a device [MQTT-3.1.4-2]
  })
})
