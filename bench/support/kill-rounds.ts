/**
 * Kills Tilth, or the broker in front of it, repeatedly in mid-stream. Publishers retain unacknowledged messages and
 * resend them after the restart, like a device from its flash. At the end every acknowledged reading must be stored
 * exactly once.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { compare, type Comparison } from './compare.ts'
import { startServer, type Server } from './server.ts'
import { createStream } from './stream.ts'
import { newestIn, storedReadings, type FreshTilth } from './tilth-load.ts'

export interface KillRounds extends Comparison {
  /** never acknowledged at the end */
  unacked: number
  /** from the end of one process to the next acknowledgement, ms, ascending */
  backMs: number[]
}

/** What is killed: the process that acknowledges the messages of devices. */
export interface Victim {
  /** of MQTT */
  port: number
  /** Ends it with SIGKILL. */
  kill(): Promise<void>
  /** Starts it again; resolves when devices may connect. */
  restart(): Promise<void>
  /** Ends it in order, after the last round. */
  end(): Promise<void>
}

/** `killAfterMs`: time from the first acknowledgement of a process to its kill. `victim`: default Tilth itself. */
export async function killRounds(
  bench: Bench,
  { dataDir, publishers, series, server }: FreshTilth,
  {
    kills,
    ratePerS,
    killAfterMs,
    victim = tilthAsVictim(bench, dataDir, server),
  }: { kills: number; ratePerS: number; killAfterMs: () => number; victim?: Victim },
): Promise<KillRounds> {
  const stream = createStream(publishers, ratePerS)
  const backMs: number[] = []
  try {
    let diedMs = Number.NaN
    const countBack = () => void (Number.isNaN(diedMs) || backMs.push(performance.now() - diedMs))
    for (let kill = 0; kill < kills; kill++) {
      const afterMs = killAfterMs()
      stream.onNextAck(() => {
        countBack()
        setTimeout(() => void victim.kill().catch(() => {}), afterMs)
      })
      await stream.run(victim.port, afterMs + 30_000)
      await victim.kill()
      diedMs = performance.now()
      await victim.restart()
    }
    stream.onNextAck(countBack)
    await stream.run(victim.port, 1_000)
    const unacked = stream.unacked()
    await stream.stored(newestIn(series))
    const stored = await storedReadings(
      series,
      publishers.map(({ id }) => id),
    )
    return { ...compare(stream.sentMessages(), stored), unacked, backMs: backMs.sort((a, b) => a - b) }
  } finally {
    await series.close()
    await victim.end()
  }
}

function tilthAsVictim(bench: Bench, dataDir: string, server: Server): Victim {
  const port = server.mqttPort
  let starting = Promise.resolve(server)
  return {
    port,
    kill: async () => (await starting).end('SIGKILL'),
    async restart() {
      starting = startServer(dataDir, [], { env: { MQTT_PORT: String(port) } })
      bench.onEnd(async () => (await starting).end('SIGKILL'))
      // devices do not wait for the server's ready message
      await Promise.race([listening(port), starting])
    },
    end: async () => (await starting).end('SIGTERM'),
  }
}

/** Resolves when the port accepts connections. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isTaken = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isTaken) return
    await pause(5)
  }
}
