/**
 * The server is killed in mid-stream, ten times over. Publishers keep what was not acknowledged and send it again after
 * the restart, as a device does from its flash. At the end every acknowledged reading must be stored, once.
 */
import { random } from '../../firmware-sim/random.ts'
import type { Bench } from '../support/bench.ts'
import { compare } from '../support/compare.ts'
import { quantile } from '../support/generator.ts'
import { atMost, count, ms, told, type Figure } from '../support/report.ts'
import { startServer } from '../support/server.ts'
import { openStream } from '../support/stream.ts'
import { newestIn, startFresh, storedReadings } from '../support/tilth-load.ts'
import { RATE_PER_S } from './latency.ts'

const KILLS = 10
const EARLIEST_KILL_MS = 1_000
const LATEST_KILL_MS = 3_000

export async function crash(bench: Bench): Promise<Figure[]> {
  const kills = Math.max(2, Math.round(KILLS * bench.scale))
  bench.say(`crash: ${kills} x kill -9 at ${count(RATE_PER_S)} messages a second`)
  const chance = random('crash')
  const tilth = await startFresh(bench, 'crash')
  const { dataDir, publishers, series } = tilth
  const stream = openStream(publishers, RATE_PER_S)
  const backMs: number[] = []
  let server = tilth.server
  try {
    let diedMs = Number.NaN
    for (let kill = 0; kill < kills; kill++) {
      const { child } = server
      const afterMs = EARLIEST_KILL_MS + chance.next() * (LATEST_KILL_MS - EARLIEST_KILL_MS)
      stream.onNextAck(() => {
        if (kill > 0) backMs.push(performance.now() - diedMs)
        setTimeout(() => child.kill('SIGKILL'), afterMs)
      })
      await stream.run(server.mqttPort, LATEST_KILL_MS + 30_000)
      await server.end('SIGKILL')
      diedMs = performance.now()
      server = await startServer(dataDir)
      bench.atEnd(() => server.end('SIGKILL'))
    }
    stream.onNextAck(() => backMs.push(performance.now() - diedMs))
    await stream.run(server.mqttPort, EARLIEST_KILL_MS)
    const unacked = stream.unacked()
    await stream.stored(newestIn(series))
    const stored = await storedReadings(
      series,
      publishers.map(({ id }) => id),
    )
    const { acked, lost, doubled } = compare(stream.said(), stored)
    backMs.sort((a, b) => a - b)
    return [
      atMost('crash', `acknowledged and lost, of ${count(acked)} in ${kills} kills`, lost, 0, count),
      atMost('crash', 'stored twice', doubled, 0, count),
      atMost('crash', 'never acknowledged at the end', unacked, 0, count),
      told('crash', 'kill to next PUBACK, median', ms(quantile(backMs, 0.5))),
      told('crash', 'kill to next PUBACK, longest', ms(backMs.at(-1) ?? Number.NaN)),
    ]
  } finally {
    await series.close()
    await server.end('SIGTERM')
  }
}
