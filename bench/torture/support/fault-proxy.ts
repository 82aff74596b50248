/**
 * A bad network between controllers and the server. TCP itself loses, repeats and reorders nothing, so it is done to the
 * messages: a lost PUBLISH of QoS 0 is gone, one of QoS 1 comes seconds later, as what is sent again does; a repeated one is
 * handed over twice; each copy waits for a time of its own, so that later words overtake earlier ones; words of earlier
 * connections come back. Connections break, and some go dead without breaking. Other packets pass at once and in order.
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

/** Shares are of one; times are of the farm. */
export interface NetworkFaults {
  lost: number
  repeated: number
  /** a word of the server, of this connection or an earlier one, said again by nobody */
  replayed: number
  /** a message breaks the connection */
  broken: number
  /** a message makes the connection half-open: nothing passes any more, and nobody is told for so long */
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
  /** Where nothing is half-open any more, what was is told so at once. */
  set(weather: NetworkFaults): void
  /** what was done to the messages so far */
  counts(): ReadonlyMap<FaultKind, number>
  stop(): void
}

interface Copies {
  left: number
  isAnswered: boolean
}

const LATE_MS = 15_000
/** What was lost with QoS 1 comes so much later, or twice that. */
export const SENT_AGAIN_MS = 5_000
const REMEMBERED = 64 // words of the server, by device

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
  const said = new Map<string, Buffer[]>() // by device
  const sockets = new Set<Socket>()
  const cutsOfDead = new Set<() => void>()

  const server = createServer((device) => {
    const chance = random(`${seed}/proxy/${connections++}`)
    const upstream = connect(toPort, '127.0.0.1')
    // copies that are still to be answered, by the way of the answer and the packet id
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
        // a half-open connection is not told
        if (!isDead) cut()
      })
    }

    function send(to: Socket, packet: Buffer, afterMs: number): void {
      if (afterMs <= 0) return void (!isDead && !to.destroyed && to.write(packet))
      if (afterMs > LATE_MS) count('late')
      setTimeout(() => send(to, packet, 0), afterMs / speed).unref()
    }

    function publish(to: Socket, packet: Buffer, way: 'up' | 'down'): void {
      count('messages')
      const now = weather
      const { topic, id: packetId, payload } = readPublish(packet)
      if (way === 'down' && /\/(command|lease)$/.test(topic)) {
        const words = said.get(id) ?? []
        said.set(id, [...words, publishOnce(topic, payload)].slice(-REMEMBERED))
        if (chance.next() < now.replayed) {
          count('replayed')
          send(to, words[Math.floor(chance.next() * words.length)] ?? packet, now.delayMs(chance))
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
      const answers = unanswered[way === 'up' ? 'down' : 'up']
      if (packetId !== null) answers.set(packetId, { left: isRepeated ? 2 : 1, isAnswered: false })
      send(to, packet, againMs + now.delayMs(chance))
      if (!isRepeated) return
      count('repeated')
      send(to, again(packet), againMs + now.delayMs(chance))
    }

    /** The first answer passes; that to a second copy would answer nothing. */
    function answer(to: Socket, packet: Buffer, way: 'up' | 'down'): void {
      const packetId = packetIdOf(packet)
      const copies = unanswered[way].get(packetId)
      if (!copies?.isAnswered) send(to, packet, 0)
      if (!copies) return
      copies.isAnswered = true
      copies.left -= 1
      if (copies.left === 0) unanswered[way].delete(packetId)
    }

    function pass(to: Socket, way: 'up' | 'down'): (packet: Buffer) => void {
      return (packet) => {
        if (isDead) return
        const type = typeOf(packet)
        if (type === CONNECT) id = clientIdOf(packet)
        if (type === PUBLISH) publish(to, packet, way)
        else if (type === PUBACK) answer(to, packet, way)
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
