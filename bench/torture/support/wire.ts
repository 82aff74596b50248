/** A client that can send anything: MQTT 3.1.1 over one socket, packets or bytes, and everything received. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet'
import type { Publisher } from '../../support/generator.ts'

export interface Wire {
  socket: Socket
  /** A packet, or arbitrary bytes. */
  send(packet: Packet | Buffer): void
  /** The first packet of this kind, now or later; null when the connection ended or the time is over. */
  next<C extends Packet['cmd']>(cmd: C, withinMs?: number): Promise<Extract<Packet, { cmd: C }> | null>
  received: readonly Packet[]
  /** Messages are passed on from now on, and not stored. */
  onPublish(listener: (payload: Buffer) => void): void
  isClosed(): boolean
  /** Whether the other side closes it within this time. */
  closed(withinMs?: number): Promise<boolean>
  end(): void
}

export interface WireOptions {
  port: number
  /** of this machine: 127.0.0.2 and so on are other addresses to the server */
  from?: string
  /** the certificate to trust; without it no TLS */
  ca?: Buffer
}

const WITHIN_MS = 5_000

/** Rejects when the connection is not accepted. */
export async function openWire({ port, from = '127.0.0.1', ca }: WireOptions): Promise<Wire> {
  const connectOptions = { port, host: '127.0.0.1', localAddress: from, noDelay: true }
  const socket =
    ca === undefined
      ? connect(connectOptions)
      : connectTls({ ...connectOptions, ca, servername: 'localhost' })
  await once(socket, ca === undefined ? 'connect' : 'secureConnect')
  const received: Packet[] = []
  const packetParser = parser()
  let listener: ((payload: Buffer) => void) | null = null
  packetParser.on('packet', (packet) => {
    if (packet.cmd === 'publish' && listener !== null) listener(packet.payload as Buffer)
    else received.push(packet)
  })
  packetParser.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => void packetParser.parse(chunk))
  socket.on('error', () => {}) // `close` handles it
  const isClosed = () => socket.destroyed || socket.readableEnded

  async function pollFor<T>(withinMs: number, pollFor: () => T | null): Promise<T | null> {
    const endMs = performance.now() + withinMs
    for (;;) {
      const result = pollFor()
      if (result !== null || performance.now() > endMs) return result
      await pause(2)
    }
  }

  return {
    socket,
    received,
    onPublish: (newListener) => void (listener = newListener),
    isClosed,
    send: (packet) => void socket.write(Buffer.isBuffer(packet) ? packet : generate(packet)),
    async next<C extends Packet['cmd']>(cmd: C, withinMs = WITHIN_MS) {
      const isIt = (packet: Packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd
      const match = await pollFor(withinMs, () => received.find(isIt) ?? (isClosed() ? 'closed' : null))
      return match === 'closed' ? null : match
    },
    closed: async (withinMs = WITHIN_MS) => (await pollFor(withinMs, () => isClosed() || null)) === true,
    end: () => void socket.destroy(),
  }
}

/** A CONNECT of a device; `more` overrides its fields. */
export const connectPacket = (
  { id, secret }: Pick<Publisher, 'id' | 'secret'>,
  fields: Partial<IConnectPacket> = {},
): IConnectPacket => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: id,
  username: id,
  password: Buffer.from(secret),
  keepalive: 60,
  ...fields,
})

/** Connects and signs in; fails with the code of the CONNACK. */
export async function signIn(
  wireOptions: WireOptions,
  device: Pick<Publisher, 'id' | 'secret'>,
  fields: Partial<IConnectPacket> = {},
): Promise<Wire> {
  const wire = await openWire(wireOptions)
  wire.send(connectPacket(device, fields))
  const connack = await wire.next('connack', 15_000)
  if (connack?.returnCode === 0) return wire
  wire.end()
  throw new Error(`${device.id} was refused: ${connack === null ? 'no CONNACK' : connack.returnCode}`)
}
