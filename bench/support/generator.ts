/**
 * A load of many publishers over plain sockets: MQTT 3.1.1, QoS 1, packets encoded beforehand, so that the generator
 * leaves as much of the machine as it can to what is measured. It counts every acknowledgement.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { generate, parser } from 'mqtt-packet'

export interface Publisher {
  id: string
  secret: string
  topic: string
}

export interface Load {
  port: number
  publishers: Publisher[]
  /** messages a second over all publishers; null: as fast as the window allows */
  ratePerS: number | null
  /** unacknowledged messages a publisher may have, when there is no rate */
  window: number
  forMs: number
  /** the payload of a publisher's nth message (from 1), made when it is sent */
  payload(publisher: number, n: number): string
  acked?(publisher: number, n: number): void
  firstN?: number[]
}

export interface LoadResult {
  sent: number
  acked: number
  elapsedMs: number
  sentByPublisher: number[]
  /** publish to PUBACK, ms, ascending */
  ackMs: number[]
  broken: number // connections that ended before the load did
}

type Connection = {
  socket: Socket
  n: number
  waiting: Map<number, { n: number; atMs: number }>
  packetId: number
}

export async function runLoad(load: Load): Promise<LoadResult> {
  const result: LoadResult = { sent: 0, acked: 0, elapsedMs: 0, sentByPublisher: [], ackMs: [], broken: 0 }
  let isOver = false
  const connections = await Promise.all(
    load.publishers.map((publisher, index) => open(load, publisher, load.firstN?.[index] ?? 0)),
  )
  const startMs = performance.now()
  connections.forEach((connection, index) => {
    listen(connection, (packetId) => {
      const sent = connection.waiting.get(packetId)
      if (!sent) return
      connection.waiting.delete(packetId)
      result.acked += 1
      result.ackMs.push(performance.now() - sent.atMs)
      load.acked?.(index, sent.n)
      if (load.ratePerS === null && !isOver) send(index)
    })
    connection.socket.on('close', () => void (isOver || result.broken++))
    connection.socket.on('error', () => {})
  })

  function send(index: number): void {
    const connection = connections[index]!
    if (connection.socket.destroyed) return
    const n = ++connection.n
    connection.packetId = (connection.packetId % 65_535) + 1
    const packet = generate({
      cmd: 'publish',
      topic: load.publishers[index]!.topic,
      payload: load.payload(index, n),
      qos: 1,
      dup: false,
      retain: false,
      messageId: connection.packetId,
    })
    connection.waiting.set(connection.packetId, { n, atMs: performance.now() })
    connection.socket.write(packet)
    result.sent += 1
  }

  if (load.ratePerS === null)
    for (let index = 0; index < connections.length; index++) for (let i = 0; i < load.window; i++) send(index)
  await pace(load, send)
  isOver = true
  // what is under way may still be acknowledged
  const drainUntilMs = performance.now() + 10_000
  while (connections.some(({ socket, waiting }) => !socket.destroyed && waiting.size > 0)) {
    if (performance.now() > drainUntilMs) break
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  result.elapsedMs = performance.now() - startMs
  result.sentByPublisher = connections.map(({ n }) => n)
  result.ackMs.sort((a, b) => a - b)
  for (const { socket } of connections) socket.destroy()
  return result
}

/** Sends at the rate, a few messages each millisecond, catching up when a turn came late. */
async function pace(load: Load, send: (index: number) => void): Promise<void> {
  const startMs = performance.now()
  let sent = 0
  while (performance.now() - startMs < load.forMs) {
    if (load.ratePerS !== null) {
      const due = Math.floor(((performance.now() - startMs) * load.ratePerS) / 1000)
      for (; sent < due; sent++) send(sent % load.publishers.length)
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

async function open(load: Load, publisher: Publisher, firstN: number): Promise<Connection> {
  const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: publisher.id,
      username: publisher.id,
      password: Buffer.from(publisher.secret),
      keepalive: 60,
    }),
  )
  const [first] = (await once(socket, 'data')) as [Buffer]
  if (first[0] !== 0x20 || first[3] !== 0)
    throw new Error(`${publisher.id} was refused: CONNACK code ${first[3]}`)
  return { socket, n: firstN, waiting: new Map(), packetId: 0 }
}

function listen(connection: Connection, acked: (packetId: number) => void): void {
  const read = parser()
  read.on('packet', (packet) => {
    if (packet.cmd === 'puback' && packet.messageId !== undefined) acked(packet.messageId)
  })
  connection.socket.on('data', (chunk: Buffer) => void read.parse(chunk))
}

/** The quantile of ascending numbers, 0 to 1; NaN for none. */
export const quantile = (ascending: number[], q: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(q * ascending.length))] ?? Number.NaN
