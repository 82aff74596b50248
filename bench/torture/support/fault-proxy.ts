/**
 * A faulty network between controllers and server. TCP itself loses, repeats and reorders nothing, so the faults apply
 * to messages: a lost PUBLISH of QoS 0 disappears, one of QoS 1 arrives seconds later like a resend; a repeated one is
 * delivered twice; each copy has its own delay, so that messages overtake each other; messages of earlier connections
 * recur. Connections break, and some become half-open. Other packets pass at once and in order.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { random, type Random } from '../../../firmware-sim/random.ts'
import {
  again,
  clientIdOf,
  CONNECT,
  packetIdOf,
  packetsOf,
  PUBACK,
  PUBLISH,
  publishOnce,
  readPublish,
  typeOf,
} from './mqtt-packets.ts'

/** Probabilities; times in farm time. */
export interface NetworkFaults {
  lost: number
  repeated: number
  /** an earlier message of the server, of this or a previous connection, is replayed */
  replayed: number
  /** a message breaks the connection */
  broken: number
  /** a message makes the connection half-open: nothing passes, without a close, for this long */
  halfOpen: number
  halfOpenMs: number
  delayMs(chance: Random): number
}

export const noFaults: NetworkFaults = {
  lost: 0,
  repeated: 0,
  replayed: 0,
  broken: 0,
  halfOpen: 0,
  halfOpenMs: 0,
  delayMs: () => 0,
}

export type FaultKind = 'messages' | 'lost' | 'repeated' | 'replayed' | 'late' | 'broken' | 'half-open'

export interface FaultProxy {
  port: number
  /** Without half-open faults, half-open connections are closed at once. */
  set(weather: NetworkFaults): void
  /** faults applied so far */
  counts(): ReadonlyMap<FaultKind, number>
  stop(): void
}

interface Copies {
  left: number
  isAnswered: boolean
}

const LATE_MS = 15_000
/** Delay of a lost QoS 1 message, up to twice that. */
export const SENT_AGAIN_MS = 5_000
const REMEMBERED = 64 // messages of the server, per device

export async function openFaultProxy({
  toPort,
  speed,
  seed,
}: {
  toPort: number
  speed: number
  seed: string
}): Promise<FaultProxy> {
  let weather = noFaults
  let connections = 0
  const counts = new Map<FaultKind, number>()
  const count = (harm: FaultKind) => void counts.set(harm, (counts.get(harm) ?? 0) + 1)
  const serverMessages = new Map<string, Buffer[]>() // by device
  const sockets = new Set<Socket>()
  const cutsOfDead = new Set<() => void>()

  const server = createServer((device) => {
    const chance = random(`${seed}/proxy/${connections++}`)
    const upstream = connect(toPort, '127.0.0.1')
    // copies awaiting acknowledgement, by its direction and packet id
    const unanswered = { up: new Map<number, Copies>(), down: new Map<number, Copies>() }
    let isDead = false
    let id = ''
    const cut = () => {
      cutsOfDead.delete(cut)
      device.destroy()
      upstream.destroy()
    }
    for (const socket of [device, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        // a half-open connection is not closed
        if (!isDead) cut()
      })
    }

    function send(to: Socket, packet: Buffer, afterMs: number): void {
      if (afterMs <= 0) return void (!isDead && !to.destroyed && to.write(packet))
      if (afterMs > LATE_MS) count('late')
      setTimeout(() => send(to, packet, 0), afterMs / speed).unref()
    }

    function publish(to: Socket, packet: Buffer, direction: 'up' | 'down'): void {
      count('messages')
      const now = weather
      const { topic, id: packetId, payload } = readPublish(packet)
      if (direction === 'down' && /\/(command|lease)$/.test(topic)) {
        const earlier = serverMessages.get(id) ?? []
        serverMessages.set(id, [...earlier, publishOnce(topic, payload)].slice(-REMEMBERED))
        if (chance.next() < now.replayed) {
          count('replayed')
          send(to, earlier[Math.floor(chance.next() * earlier.length)] ?? packet, now.delayMs(chance))
        }
      }
      if (chance.next() < now.broken) {
        count('broken')
        return cut()
      }
      if (chance.next() < now.halfOpen) {
        count('half-open')
        isDead = true
        cutsOfDead.add(cut)
        setTimeout(cut, (now.halfOpenMs * chance.next()) / speed).unref()
        return
      }
      const isLost = chance.next() < now.lost
      if (isLost) count('lost')
      if (isLost && packetId === null) return
      const againMs = isLost ? SENT_AGAIN_MS * (1 + chance.next()) : 0
      const isRepeated = chance.next() < now.repeated
      const acknowledgements = unanswered[direction === 'up' ? 'down' : 'up']
      if (packetId !== null) acknowledgements.set(packetId, { left: isRepeated ? 2 : 1, isAnswered: false })
      send(to, packet, againMs + now.delayMs(chance))
      if (!isRepeated) return
      count('repeated')
      send(to, again(packet), againMs + now.delayMs(chance))
    }

    /** Only the first acknowledgement passes; the second has no matching PUBLISH. */
    function acknowledge(to: Socket, packet: Buffer, direction: 'up' | 'down'): void {
      const packetId = packetIdOf(packet)
      const copies = unanswered[direction].get(packetId)
      if (!copies?.isAnswered) send(to, packet, 0)
      if (!copies) return
      copies.isAnswered = true
      copies.left -= 1
      if (copies.left === 0) unanswered[direction].delete(packetId)
    }

    function pass(to: Socket, direction: 'up' | 'down'): (packet: Buffer) => void {
      return (packet) => {
        if (isDead) return
        const type = typeOf(packet)
        if (type === CONNECT) id = clientIdOf(packet)
        if (type === PUBLISH) publish(to, packet, direction)
        else if (type === PUBACK) acknowledge(to, packet, direction)
        else send(to, packet, 0)
      }
    }
    device.on('data', packetsOf(pass(upstream, 'up')))
    upstream.on('data', packetsOf(pass(device, 'down')))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')

  return {
    port: (server.address() as { port: number }).port,
    set(next) {
      weather = next
      if (next.halfOpenMs === 0) for (const cut of [...cutsOfDead]) cut()
    },
    counts: () => counts,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
