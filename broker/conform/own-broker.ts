/**
 * Conform's own broker. It permits what Tilth's broker would refuse, so that one fault does not hide the next; the rules
 * are applied to the events that it records.
 */
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Aedes, type AedesPublishPacket, type Client, type ConnectPacket, type PublishPacket } from 'aedes'
import { delivery, topicOf } from '../contract/topics.ts'
import { listen } from '../net/listen.ts'
import type { ConnectDetails, Wire, WireEvent } from './wire.ts'

export interface OwnBrokerOptions {
  host: string
  port: number
  org: string
  device: string
  secret: string
  /** Shows the reason of a refused connection to the person at the bench. */
  note(text: string): void
}

const NOT_AUTHORISED = 5

/** Starts the broker. PORT_IN_USE if the port is taken, INVALID_CONFIG if the address is unusable. */
export async function startOwnBroker(options: OwnBrokerOptions): Promise<Wire> {
  const { host, port, org, device, secret, note } = options
  const listeners: ((event: WireEvent) => void)[] = []
  const emit = (event: WireEvent) => listeners.forEach((listener) => listener(event))
  const heldReplies: (() => void)[] = []
  let client: Client | null = null
  let isShut = false
  let isHeld = false
  let received = 0
  let delivered = 0

  const aedes = await Aedes.createBroker({
    preConnect(_client, packet, done) {
      emit({ type: 'connect', connect: connectOf(packet) })
      done(null, true)
    },
    authenticate(_client, userName, password, done) {
      const refuse = (returnCode: number, reason: string) => {
        note(reason)
        done(Object.assign(new Error(reason), { returnCode }), false)
      }
      if (userName !== device) return refuse(NOT_AUTHORISED, `somebody came with the user name ${userName}`)
      if (password?.toString() !== secret)
        return refuse(NOT_AUTHORISED, `${device} came with another secret than the one above`)
      done(null, true)
    },
    authorizePublish(from, packet, done) {
      // the will of a closed connection is published by the broker
      const isWill = from?.closed === true
      if (from !== null) {
        if (!isWill) received++
        emit(toWireEvent(packet, isWill))
      }
      const isTelemetry = packet.topic === topicOf(org, device, 'telemetry')
      if (isHeld && isTelemetry && !isWill) heldReplies.push(() => done(null))
      else done(null)
    },
    authorizeSubscribe(_from, subscription, done) {
      emit({ type: 'subscribe', filter: subscription.topic, qos: subscription.qos })
      done(null, subscription)
    },
    authorizeForward(to, packet: AedesPublishPacket) {
      if (to === client) delivered++
      return packet
    },
  })
  aedes.on('clientReady', (connected) => void (client = connected))
  aedes.on('clientDisconnect', (connected) => {
    if (connected !== client) return
    client = null
    heldReplies.length = 0
    emit({ type: 'gone' })
  })
  aedes.on('clientError', (_own, error) => note(`the connection failed: ${error.message}`))
  aedes.on('connectionError', (_own, error) => note(`a connection failed: ${error.message}`))

  const server = createServer({ noDelay: true }, (socket) => {
    if (isShut) socket.destroy()
    else aedes.handle(socket)
  })
  await listen(server, { host, port, settings: ['--host', '--port'] })
  const boundPort = (server.address() as AddressInfo).port

  return {
    addresses: networkAddresses(host).map((address) => `mqtt://${address}:${boundPort}`),
    listen: (listener) => void listeners.push(listener),
    send: (kind, text, retain = delivery[kind].retain) =>
      new Promise((resolve, reject) =>
        aedes.publish(
          { ...basePacket(topicOf(org, device, kind), text), qos: delivery[kind].qos, retain },
          (error) => (error ? reject(error) : resolve()),
        ),
      ),
    async retained(kind) {
      let newest: Uint8Array | null = null
      for await (const packet of persistenceOf(aedes).createRetainedStream(topicOf(org, device, kind)))
        newest = Buffer.from(packet.payload)
      return newest
    },
    own: {
      // to the broker this looks like a disconnected cable
      disconnect: () => client?.conn.destroy(),
      refuseConnections: (isOn) => void (isShut = isOn),
      holdTelemetry(isOn) {
        isHeld = isOn
        if (!isOn) for (const release of heldReplies.splice(0)) release()
      },
      sendAsRetained: (text) =>
        new Promise((resolve, reject) => {
          if (client === null) return resolve()
          const packet = {
            ...basePacket(topicOf(org, device, 'command'), text),
            qos: 1 as const,
            retain: true,
          }
          client.publish(packet, (error) => (error ? reject(error) : resolve()))
        }),
      messageCounts: () => ({ received, delivered }),
    },
    async close() {
      isShut = true
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

// missing in the types of aedes
const persistenceOf = (aedes: Aedes) =>
  (aedes as unknown as { persistence: { createRetainedStream(topic: string): AsyncIterable<PublishPacket> } })
    .persistence

const basePacket = (topic: string, text: string) => ({
  cmd: 'publish' as const,
  topic,
  payload: Buffer.from(text),
  dup: false,
})

const connectOf = ({ clean, keepalive, clientId, username, will }: ConnectPacket): ConnectDetails => ({
  clean: clean ?? false,
  keepaliveS: keepalive ?? 0,
  clientId,
  userName: username ?? '',
  will: will
    ? {
        topic: will.topic,
        qos: will.qos ?? 0,
        retain: will.retain ?? false,
        payload: Buffer.from(will.payload as Uint8Array),
      }
    : null,
})

const toWireEvent = ({ topic, payload, qos, retain }: PublishPacket, isKept: boolean): WireEvent => ({
  type: 'message',
  topic,
  payload: Buffer.from(payload),
  qos,
  retain,
  isRetained: isKept,
})

/** The addresses of this machine for a controller on the same network. */
function networkAddresses(host: string): string[] {
  if (host !== '0.0.0.0') return [host]
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address?.family === 'IPv4' && !address.internal)
  return addresses.length === 0 ? ['127.0.0.1'] : addresses.map((address) => address!.address)
}
