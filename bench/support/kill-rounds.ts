/**
 * Kills the server repeatedly in mid-stream. Publishers retain unacknowledged messages and resend them after the
 * restart, like a device from its flash. At the end every acknowledged reading must be stored exactly once.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { compare, type Comparison } from './compare.ts'
import { startServer } from './server.ts'
import { createStream } from './stream.ts'
import { newestIn, storedReadings, type FreshTilth } from './tilth-load.ts'

export interface KillRounds extends Comparison {
  /** never acknowledged at the end */
  unacked: number
  /** from the end of one process to the next acknowledgement, ms, ascending */
  backMs: number[]
}

/** `killAfterMs`: time from the first acknowledgement of a process to its kill. */
export async function killRounds(
  bench: Bench,
  tilth: FreshTilth,
  { kills, ratePerS, killAfterMs }: { kills: number; ratePerS: number; killAfterMs: () => number },
): Promise<KillRounds> {
  const { dataDir, publishers, series } = tilth
  const stream = createStream(publishers, ratePerS)
  const backMs: number[] = []
  const { mqttPort } = tilth.server
  let starting = Promise.resolve(tilth.server)
  try {
    let diedMs = Number.NaN
    const countBack = () => void (Number.isNaN(diedMs) || backMs.push(performance.now() - diedMs))
    for (let kill = 0; kill < kills; kill++) {
      const current = starting
      const afterMs = killAfterMs()
      stream.onNextAck(() => {
        countBack()
        setTimeout(() => void current.then(({ child }) => child.kill('SIGKILL')).catch(() => {}), afterMs)
      })
      await stream.run(mqttPort, afterMs + 30_000)
      await (await current).end('SIGKILL')
      diedMs = performance.now()
      starting = startServer(dataDir, [], { env: { MQTT_PORT: String(mqttPort) } })
      bench.onEnd(async () => (await starting).end('SIGKILL'))
      // devices do not wait for the server's ready message
      await Promise.race([listening(mqttPort), starting])
    }
    stream.onNextAck(countBack)
    await stream.run(mqttPort, 1_000)
    await starting
    const unacked = stream.unacked()
    await stream.stored(newestIn(series))
    const stored = await storedReadings(
      series,
      publishers.map(({ id }) => id),
    )
    return { ...compare(stream.sentMessages(), stored), unacked, backMs: backMs.sort((a, b) => a - b) }
  } finally {
    await series.close()
    await (await starting).end('SIGTERM')
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
