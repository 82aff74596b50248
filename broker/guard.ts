/**
 * Stands between a connection and aedes: refuses packets that are too large before they are buffered, lets nothing
 * follow CONNECT until it has been accepted, and stops reading while the journal has no room.
 */
import { Duplex } from 'node:stream'
import { packetScanner, type Scan } from './packet-scanner.ts'

/** Says when no more may be read from the network. */
export interface Gate {
  isFull(): boolean
  onRoom(run: () => void): void
}

export type Refusal = Extract<Scan['stop'], { kind: 'oversize' | 'malformed' }>

export interface Guard {
  /** what aedes reads and writes */
  stream: Duplex
  /** The CONNECT was accepted: what follows may pass. */
  open(): void
}

/** Makes the guards of one broker: while the gate is full they all rest. */
export function guards(gate: Gate): (connection: Duplex, onRefused: (refusal: Refusal) => void) => Guard {
  const resting = new Set<() => void>()
  gate.onRoom(() => {
    const runs = [...resting]
    resting.clear()
    for (const run of runs) run()
  })

  return (connection, onRefused) => {
    const scan = packetScanner()
    let phase: 'connect' | 'answer' | 'open' | 'refused' = 'connect'
    // what came behind CONNECT and has to wait for its answer
    let waiting: Buffer[] = []
    let isResting = false
    let wantsMore = true

    const stream = new Duplex({
      read() {
        wantsMore = true
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
        resting.delete(wake)
        connection.destroy()
        done(error)
      },
    })

    function send(bytes: Buffer, done: () => void): void {
      if (connection.destroyed || connection.write(bytes)) done()
      else connection.once('drain', done)
    }

    function flow(): void {
      const isReading = phase === 'connect' || phase === 'open'
      if (wantsMore && !isResting && isReading) connection.resume()
      else connection.pause()
    }

    function wake(): void {
      isResting = false
      flow()
    }

    function take(chunk: Buffer): void {
      const { end, stop } = scan(chunk)
      if (end > 0) wantsMore = stream.push(end === chunk.length ? chunk : chunk.subarray(0, end))
      if (stop?.kind === 'connect') {
        phase = 'answer'
        if (end < chunk.length) waiting.push(chunk.subarray(end))
      } else if (stop !== null) {
        phase = 'refused'
        onRefused(stop)
      } else if (gate.isFull()) {
        isResting = true
        resting.add(wake)
      }
      flow()
    }

    connection.on('data', (chunk: Buffer) => {
      if (phase === 'answer') waiting.push(chunk)
      else if (phase !== 'refused') take(chunk)
    })
    connection.on('end', () => stream.push(null))
    connection.on('error', (error) => stream.destroy(error))
    connection.on('close', () => stream.destroy())

    return {
      stream,
      open() {
        if (phase !== 'answer') return
        phase = 'open'
        const chunks = waiting
        waiting = []
        for (const chunk of chunks) if (phase !== ('refused' as string)) take(chunk)
        flow()
      },
    }
  }
}
