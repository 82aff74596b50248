/**
 * The server is killed in mid-stream, again and again. Publishers keep what was not acknowledged and send it again after
 * the restart, as a device does from its flash. At the end every acknowledged reading must be stored, once.
 */
import type { Bench } from './bench.ts'
import { compare, type Comparison } from './compare.ts'
import { startServer } from './server.ts'
import { openStream } from './stream.ts'
import { newestIn, storedReadings, type FreshTilth } from './tilth-load.ts'

export interface KillRounds extends Comparison {
  /** never acknowledged when all is over */
  unacked: number
  /** from the end of one process to the next acknowledgement, ms, ascending */
  backMs: number[]
}

/** `killAfterMs`: how long after its first acknowledgement the next process is killed. */
export async function killRounds(
  bench: Bench,
  tilth: FreshTilth,
  { kills, ratePerS, killAfterMs }: { kills: number; ratePerS: number; killAfterMs: () => number },
): Promise<KillRounds> {
  const { dataDir, publishers, series } = tilth
  const stream = openStream(publishers, ratePerS)
  const backMs: number[] = []
  let server = tilth.server
  try {
    let diedMs = Number.NaN
    for (let kill = 0; kill < kills; kill++) {
      const { child } = server
      const afterMs = killAfterMs()
      stream.onNextAck(() => {
        if (kill > 0) backMs.push(performance.now() - diedMs)
        setTimeout(() => child.kill('SIGKILL'), afterMs)
      })
      await stream.run(server.mqttPort, afterMs + 30_000)
      await server.end('SIGKILL')
      diedMs = performance.now()
      server = await startServer(dataDir)
      bench.atEnd(() => server.end('SIGKILL'))
    }
    stream.onNextAck(() => backMs.push(performance.now() - diedMs))
    await stream.run(server.mqttPort, 1_000)
    const unacked = stream.unacked()
    await stream.stored(newestIn(series))
    const stored = await storedReadings(
      series,
      publishers.map(({ id }) => id),
    )
    return { ...compare(stream.said(), stored), unacked, backMs: backMs.sort((a, b) => a - b) }
  } finally {
    await series.close()
    await server.end('SIGTERM')
  }
}
