/**
 * A filter between a connection and aedes: it passes whole, valid packets, none after CONNECT until the CONNACK, no
 * more than the rate limit of the sender allows, and reads nothing while the journal is full. Reading from a controller
 * continues: the state of its valves must never wait for the journal.
 */
import { Duplex } from 'node:stream'
import { mountFilters } from '../packets/mount-filters.ts'
import { downgradeToQos1, SUBSCRIBE, UNSUBSCRIBE } from '../packets/packet-check.ts'
import { packetOrder, type Acknowledged } from '../packets/packet-order.ts'
import { packetReader, type Packet, type Refusal, type SkippedPublish } from '../packets/packet-reader.ts'

/** Whether to stop reading from the network. */
export interface Backpressure {
  isFull(): boolean
  onDrain(run: () => void): void
}

/** The rate limit of a sender: counts a packet of `bytes` bytes, and returns the wait before the next one, ms. */
export type Spend = (bytes: number) => number

/** How the packets of an accepted connection pass. */
export interface Terms {
  /** default: no limit */
  spend?: Spend | undefined
  /** default: true */
  pausesWhenFull?: boolean
  /** of a gateway: below which it unsubscribes, and what happens to a publish that is too long to receive */
  gateway?: { mount: string; onSkipped: (publish: SkippedPublish) => void } | null
}

export interface Guard {
  /** the stream for aedes */
  stream: Duplex
  /** The CONNECT was accepted and acknowledged: further packets pass. */
  open(terms?: Terms): void
  /** A message, or a SUBSCRIBE or UNSUBSCRIBE, has been acknowledged. */
  acknowledged(what: Acknowledged): void
}

const LINGER_MS = 1_000
const DRAIN_WITHIN_MS = 5_000
// in addition to the buffer of the system: several messages of the largest size
const MAX_UNREAD_BYTES = 256 * 1024
/** message of the error that ends the stream of a subscriber that does not read */
export const DRAIN_TIMEOUT = 'drain timeout'

/** The guards of one broker: under backpressure they all pause. */
export function connectionGuards(
  backpressure: Backpressure,
): (connection: Duplex, onRefused: (refusal: Refusal) => void) => Guard {
  const paused = new Set<() => void>()
  backpressure.onDrain(() => {
    const runs = [...paused]
    paused.clear()
    for (const run of runs) run()
  })

  return (connection, onRefused) => {
    const reader = packetReader()
    const order = packetOrder()
    let phase: 'connect' | 'answer' | 'open' | 'over' = 'connect'
    let held: Packet | null = null // received, and may not pass yet
    let spend: Spend = () => 0
    let pausesWhenFull = true
    let gateway: Terms['gateway'] = null
    let waitTimer: NodeJS.Timeout | null = null
    let unread: NodeJS.Timeout | null = null // written data has not been read yet
    // the result of push and read: by its length the stream is still full while `read` requests more
    let isReadRequested = false
    let isPaused = false
    let isEnded = false

    const stream = new Duplex({
      read() {
        isReadRequested = true
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
        if (waitTimer !== null) clearTimeout(waitTimer)
        if (unread !== null) clearTimeout(unread)
        paused.delete(resumeAfterDrain)
        if (error === null) endGracefully()
        else connection.destroy()
        done(error)
      },
    })

    /** Reports the write as done at once: otherwise aedes reads no more from a publisher while one subscriber is slow. */
    function send(bytes: Buffer, done: () => void): void {
      if (!connection.destroyed && !connection.write(bytes)) startDrainTimer()
      done()
    }

    /** A subscriber that leaves too much unread, or reads nothing for too long, is disconnected. */
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

    /** Lets the last reply arrive: a socket that is closed with unread input is reset. */
    function endGracefully(): void {
      phase = 'over'
      connection.end()
      connection.resume()
      setTimeout(() => connection.destroy(), LINGER_MS).unref()
    }

    const mayPass = () =>
      (phase === 'connect' || phase === 'open') &&
      isReadRequested &&
      !isPaused &&
      waitTimer === null &&
      !stream.destroyed

    /** Passes the packets that may pass, and reads from the network only when all received packets have passed. */
    function flow(): void {
      while (mayPass()) {
        const next = held ?? reader.next()
        held = null
        if (next === null) break
        if ('kind' in next && next.kind === 'skipped') {
          gateway?.onSkipped(next)
          charge(next.bytes)
        } else if ('kind' in next) {
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

    function pass(packet: Packet): void {
      const { bytes, body } = packet
      const first = bytes[0]!
      if (first >> 4 === SUBSCRIBE) downgradeToQos1(body)
      order.passed(first)
      const isMounted = gateway != null && first >> 4 === UNSUBSCRIBE
      isReadRequested = stream.push(isMounted ? mountFilters(packet, gateway!.mount) : bytes)
      if (phase === 'connect') phase = 'answer'
      else if (pausesWhenFull && backpressure.isFull()) {
        isPaused = true
        paused.add(resumeAfterDrain)
      }
      charge(bytes.length)
    }

    function charge(bytes: number): void {
      const waitMs = spend(bytes)
      if (waitMs > 0) waitTimer = setTimeout(resumeAfterWait, waitMs)
    }

    function resumeAfterDrain(): void {
      isPaused = false
      flow()
    }

    function resumeAfterWait(): void {
      waitTimer = null
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
      open(terms = {}) {
        if (phase !== 'answer') return
        phase = 'open'
        spend = terms.spend ?? spend
        pausesWhenFull = terms.pausesWhenFull ?? true
        gateway = terms.gateway ?? null
        if (gateway !== null) reader.acceptForeign()
        flow()
      },
      acknowledged(what) {
        order.acknowledged(what)
        if (held !== null) flow()
      },
    }
  }
}
