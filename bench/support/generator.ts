/**
 * A load of many publishers over plain sockets: MQTT 3.1.1, QoS 1, so that the generator uses little of the machine
 * under test. It counts acknowledgements and remembers unacknowledged messages, which the next load can resend like a
 * device.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { generate, parser } from 'mqtt-packet'

export interface Publisher {
  id: string
  /** of its gateway; default: its own id */
  userName?: string
  secret: string
  topic: string
}

export interface Load {
  port: number
  publishers: readonly Publisher[]
  /** messages per second over all publishers; null: as fast as the window allows */
  ratePerS: number | null
  /** unacknowledged messages per publisher, without a rate */
  window: number
  forMs: number
  /** the payload of a publisher's nth message (from 1); called for each sending, including resends */
  payload(publisher: number, n: number): string
  acked?(publisher: number, n: number): void
  /** the last number already used by each publisher; default 0 */
  lastN?: readonly number[]
  /** unacknowledged numbers by publisher: sent first, marked as duplicates */
  resend?: readonly (readonly number[])[]
  /** time to wait for the last acknowledgements, ms; default 10 s */
  drainMs?: number
  /** true ends the load early */
  isDone?(): boolean
  /** whether messages sent now count in `ackMs`; default all */
  isCounted?(): boolean
}

export interface LoadResult {
  sent: number
  acked: number
  /** from the first message to the last acknowledgement */
  elapsedMs: number
  lastN: number[]
  /** still unacknowledged numbers by publisher, ascending */
  unacked: number[][]
  /** publish to PUBACK of counted messages, ms, ascending */
  ackMs: number[]
  /** largest delay of a message behind its due time, ms; 0 without a rate */
  latestMs: number
  broken: number // connections that ended before the load
}

interface Connection {
  socket: Socket
  n: number
  waiting: Map<number, { n: number; atMs: number; isCounted: boolean }>
  packetId: number
}

const OPEN_WITHIN_MS = 10_000
const OPEN_AGAIN_MS = 250

/**
 * Runs until its time is over or every connection is broken. Rejects when a publisher is refused, or cannot connect
 * within 10 s.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const connections = await openAll(load)
  const ackMs: number[] = []
  let sentCount = 0
  let acked = 0
  let brokenCount = 0
  let isOver = false
  const isGone = () => brokenCount === connections.length || load.isDone?.() === true

  connections.forEach((connection, index) => {
    listen(connection, (packetId) => {
      const message = connection.waiting.get(packetId)
      if (!message) return
      connection.waiting.delete(packetId)
      acked++
      if (message.isCounted) ackMs.push(performance.now() - message.atMs)
      load.acked?.(index, message.n)
      if (load.ratePerS === null && !isOver) sendNext(index)
    })
    connection.socket.on('close', () => void (isOver || brokenCount++))
  })

  function send(index: number, n: number, dup: boolean): void {
    const connection = connections[index]!
    connection.packetId = (connection.packetId % 65_535) + 1
    const isCounted = load.isCounted?.() ?? true
    connection.waiting.set(connection.packetId, { n, atMs: performance.now(), isCounted })
    connection.socket.write(
      generate({
        cmd: 'publish',
        topic: load.publishers[index]!.topic,
        payload: load.payload(index, n),
        qos: 1,
        dup,
        retain: false,
        messageId: connection.packetId,
      }),
    )
    sentCount++
  }
  function sendNext(index: number): void {
    const connection = connections[index]!
    if (!connection.socket.destroyed) send(index, ++connection.n, false)
  }

  const startMs = performance.now()
  load.resend?.forEach((numbers, index) => numbers.forEach((n) => send(index, n, true)))
  if (load.ratePerS === null)
    for (let i = 0; i < load.window; i++) connections.forEach((_, index) => sendNext(index))
  const latestMs = await sendAtRate(load, sendNext, isGone)
  isOver = true
  await waitForAcks(connections, load.drainMs ?? 10_000)
  const elapsedMs = performance.now() - startMs
  for (const { socket } of connections) socket.destroy()
  return {
    sent: sentCount,
    acked,
    elapsedMs,
    lastN: connections.map(({ n }) => n),
    unacked: connections.map(({ waiting }) => [...waiting.values()].map(({ n }) => n).sort((a, b) => a - b)),
    ackMs: ackMs.sort((a, b) => a - b),
    latestMs,
    broken: brokenCount,
  }
}

/** Sends at the rate, a few messages per millisecond, catching up after a late timer. Returns the largest delay, ms. */
async function sendAtRate(
  load: Load,
  sendNext: (index: number) => void,
  isGone: () => boolean,
): Promise<number> {
  const startMs = performance.now()
  let sentCount = 0
  let latestMs = 0
  for (let nowMs = 0; nowMs < load.forMs && !isGone(); nowMs = performance.now() - startMs) {
    if (load.ratePerS !== null) {
      const dueCount = Math.floor((nowMs * load.ratePerS) / 1000)
      if (sentCount < dueCount) latestMs = Math.max(latestMs, nowMs - (sentCount * 1000) / load.ratePerS)
      for (; sentCount < dueCount; sentCount++) sendNext(sentCount % load.publishers.length)
    }
    await pause(1)
  }
  return latestMs
}

async function waitForAcks(connections: readonly Connection[], forMs: number): Promise<void> {
  const untilMs = performance.now() + forMs
  const isWaiting = () => connections.some(({ socket, waiting }) => !socket.destroyed && waiting.size > 0)
  while (isWaiting() && performance.now() < untilMs) await pause(2)
}

async function openAll(load: Load): Promise<Connection[]> {
  const results = await Promise.allSettled(
    load.publishers.map((publisher, index) => openRetrying(load.port, publisher, load.lastN?.[index] ?? 0)),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined)
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  for (const result of results) if (result.status === 'fulfilled') result.value.socket.destroy()
  throw failed.reason
}

/** A server that is busy closes new connections: as a device does, tries again. The code of a CONNACK is final. */
async function openRetrying(port: number, publisher: Publisher, lastN: number): Promise<Connection> {
  const untilMs = performance.now() + OPEN_WITHIN_MS
  for (;;) {
    try {
      return await open(port, publisher, lastN)
    } catch (error) {
      const isClosed = error instanceof ClosedEarly || (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      if (!isClosed || performance.now() > untilMs) throw error
    }
    await pause(OPEN_AGAIN_MS)
  }
}

/** A connection that was closed before its CONNACK. */
class ClosedEarly extends Error {}

async function open(port: number, publisher: Publisher, lastN: number): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  // a killed server resets the connection: `close` handles it
  socket.on('error', () => {})
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: publisher.id,
      username: publisher.userName ?? publisher.id,
      password: Buffer.from(publisher.secret),
      keepalive: 60,
    }),
  )
  const first = await Promise.race([
    once(socket, 'data').then(([chunk]) => chunk as Buffer),
    once(socket, 'close').then(() => null),
  ])
  if (first === null) throw new ClosedEarly(`${publisher.id} was disconnected`)
  if (first[0] !== 0x20 || first[3] !== 0) {
    socket.destroy()
    throw new Error(`${publisher.id} was refused: CONNACK code ${first[3]}`)
  }
  return { socket, n: lastN, waiting: new Map(), packetId: 0 }
}

function listen(connection: Connection, acked: (packetId: number) => void): void {
  const packetParser = parser()
  packetParser.on('packet', (packet) => {
    if (packet.cmd === 'puback' && packet.messageId !== undefined) acked(packet.messageId)
  })
  connection.socket.on('data', (chunk: Buffer) => void packetParser.parse(chunk))
}

/** The quantile of ascending numbers, 0 to 1; NaN for none. */
export const quantile = (ascending: readonly number[], q: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))] ?? Number.NaN
