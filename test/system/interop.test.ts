/**
 * Third-party clients against a complete Tilth with real accounts: Debian's mosquitto over TCP and TLS (its release
 * 2.0 has no WebSocket), mqtt.js in 3.1.1 mode over TCP, TLS, WebSocket and wss.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type Server } from 'node:tls'
import mqtt, { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_PAYLOAD_BYTES } from '../../broker/contract/messages.ts'
import { delivery, topicOf, type Kind } from '../../broker/contract/topics.ts'
import { makeAuthority } from '../support/certificates.ts'
import { requireProgram, type Describe } from '../support/require.ts'
import { eventually, setUpFarm, type Farm } from './farm.ts'
import { mosquitto, mqttJs, type Message, type Speaker, type Way } from './interop-speakers.ts'

const needsMosquitto = requireProgram('mosquitto_rr', 'apt-get install mosquitto-clients')
const needsNothing: Describe = (title, suite) => void describe(title, suite)

type Road = 'TCP' | 'TLS' | 'WebSocket' | 'wss'
const ways: [family: string, make: (connection: Way) => Speaker, road: Road, needs: Describe][] = [
  ['mosquitto', mosquitto, 'TCP', needsMosquitto],
  ['mosquitto', mosquitto, 'TLS', needsMosquitto],
  ['mqtt.js', mqttJs, 'TCP', needsNothing],
  ['mqtt.js', mqttJs, 'TLS', needsNothing],
  ['mqtt.js', mqttJs, 'WebSocket', needsNothing],
  ['mqtt.js', mqttJs, 'wss', needsNothing],
]

let folder: string
let farm: Farm
let front: Server
let ca: string
/** a client with the server's account, in addition to the real services */
let server: MqttClient
const received: Message[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tilth-interop-'))
  const authority = makeAuthority(folder)
  ca = authority.ca
  const { cert, key } = authority.issue('tilth')
  farm = await setUpFarm({
    MQTT_TLS_CERT: cert,
    MQTT_TLS_KEY: key,
    MQTTS_PORT: '0',
    MQTTS_HOST: '127.0.0.1',
    // all wrong secrets of this test come from one address
    MQTT_LIMITS: 'first-delay=1,longest-delay=1',
  })
  front = tlsFront({ cert, key }, farm.tilth.port)
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  server = await program()
  server.on('message', (topic, payload, { qos, retain }) =>
    received.push({ topic, payload: payload.toString(), qos, retain }),
  )
  await server.subscribeAsync('tilth/v1/+/+/+', { qos: 1 })
})
afterAll(async () => {
  server?.end(true)
  await new Promise((resolve) => (front ? front.close(resolve) : resolve(null)))
  await farm?.stop()
  rmSync(folder, { recursive: true, force: true })
})

for (const [family, make, road, needs] of ways)
  needs(`${family} over ${road}`, () => {
    let id: string
    let device: Speaker
    const as = (changes: Partial<Way>) => make({ ...wayOf(road), ...account, ...changes })
    let account: { id: string; secret: string }
    const message = (kind: Kind, payload: string): Message => ({
      topic: topicOf(farm.org, id, kind),
      payload,
      ...delivery[kind],
    })
    const tilthHears = ({ topic, payload }: Message) =>
      eventually(async () =>
        received.find((message) => message.topic === topic && message.payload === payload),
      )

    beforeAll(async () => {
      id = `dev-${family}-${road}`.replace('.', '').toLowerCase()
      account = await farm.post('/api/devices', { id, name: id, kind: 'controller', fieldId: farm.fieldId })
      device = as({})
    })

    it('a reading with QoS 1 is acknowledged, and stored', async () => {
      const reading =
        '{"v":1,"n":1,"boot":1,"monoMs":5000,"measurements":[{"soil":{"depth":30,"moisture":21.4}}]}'
      expect(await device.publish(message('telemetry', reading))).toBeNull()
      expect(await storedOf(id)).toEqual([21.4])
    })

    it('a heartbeat with QoS 0 arrives', async () => {
      const heartbeat = message('heartbeat', '{"sess":"b1.c1","n":1,"monoMs":70000}')
      expect(await device.publish(heartbeat)).toBeNull()
      expect(await tilthHears(heartbeat)).toMatchObject({ qos: 0, retain: false })
    })

    it('its online message and its state are retained for a program that starts later', async () => {
      const retained = [message('online', '{"on":1,"sess":"b1.c1"}'), message('state', stateOf(id))]
      for (const message of retained) expect(await device.publish(message)).toBeNull()
      const later = await program()
      const delivered: Message[] = []
      later.on('message', (topic, payload, { qos, retain }) =>
        delivered.push({ topic, payload: payload.toString(), qos, retain }),
      )
      await later.subscribeAsync(`tilth/v1/${farm.org}/${id}/+`, { qos: 1 })
      // its configuration from Tilth is retained too, and may arrive between the two
      const isDelivered = ({ topic }: Message) => delivered.some((message) => message.topic === topic)
      await eventually(async () => retained.every(isDelivered) || null)
      later.end(true)
      expect(delivered).toEqual(expect.arrayContaining(retained))
    })

    it('receives the retained configuration, then commands; its will fires when it vanishes', async () => {
      const config = message(
        'config',
        `{"v":1,"version":${900 + ways.findIndex(([, , wayRoad]) => wayRoad === road)}}`,
      )
      // Tilth's own configuration for a new device comes first, so that ours is the retained one
      await eventually(async () => received.find(({ topic }) => topic === config.topic))
      await server.publishAsync(config.topic, config.payload, { qos: 1, retain: true })
      const will = message('online', `{"on":0,"sess":"${id}"}`)
      const listener = await device.listen([topicOf(farm.org, id, 'command'), config.topic], will)
      await eventually(async () => listener.received.length === 1 || null)
      const command = message('command', '{"op":"a word with a space and kome 米"}')
      await server.publishAsync(command.topic, command.payload, { qos: 1 })
      await eventually(async () => listener.received.length === 2 || null)
      expect(listener.received).toEqual([config, command])
      await listener.vanish()
      expect(await tilthHears(will)).toMatchObject({ qos: 1 })
    })

    it('publishes a request and receives the response: a heartbeat, and its lease', async () => {
      const heartbeat = message('heartbeat', '{"sess":"b1.c1","n":2,"monoMs":80000}')
      const leaseText = '{"sess":"b1.c1","n":2,"mac":"00112233445566778899aabbccddeeff"}'
      const onHeartbeat = (topic: string, payload: Buffer) => {
        if (topic === heartbeat.topic && payload.toString() === heartbeat.payload)
          server.publish(topicOf(farm.org, id, 'lease'), leaseText, { qos: 0 })
      }
      server.on('message', onHeartbeat)
      expect(await device.ask(heartbeat, topicOf(farm.org, id, 'lease'))).toBe(leaseText)
      server.off('message', onHeartbeat)
    })

    it('a wrong secret, no secret and the secret of another device are rejected as "not authorised"', async () => {
      const reading = message('telemetry', '{}')
      for (const secret of ['guess', '', farm.controller.secret])
        expect(await as({ secret }).publish(reading)).toMatch(/not authori[sz]ed/i)
    })

    it('QoS 2 is rejected: the connection is closed, and nothing is stored', async () => {
      const storedBefore = await storedOf(id)
      const reading =
        '{"v":1,"n":2,"boot":1,"monoMs":6000,"measurements":[{"soil":{"depth":30,"moisture":30}}]}'
      expect(await device.publish({ ...message('telemetry', reading), qos: 2 })).toMatch(/lost|close/i)
      expect(await storedOf(id)).toEqual(storedBefore)
    })

    it("another device's topic is refused, for publishing and for subscribing", async () => {
      const topic = topicOf(farm.org, farm.controller.id, 'telemetry')
      const reading =
        '{"v":1,"n":9,"boot":1,"monoMs":6000,"measurements":[{"soil":{"depth":30,"moisture":31}}]}'
      expect(await device.publish({ topic, payload: reading, ...delivery.telemetry })).toMatch(/lost|close/i)
      expect(await storedOf(farm.controller.id)).toEqual([])
      for (const filter of ['#', topicOf(farm.org, farm.controller.id, 'command')])
        await expect(device.listen([filter])).rejects.toThrow()
    })

    it('a message of 10 MB is refused before it is read, and kept as a dead letter without its payload', async () => {
      const { packetsOversize } = farm.tilth.broker!.counters()
      const error = await device.publish(message('telemetry', 'x'.repeat(10_000_000)))
      expect(error).toMatch(/lost|close|reset|EPIPE|error/i)
      expect(farm.tilth.broker!.counters().packetsOversize).toBe(packetsOversize + 1)
    })

    it('a payload just over the limit is acknowledged, so that it does not come again for ever, and not stored', async () => {
      const storedBefore = await storedOf(id)
      expect(await device.publish(message('telemetry', 'x'.repeat(MAX_PAYLOAD_BYTES + 1)))).toBeNull()
      expect(await storedOf(id)).toEqual(storedBefore)
    })
  })

it('a client of MQTT 5 is rejected: the version is not supported', async () => {
  const { id, secret } = farm.controller
  const request = {
    protocolVersion: 5,
    clientId: id,
    username: id,
    password: secret,
    reconnectPeriod: 0,
  } as const
  await expect(mqtt.connectAsync(wayOf('TCP').url, request)).rejects.toThrow(/protocol version/i)
})

/** Over TCP, TLS and WebSocket as Tilth opens them; wss through a proxy that ends TLS, as in docs/broker.md. */
function wayOf(road: Road): Pick<Way, 'url' | 'ca'> {
  const { mqttPort, mqttTlsPort, port } = farm.tilth
  const frontPort = (front.address() as AddressInfo).port
  switch (road) {
    case 'TCP':
      return { url: `mqtt://127.0.0.1:${mqttPort}`, ca: null }
    case 'TLS':
      return { url: `mqtts://127.0.0.1:${mqttTlsPort}`, ca }
    case 'WebSocket':
      return { url: `ws://127.0.0.1:${port}/mqtt`, ca: null }
    case 'wss':
      return { url: `wss://127.0.0.1:${frontPort}/mqtt`, ca }
  }
}

function tlsFront({ cert, key }: { cert: string; key: string }, port: number): Server {
  return createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (socket) => {
    const upstream = connect(port, '127.0.0.1')
    for (const end of [socket, upstream]) end.on('error', () => {})
    socket.pipe(upstream).pipe(socket)
    socket.once('close', () => upstream.destroy())
    upstream.once('close', () => socket.destroy())
  })
}

function program(): Promise<MqttClient> {
  const client = new MqttClient(() => farm.tilth.broker!.openInternal() as never, {
    protocolVersion: 4,
    keepalive: 0,
    reconnectPeriod: 0,
  })
  return new Promise((resolve) => client.once('connect', () => resolve(client)))
}

/** The stored soil moisture of a device, % vol, after all published messages are stored. */
async function storedOf(device: string): Promise<(number | null)[]> {
  await farm.tilth.settled()
  const nowMs = farm.tilth.clock.now()
  const columns = await farm.tilth.series.range({
    org: farm.org,
    device,
    quantity: 'soil.moisture',
    fromMs: nowMs - 3_600_000,
    toMs: nowMs + 3_600_000,
  })
  return columns.flatMap(({ value }) => value)
}

const stateOf = (id: string): string =>
  `{"v":1,"sess":"b1.c1","sv":1,"monoMs":70000,"last":{"V1":0},"valves":[{"id":"V1","pos":"closed","fb":null,"seq":0,"ranMs":0,"why":"boot"}],"jr":[],"capMs":7200000,"fw":"${id}","utcOk":true}`
