/**
 * Stands between a connection and aedes: lets whole packets pass that are in order, nothing behind CONNECT until it
 * has been answered, no more than the sender's budget allows, and reads nothing while the journal has no room. A
 * controller is read on: what it says of its valves must never wait for room.
 */
import { Duplex } from 'node:stream'
import { downgradeToQos1, SUBSCRIBE } from '../packets/packet-check.ts'
import { packetOrder, type Acknowledged } from '../packets/packet-order.ts'
import { packetReader, type Packet, type Refusal } from '../packets/packet-reader.ts'

/** Says when no more may be read from the network. */
export interface Backpressure {
  isFull(): boolean
  onRoom(run: () => void): void
}

/** What a sender may still send: counts a packet of so many bytes, and gives how long to wait before the next, ms. */
export type Spend = (bytes: number) => number

export interface Guard {
  /** what aedes reads and writes */
  stream: Duplex
  /** The CONNECT was accepted and answered: what follows may pass, as fast as `spend` allows; `rests` while the gate is full. */
  open(spend?: Spend, rests?: boolean): void
  /** A message, or a SUBSCRIBE or UNSUBSCRIBE, has had its answer. */
  acknowledged(what: Acknowledged): void
}

const LINGER_MS = 1_000
const DRAIN_WITHIN_MS = 5_000
// beyond what the system holds: several of the largest messages
const MAX_UNREAD_BYTES = 256 * 1024
/** the message of the error that ends the stream of a reader that does not read */
export const DRAIN_TIMEOUT = 'drain timeout'

/** Makes the guards of one broker: while the gate is full they all rest. */
export function connectionGuards(
  gate: Backpressure,
): (connection: Duplex, onRefused: (refusal: Refusal) => void) => Guard {
  const resting = new Set<() => void>()
  gate.onRoom(() => {
    const runs = [...resting]
    resting.clear()
    for (const run of runs) run()
  })

  return (connection, onRefused) => {
    const reader = packetReader()
    const order = packetOrder()
    let phase: 'connect' | 'answer' | 'open' | 'over' = 'connect'
    let held: Packet | null = null // has come, and may not pass yet
    let spend: Spend = () => 0
    let rests = true
    let owing: NodeJS.Timeout | null = null
    let unread: NodeJS.Timeout | null = null // what was written has not been read yet
    // what push and read say: by its length the stream is still full while `read` asks for more
    let isWanted = false
    let isResting = false
    let isEnded = false

    const stream = new Duplex({
      read() {
        isWanted = true
        flow()
      },
      write(chunk: Buffer, _encoding, done) {
        send(chunk, done)
      },
      writev(chunks, done) {
        send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done)
      },
      final(done) {
        connection.end(() => done())
      },
      destroy(error, done) {
        if (owing !== null) clearTimeout(owing)
        if (unread !== null) clearTimeout(unread)
        resting.delete(resumeAfterDrain)
        if (error === null) endGracefully()
        else connection.destroy()
        done(error)
      },
    })

    /** Says at once that it is written: aedes takes nothing more from a publisher while one of its hearers is slow. */
    function send(bytes: Buffer, done: () => void): void {
      if (!connection.destroyed && !connection.write(bytes)) startDrainTimer()
      done()
    }

    /** A reader that leaves too much unread, or reads nothing for too long, is cut off, so that it delays nobody. */
    function startDrainTimer(): void {
      if (connection.writableLength > MAX_UNREAD_BYTES) return cutOff()
      if (unread !== null) return
      unread = setTimeout(cutOff, DRAIN_WITHIN_MS).unref()
      connection.once('drain', () => {
        clearTimeout(unread!)
        unread = null
      })
    }

    const cutOff = (): void => void stream.destroy(new Error(DRAIN_TIMEOUT))

    /** So that the last answer arrives: a socket that is closed while it has something to read is reset. */
    function endGracefully(): void {
      phase = 'over'
      connection.end()
      connection.resume()
      setTimeout(() => connection.destroy(), LINGER_MS).unref()
    }

    const mayPass = () =>
      (phase === 'connect' || phase === 'open') &&
      isWanted &&
      !isResting &&
      owing === null &&
      !stream.destroyed

    /** Passes on what may pass, and reads from the network only while all that came has passed. */
    function flow(): void {
      while (mayPass()) {
        const next = held ?? reader.next()
        held = null
        if (next === null) break
        if ('kind' in next) {
          phase = 'over'
          onRefused(next)
        } else if (order.mayPass(next.bytes[0]!)) pass(next)
        else {
          held = next
          break
        }
      }
      if (phase === 'over') return
      if (isEnded && held === null && !reader.hasMore()) stream.push(null)
      else if (mayPass() && held === null) connection.resume()
      else connection.pause()
    }

    function pass({ bytes, body }: Packet): void {
      const first = bytes[0]!
      if (first >> 4 === SUBSCRIBE) downgradeToQos1(body)
      order.passed(first)
      isWanted = stream.push(bytes)
      if (phase === 'connect') phase = 'answer'
      else if (rests && gate.isFull()) {
        isResting = true
        resting.add(resumeAfterDrain)
      }
      const waitMs = spend(bytes.length)
      if (waitMs > 0) owing = setTimeout(resumeAfterWait, waitMs)
    }

    function resumeAfterDrain(): void {
      isResting = false
      flow()
    }

    function resumeAfterWait(): void {
      owing = null
      flow()
    }

    connection.on('data', (chunk: Buffer) => {
      if (phase === 'over') return
      reader.add(chunk)
      flow()
    })
    connection.on('end', () => {
      isEnded = true
      flow()
    })
    connection.on('error', (error) => stream.destroy(error))
    connection.on('close', () => stream.destroy())

    return {
      stream,
      open(budget = () => 0, mayRest = true) {
        if (phase !== 'answer') return
        phase = 'open'
        spend = budget
        rests = mayRest
        flow()
      },
      acknowledged(what) {
        order.acknowledged(what)
        if (held !== null) flow()
      },
    }
  }
}
