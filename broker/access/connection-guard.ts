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
  const pause: Pause = {
    isFull: () => backpressure.isFull(),
    add: (resume) => void paused.add(resume),
    drop: (resume) => void paused.delete(resume),
  }
  return (connection, onRefused) => new GuardedStream(connection, onRefused, pause)
}

/** The guards that wait until the journal has room. */
interface Pause {
  isFull(): boolean
  add(resume: () => void): void
  drop(resume: () => void): void
}

// a class: each connection has one, and closures of its own would take three times the memory
class GuardedStream extends Duplex implements Guard {
  readonly #connection: Duplex
  readonly #onRefused: (refusal: Refusal) => void
  readonly #pause: Pause
  readonly #reader = packetReader()
  readonly #order = packetOrder()
  #phase: 'connect' | 'answer' | 'open' | 'over' = 'connect'
  #held: Packet | null = null // received, and may not pass yet
  #spend: Spend | null = null
  #pausesWhenFull = true
  #gateway: Terms['gateway'] = null
  #waitTimer: NodeJS.Timeout | null = null
  #unread: NodeJS.Timeout | null = null // written data has not been read yet
  // the result of push and read: by its length the stream is still full while `read` requests more
  #isReadRequested = false
  #resume: (() => void) | null = null // it waits until the journal has room
  #isEnded = false

  constructor(connection: Duplex, onRefused: (refusal: Refusal) => void, pause: Pause) {
    super()
    this.#connection = connection
    this.#onRefused = onRefused
    this.#pause = pause
    this.on('error', ignore) // its close event follows
    connection.on('data', (chunk: Buffer) => {
      if (this.#phase === 'over') return
      this.#reader.add(chunk)
      this.#flow()
    })
    connection.on('end', () => {
      this.#isEnded = true
      this.#flow()
    })
    connection.on('error', (error) => this.destroy(error))
    connection.on('close', () => this.destroy())
  }

  get stream(): Duplex {
    return this
  }

  open(terms: Terms = {}): void {
    if (this.#phase !== 'answer') return
    this.#phase = 'open'
    this.#spend = terms.spend ?? this.#spend
    this.#pausesWhenFull = terms.pausesWhenFull ?? true
    this.#gateway = terms.gateway ?? null
    if (this.#gateway !== null) this.#reader.acceptForeign()
    this.#flow()
  }

  acknowledged(what: Acknowledged): void {
    this.#order.acknowledged(what)
    if (this.#held !== null) this.#flow()
  }

  override _read(): void {
    this.#isReadRequested = true
    this.#flow()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send(chunk, done)
  }

  override _writev(chunks: { chunk: unknown }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done)
  }

  override _final(done: () => void): void {
    this.#connection.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#waitTimer !== null) clearTimeout(this.#waitTimer)
    if (this.#unread !== null) clearTimeout(this.#unread)
    if (this.#resume !== null) this.#pause.drop(this.#resume)
    if (error === null) this.#endGracefully()
    else this.#connection.destroy()
    done(error)
  }

  /** Reports the write as done at once: otherwise aedes reads no more from a publisher while one subscriber is slow. */
  #send(bytes: Buffer, done: () => void): void {
    if (!this.#connection.destroyed && !this.#connection.write(bytes)) this.#startDrainTimer()
    done()
  }

  /** A subscriber that leaves too much unread, or reads nothing for too long, is disconnected. */
  #startDrainTimer(): void {
    if (this.#connection.writableLength > MAX_UNREAD_BYTES) return this.#cutOff()
    if (this.#unread !== null) return
    this.#unread = setTimeout(() => this.#cutOff(), DRAIN_WITHIN_MS).unref()
    this.#connection.once('drain', () => {
      clearTimeout(this.#unread!)
      this.#unread = null
    })
  }

  #cutOff(): void {
    this.destroy(new Error(DRAIN_TIMEOUT))
  }

  /** Lets the last reply arrive: a socket that is closed with unread input is reset. */
  #endGracefully(): void {
    const connection = this.#connection
    this.#phase = 'over'
    connection.end()
    connection.resume()
    setTimeout(() => connection.destroy(), LINGER_MS).unref()
  }

  #mayPass(): boolean {
    return (
      (this.#phase === 'connect' || this.#phase === 'open') &&
      this.#isReadRequested &&
      this.#resume === null &&
      this.#waitTimer === null &&
      !this.destroyed
    )
  }

  /** Passes the packets that may pass, and reads from the network only when all received packets have passed. */
  #flow(): void {
    while (this.#mayPass()) {
      const next = this.#held ?? this.#reader.next()
      this.#held = null
      if (next === null) break
      if ('kind' in next && next.kind === 'skipped') {
        this.#gateway?.onSkipped(next)
        this.#charge(next.bytes)
      } else if ('kind' in next) {
        this.#phase = 'over'
        this.#onRefused(next)
      } else if (this.#order.mayPass(next.bytes[0]!)) this.#pass(next)
      else {
        this.#held = next
        break
      }
    }
    if (this.#phase === 'over') return
    if (this.#isEnded && this.#held === null && !this.#reader.hasMore()) this.push(null)
    else if (this.#mayPass() && this.#held === null) this.#connection.resume()
    else this.#connection.pause()
  }

  #pass(packet: Packet): void {
    const { bytes, body } = packet
    const first = bytes[0]!
    if (first >> 4 === SUBSCRIBE) downgradeToQos1(body)
    this.#order.passed(first)
    const isMounted = this.#gateway != null && first >> 4 === UNSUBSCRIBE
    this.#isReadRequested = this.push(isMounted ? mountFilters(packet, this.#gateway!.mount) : bytes)
    if (this.#phase === 'connect') this.#phase = 'answer'
    else if (this.#pausesWhenFull && this.#pause.isFull()) this.#waitForRoom()
    this.#charge(bytes.length)
  }

  #waitForRoom(): void {
    this.#resume = () => {
      this.#resume = null
      this.#flow()
    }
    this.#pause.add(this.#resume)
  }

  #charge(bytes: number): void {
    const waitMs = this.#spend?.(bytes) ?? 0
    if (waitMs <= 0) return
    this.#waitTimer = setTimeout(() => {
      this.#waitTimer = null
      this.#flow()
    }, waitMs)
  }
}

const ignore = (): void => {}
