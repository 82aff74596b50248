/** MQTT over WebSocket (MQTT 3.1.1, chapter 6), as frames: what may be one frame, and what ends the connection. */
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { networkInterfaces } from 'node:os'
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { WebSocketOptions } from '../../../broker/net/web-socket.ts'
import { connack, connect, pingreq, pingresp, puback, publish } from '../conformance/packets.ts'
import { eventually, startBrokerRig, type BrokerRig } from '../rig.ts'

const telemetry = 'tilth/v1/coop/probe1/telemetry'
const said = publish(telemetry, '{"v":1}', { qos: 1, id: 7 })

describe('MQTT over WebSocket', () => {
  let rig: BrokerRig
  let http: Server
  const sockets: WebSocket[] = []
  beforeEach(async () => {
    rig = await startBrokerRig()
    rig.register('coop', 'probe1')
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate()
    http.close()
    http.closeAllConnections()
    await rig.stop()
  })

  async function serve(options: WebSocketOptions = {}, host = '127.0.0.1'): Promise<void> {
    http = createServer((_request, response) => response.end('page'))
    rig.broker.attachWebSocket(http, options)
    await once(http.listen(0, host), 'listening')
  }
  const track = (socket: WebSocket): WebSocket => {
    sockets.push(socket)
    return socket
  }
  const port = () => (http.address() as AddressInfo).port

  /** What has come, as one stream of bytes: frames are no packets. */
  async function open(protocols: string[] = ['mqtt']) {
    const socket = new WebSocket(`ws://127.0.0.1:${port()}/mqtt`, protocols)
    sockets.push(socket)
    let came = Buffer.alloc(0)
    let areBinary = true
    let isClosed = false
    socket.on('error', () => {})
    socket.on('close', () => void (isClosed = true))
    socket.on('message', (data: Buffer, isBinary) => {
      came = Buffer.concat([came, data])
      areBinary &&= isBinary
    })
    await once(socket, 'open')
    return { socket, came: () => came, areBinary: () => areBinary, isClosed: () => isClosed }
  }
  const hears = (client: Awaited<ReturnType<typeof open>>, ...packets: Buffer[]) =>
    eventually(() => client.came().equals(Buffer.concat(packets)))

  /** The answer to an upgrade that is refused. */
  async function refusal(headers: Record<string, string>, host = '127.0.0.1'): Promise<number> {
    const asked = request({
      host,
      port: port(),
      path: '/mqtt',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    })
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode!
  }

  it('a packet may arrive in parts, one byte per frame, and several in one frame [MQTT-6.0.0-2]', async () => {
    await serve()
    const client = await open()
    for (const byte of connect()) client.socket.send(Buffer.from([byte]))
    await hears(client, connack(0))
    client.socket.send(Buffer.concat([said, pingreq.subarray(0, 1)]))
    await hears(client, connack(0), puback(7))
    client.socket.send(Buffer.concat([pingreq.subarray(1), pingreq]))
    await hears(client, connack(0), puback(7), pingresp, pingresp)
    expect(rig.journal.head()).toBe(1)
    expect(client.areBinary()).toBe(true) // [MQTT-6.0.0-1]
  })

  it('a frame that is not binary ends the connection [MQTT-6.0.0-1]', async () => {
    await serve()
    const client = await open()
    client.socket.send(connect())
    await hears(client, connack(0))
    client.socket.send('text')
    await eventually(client.isClosed)
    await eventually(() => rig.broker.connected() === 0)
  })

  it('the subprotocol is mqtt, at any position among the offered ones [MQTT-6.0.0-3, MQTT-6.0.0-4]', async () => {
    await serve()
    for (const protocols of [['mqtt'], ['chat', 'mqtt'], ['mqttv3.1', 'mqtt', 'chat']])
      expect((await open(protocols)).socket.protocol).toBe('mqtt')
    expect(await refusal({})).toBe(400)
    expect(await refusal({ 'sec-websocket-protocol': 'mqttv3.1' })).toBe(400)
  })

  it.each([
    ['a frame that is larger than two packets may be', Buffer.alloc(300_000)],
    ['bytes that are no MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a CONNECT of 256 MiB', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])],
  ])('%s ends the connection, and nothing else', async (_what, bytes) => {
    await serve()
    const [client, beside] = [await open(), await open()]
    beside.socket.send(connect())
    await hears(beside, connack(0))
    client.socket.send(bytes)
    await eventually(client.isClosed)
    beside.socket.send(pingreq)
    await hears(beside, connack(0), pingresp)
  })

  it('an aborted connection frees its place', async () => {
    await serve()
    const client = await open()
    expect(rig.broker.waiting()).toBe(1)
    client.socket.terminate()
    await eventually(() => rig.broker.waiting() === 0)
  })

  // what nobody listens for ends the process: here vitest reports it as an unhandled error
  it.each([
    ['400', '', {}],
    ['403', 'sec-websocket-protocol: mqtt\r\nx-forwarded-for: 203.0.113.5\r\n', { fromAnywhere: false }],
  ] as const)(
    'a client that resets the connection before the response %s ends nothing',
    async (_status, more, who) => {
      await serve({ ...who, trustedProxy: ['127.0.0.1'] })
      const stranger = connectTcp(port(), '127.0.0.1').on('error', () => {})
      const lines = ['GET /mqtt HTTP/1.1', 'host: x', 'connection: Upgrade', 'upgrade: websocket', more]
      stranger.write(`${lines.join('\r\n')}\r\n`)
      const hadError = await new Promise<boolean>((resolve) =>
        http.once('upgrade', (_request, socket: Socket) => {
          socket.once('close', resolve)
          stranger.resetAndDestroy()
        }),
      )
      expect(hadError).toBe(true) // the reset was felt
      expect((await open()).socket.protocol).toBe('mqtt')
    },
  )

  it('the script of another site is refused; its own page, a configured one and a device are not', async () => {
    await serve({ ownOrigins: ['https://tilth.example.org'] })
    const upgrade = (origin: string) => refusal({ 'sec-websocket-protocol': 'mqtt', origin })
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:1`])
      expect(await upgrade(origin), origin).toBe(403)
    for (const origin of [`http://127.0.0.1:${port()}`, 'https://tilth.example.org'])
      await once(track(new WebSocket(`ws://127.0.0.1:${port()}/mqtt`, ['mqtt'], { origin })), 'open')
    await open()
  })

  it('only from this machine: another address gets 403, where that is configured', async () => {
    const outside = ownAddress()
    await serve({ fromAnywhere: false }, '0.0.0.0')
    expect((await open()).socket.protocol).toBe('mqtt')
    // a machine without a network has no other address to come from
    if (outside !== undefined) expect(await refusal({ 'sec-websocket-protocol': 'mqtt' }, outside)).toBe(403)
  })

  it('from this machine only: a proxy on this machine forwards for others, and a client that is no proxy does not', async () => {
    await serve({ fromAnywhere: false, trustedProxy: ['127.0.0.1'] })
    const mqtt = { 'sec-websocket-protocol': 'mqtt' }
    expect(await refusal({ ...mqtt, 'x-forwarded-for': '203.0.113.5' })).toBe(403)
    expect(await refusal({ ...mqtt, 'x-forwarded-for': '127.0.0.1, 203.0.113.5' })).toBe(403)
    expect(await refusal({ ...mqtt, 'x-forwarded-for': '127.0.0.1' })).toBe(403)
    expect((await open()).socket.protocol).toBe('mqtt')
    http.close()
    http.closeAllConnections()
    const outside = ownAddress()
    if (outside === undefined) return
    await serve({ fromAnywhere: false, trustedProxy: ['127.0.0.1'] }, '0.0.0.0')
    expect(await refusal({ ...mqtt, 'x-forwarded-for': '127.0.0.1' }, outside)).toBe(403)
  })

  it('behind a proxy the limits count the last forwarded address, not the proxy', async () => {
    await rig.stop()
    rig = await startBrokerRig({ limits: { 'waiting-per-address': 1 } })
    await serve({ trustedProxy: ['127.0.0.0/8'] })
    const from = async (forwarded: string) => {
      const headers = { 'x-forwarded-for': forwarded }
      const socket = new WebSocket(`ws://127.0.0.1:${port()}/mqtt`, ['mqtt'], { headers })
      sockets.push(socket)
      socket.on('error', () => {})
      await once(socket, 'open')
      return socket
    }
    const first = await from('203.0.113.5')
    await from('198.51.100.1, 203.0.113.6')
    await eventually(() => rig.broker.waiting() === 2)
    const isGone = once(first, 'close')
    await from('192.0.2.9, 203.0.113.5') // what a client writes of itself stands before
    await isGone
    expect(rig.broker.counters().connectionsEvicted).toBe(1)
  })
})

/** An address of this machine that is not only its own. */
const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
