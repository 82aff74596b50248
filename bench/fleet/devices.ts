/**
 * A fleet of probes in this process, light enough to share the machine with the server under test: plain or TLS sockets,
 * packets made once, one buffer for all that arrives. Each probe publishes a reading a minute at a moment of its own,
 * keeps it until its PUBACK, and after a lost connection waits as the device guide asks: 2 s, doubled to 5 min, with a
 * random part.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { generate } from 'mqtt-packet'
import { MINUTE_MS } from '../../broker/contract/time.ts'
import { random } from '../../firmware-sim/random.ts'
import type { Publisher } from '../support/generator.ts'
import { messages } from '../support/messages.ts'

export interface FleetPort {
  port: number
  /** PEM of the certificate to trust; null: plain */
  ca: Buffer | null
}

export interface Fleet {
  /** Connects all of them from now on, and again after each loss; those that are connected elsewhere leave it. */
  connectTo(port: FleetPort): void
  connected(): number
  /** Resolves when this share is connected, with that instant of `performance.now()`; null when the time is over. */
  reached(share: number, withinMs: number): Promise<number | null>
  /** attempts that failed since the last call of `connectTo` or `forgetFailures` */
  failures(): number
  forgetFailures(): void
  /** From now on counts the acknowledgements of readings that are sent from now on. */
  startWindow(): void
  /** Publish to PUBACK in the window, ms, ascending. */
  windowMs(): number[]
  /** The largest delay of a reading behind its minute in the window, ms. */
  windowLateMs(): number
  /** Readings without an acknowledgement now. */
  unacked(): number
  acked(): number
  /** The newest acknowledged instant of each probe, by its id. */
  newestAckedMs(): Map<string, number>
  stop(): void
}

interface Probe {
  index: number
  socket: Socket | null
  isUp: boolean
  failed: number // attempts in a row
  n: number
  waiting: Map<number, { n: number; sentMs: number | null; isCounted: boolean }> // by packet id
  rest: Buffer | null
}

const FIRST_PER_S = 400
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 300_000
const GIVE_UP_MS = 10_000 // an attempt without CONNACK
// the limit of devices behind one address is 1,000
const PROBES_AN_ADDRESS = 800
const KEEPALIVE_S = 120
const TICK_MS = 5
const ONLINE_ID = 65_535

/** `topicOfOnline`: of a probe, by its publisher. */
export function createFleet(publishers: readonly Publisher[], seed: string): Fleet {
  const chance = random(`${seed}/fleet`)
  const stream = messages(publishers.length)
  const received = Buffer.allocUnsafeSlow(65_536) // of all plain sockets: what arrives is read at once
  const newestAckedMs = new Map<string, number>()
  const probes = publishers.map((_, index): Probe => ({
    index,
    socket: null,
    isUp: false,
    failed: 0,
    n: 0,
    waiting: new Map(),
    rest: null,
  }))
  let target: { port: number; context: SecureContext | null } | null = null
  let isStopped = false
  let up = 0
  let failures = 0
  let acked = 0
  let windowMs: number[] | null = null
  let windowLateMs = 0
  let waiters: { count: number; resolve(atMs: number): void }[] = []

  function open(probe: Probe): void {
    if (isStopped || target === null) return
    const { port, context } = target
    const address = {
      port,
      host: '127.0.0.1',
      localAddress: `127.0.5.${1 + Math.floor(probe.index / PROBES_AN_ADDRESS)}`,
      noDelay: true,
    }
    const publisher = publishers[probe.index]!
    const socket =
      context === null
        ? connect({
            ...address,
            onread: {
              buffer: received,
              callback: (length, buffer) => (read(probe, buffer.subarray(0, length)), true),
            },
          })
        : connectTls({ ...address, secureContext: context, servername: 'localhost' })
    probe.socket = socket
    probe.rest = null
    const ready = context === null ? 'connect' : 'secureConnect'
    socket.once(ready, () => socket.write(connectPacket(publisher)))
    if (context !== null) socket.on('data', (chunk: Buffer) => read(probe, chunk))
    socket.on('error', ignore) // close follows
    socket.setTimeout(GIVE_UP_MS, () => void (probe.isUp || socket.destroy()))
    socket.once('close', () => void (probe.socket === socket && lost(probe)))
  }

  function lost(probe: Probe): void {
    probe.socket = null
    if (probe.isUp) {
      probe.isUp = false
      up--
    } else failures++
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** probe.failed++, LONGEST_WAIT_MS) * (0.5 + chance.next())
    setTimeout(open, waitMs, probe).unref()
  }

  /** Everything that a probe receives is a packet of four bytes. */
  function read(probe: Probe, chunk: Uint8Array): void {
    if (probe.socket === null) return // it has left
    const bytes =
      probe.rest === null
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([probe.rest, chunk])
    let at = 0
    for (; at + 4 <= bytes.length; at += 4)
      if (bytes[at] === 0x20) connacked(probe, bytes[at + 3]!)
      else if (bytes[at] === 0x40) pubacked(probe, bytes.readUInt16BE(at + 2))
    probe.rest = at === bytes.length ? null : Buffer.from(bytes.subarray(at))
  }

  function connacked(probe: Probe, returnCode: number): void {
    if (returnCode !== 0) return void probe.socket!.destroy()
    probe.isUp = true
    probe.failed = 0
    probe.socket!.setTimeout(0)
    up++
    const nowMs = performance.now()
    for (const waiter of waiters) if (up >= waiter.count) waiter.resolve(nowMs)
    waiters = waiters.filter(({ count }) => up < count)
    probe.socket!.write(onlinePacket(publishers[probe.index]!))
    for (const [id, reading] of probe.waiting) send(probe, id, reading)
  }

  function pubacked(probe: Probe, id: number): void {
    const reading = probe.waiting.get(id)
    if (reading === undefined) return
    probe.waiting.delete(id)
    acked++
    if (reading.isCounted) windowMs?.push(performance.now() - reading.sentMs!)
    newestAckedMs.set(publishers[probe.index]!.id, stream.atMsOf(probe.index, reading.n)!)
    stream.forget(probe.index, reading.n)
  }

  function send(probe: Probe, id: number, reading: { n: number; sentMs: number | null }): void {
    const dup = reading.sentMs !== null
    reading.sentMs ??= performance.now()
    const { topic } = publishers[probe.index]!
    const payload = stream.payload(probe.index, reading.n)
    probe.socket!.write(
      generate({ cmd: 'publish', topic, payload, qos: 1, dup, retain: false, messageId: id }),
    )
  }

  function publish(probe: Probe): void {
    const id = (++probe.n % (ONLINE_ID - 1)) + 1
    const reading = { n: probe.n, sentMs: null, isCounted: windowMs !== null && probe.isUp }
    probe.waiting.set(id, reading)
    if (probe.isUp) send(probe, id, reading)
    else stream.payload(probe.index, probe.n) // it has its instant
  }

  // probe after probe, so that each comes once a minute
  const beganMs = performance.now()
  let published = 0
  const ticker = setInterval(() => {
    if (target === null) return
    const elapsedMs = performance.now() - beganMs
    const due = Math.floor((elapsedMs * probes.length) / MINUTE_MS)
    windowLateMs = Math.max(windowLateMs, elapsedMs - (published * MINUTE_MS) / probes.length)
    for (; published < due; published++) publish(probes[published % probes.length]!)
  }, TICK_MS)

  return {
    connectTo({ port, ca }) {
      target = { port, context: ca === null ? null : createSecureContext({ ca }) }
      failures = 0
      for (const probe of probes) {
        const { socket } = probe
        if (probe.isUp) up--
        Object.assign(probe, { socket: null, isUp: false, failed: 0 })
        socket?.destroy()
        setTimeout(open, (probe.index / FIRST_PER_S) * 1000, probe).unref()
      }
    },
    connected: () => up,
    reached(share, withinMs) {
      const count = Math.ceil(share * probes.length)
      if (up >= count) return Promise.resolve(performance.now())
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), withinMs)
        waiters.push({
          count,
          resolve(atMs) {
            clearTimeout(timer)
            resolve(atMs)
          },
        })
      })
    },
    failures: () => failures,
    forgetFailures: () => void (failures = 0),
    startWindow() {
      windowMs = []
      windowLateMs = 0
    },
    windowMs: () => (windowMs ?? []).toSorted((a, b) => a - b),
    windowLateMs: () => windowLateMs,
    unacked: () => probes.reduce((sum, { waiting }) => sum + waiting.size, 0),
    acked: () => acked,
    newestAckedMs: () => newestAckedMs,
    stop() {
      isStopped = true
      clearInterval(ticker)
      for (const { socket } of probes) socket?.destroy()
    },
  }
}

const onlineTopic = ({ topic }: Publisher): string => topic.replace(/telemetry$/, 'online')

const connectPacket = (publisher: Publisher): Buffer =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: publisher.id,
    username: publisher.id,
    password: Buffer.from(publisher.secret),
    keepalive: KEEPALIVE_S,
    will: {
      topic: onlineTopic(publisher),
      payload: Buffer.from('{"on":0,"sess":"b1.c1"}'),
      qos: 1,
      retain: true,
    },
  })

const onlinePacket = (publisher: Publisher): Buffer =>
  generate({
    cmd: 'publish',
    topic: onlineTopic(publisher),
    payload: '{"on":1,"sess":"b1.c1"}',
    qos: 1,
    dup: false,
    retain: true,
    messageId: ONLINE_ID,
  })

const ignore = (): void => {}
