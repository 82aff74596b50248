/** A client that says what it likes: MQTT 3.1.1 over one socket, packets or bytes, and all that came back. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet'
import type { Publisher } from '../../support/generator.ts'

export interface Wire {
  socket: Socket
  /** A packet, or bytes that are none. */
  send(what: Packet | Buffer): void
  /** The first packet of this kind, now or later; null when the connection ended or it took too long. */
  next<C extends Packet['cmd']>(cmd: C, withinMs?: number): Promise<Extract<Packet, { cmd: C }> | null>
  received: readonly Packet[]
  /** Messages go there from now on, and are not kept. */
  onPublish(hear: (payload: Buffer) => void): void
  isClosed(): boolean
  /** Whether the other side has ended it within this time. */
  closed(withinMs?: number): Promise<boolean>
  end(): void
}

export interface WireOptions {
  port: number
  /** of this machine: 127.0.0.2 and so on are addresses of others to the server */
  from?: string
  /** the certificate to trust; without it there is no TLS */
  ca?: Buffer
}

const WITHIN_MS = 5_000

/** Rejects when the connection is not taken. */
export async function openWire({ port, from = '127.0.0.1', ca }: WireOptions): Promise<Wire> {
  const at = { port, host: '127.0.0.1', localAddress: from, noDelay: true }
  const socket = ca === undefined ? connect(at) : connectTls({ ...at, ca, servername: 'localhost' })
  await once(socket, ca === undefined ? 'connect' : 'secureConnect')
  const received: Packet[] = []
  const read = parser()
  let hear: ((payload: Buffer) => void) | null = null
  read.on('packet', (packet) => {
    if (packet.cmd === 'publish' && hear !== null) hear(packet.payload as Buffer)
    else received.push(packet)
  })
  read.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => void read.parse(chunk))
  socket.on('error', () => {}) // `close` tells of it
  const isClosed = () => socket.destroyed || socket.readableEnded

  async function wait<T>(withinMs: number, ask: () => T | null): Promise<T | null> {
    const endMs = performance.now() + withinMs
    for (;;) {
      const answer = ask()
      if (answer !== null || performance.now() > endMs) return answer
      await pause(2)
    }
  }

  return {
    socket,
    received,
    onPublish: (own) => void (hear = own),
    isClosed,
    send: (what) => void socket.write(Buffer.isBuffer(what) ? what : generate(what)),
    async next<C extends Packet['cmd']>(cmd: C, withinMs = WITHIN_MS) {
      const isIt = (packet: Packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd
      const found = await wait(withinMs, () => received.find(isIt) ?? (isClosed() ? 'closed' : null))
      return found === 'closed' ? null : found
    },
    closed: async (withinMs = WITHIN_MS) => (await wait(withinMs, () => isClosed() || null)) === true,
    end: () => void socket.destroy(),
  }
}

/** A CONNECT as a device says it; `more` changes it. */
export const connectPacket = (
  { id, secret }: Pick<Publisher, 'id' | 'secret'>,
  more: Partial<IConnectPacket> = {},
): IConnectPacket => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: id,
  username: id,
  password: Buffer.from(secret),
  keepalive: 60,
  ...more,
})

/** Connected and accepted; an error with the code of the CONNACK when it is not. */
export async function signIn(
  at: WireOptions,
  device: Pick<Publisher, 'id' | 'secret'>,
  more: Partial<IConnectPacket> = {},
): Promise<Wire> {
  const wire = await openWire(at)
  wire.send(connectPacket(device, more))
  const answer = await wire.next('connack', 15_000)
  if (answer?.returnCode === 0) return wire
  wire.end()
  throw new Error(`${device.id} was not let in: ${answer === null ? 'no CONNACK' : answer.returnCode}`)
}
