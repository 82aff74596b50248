/**
 * From publish to queryable at 2,000 messages a second, QoS 1, from 200 publishers. Visible: another process, with its
 * own connection, gets the reading from the series store.
 */
import type { Bench } from '../support/bench.ts'
import { quantile, runLoad } from '../support/generator.ts'
import { messages, type Messages } from '../support/messages.ts'
import { atMost, count, ms, infoFigure, type Figure } from '../support/report.ts'
import {
  newestIn,
  profileOptions,
  PUBLISHERS,
  startFresh,
  untilFirstJobs,
  type FreshTilth,
} from '../support/tilth-load.ts'
import { watchVisibility } from '../support/visible.ts'

export const RATE_PER_S = 2_000
export const RUN_MS = 20_000
export const P99_MS = 20
const CPU_PERCENT = 40

export interface Latency {
  sent: number
  /** the last number of each publisher, the warm-up included */
  lastN: number[]
  unseen: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  ackP99Ms: number
  senderLateMs: number
  /** of one core, %; null when the system does not report it */
  cpuPercent: number | null
}

export async function latency(bench: Bench): Promise<Figure[]> {
  const latencyResult = await ownLatency(bench)
  return [
    infoFigure('latency', 'publish -> queryable, p50', ms(latencyResult.p50Ms)),
    atMost('latency', 'publish -> queryable, p99', latencyResult.p99Ms, P99_MS, ms),
    infoFigure('latency', 'publish -> queryable, longest', ms(latencyResult.maxMs)),
    infoFigure('latency', 'publish -> PUBACK, p99', ms(latencyResult.ackP99Ms)),
    atMost(
      'latency',
      'processor time of the server',
      latencyResult.cpuPercent ?? Number.NaN,
      CPU_PERCENT,
      (percent) => (Number.isNaN(percent) ? 'unknown' : `${percent.toFixed(0)} % of a core`),
    ),
    infoFigure('latency', 'generator behind its plan, worst', ms(latencyResult.senderLateMs)),
    atMost('latency', `never queryable, of ${count(latencyResult.sent)}`, latencyResult.unseen, 0, count),
  ]
}

/** Measured once per bench: the peer is compared with the same run. */
export const ownLatency = (bench: Bench): Promise<Latency> =>
  bench.once('latency', async () => {
    bench.log(`latency: ${count(RATE_PER_S)} messages a second for ${(RUN_MS * bench.scale) / 1000} s`)
    return measureLatency(bench, await startFresh(bench, 'latency', { nodeOptions: profileOptions() }))
  })

/** Ends the server passed in. */
export async function measureLatency(
  bench: Bench,
  tilth: FreshTilth,
  { stream = messages(PUBLISHERS), ratePerS = RATE_PER_S }: { stream?: Messages; ratePerS?: number } = {},
): Promise<Latency> {
  const { dataDir, publishers, server, series, stop } = tilth
  const watch = watchVisibility(newestIn(series))
  try {
    bench.log('the jobs of the first minute')
    await untilFirstJobs(dataDir)
    // connecting, compiling and the first rows of 200 series are warm-up
    const warm = await runLoad({
      port: server.mqttPort,
      publishers,
      ratePerS,
      window: 0,
      forMs: 3_000 * bench.scale,
      payload: stream.payload,
    })
    const cpuBeforeS = server.cpuS()
    const load = await runLoad({
      port: server.mqttPort,
      publishers,
      ratePerS,
      window: 0,
      forMs: RUN_MS * bench.scale,
      lastN: warm.lastN,
      payload(publisher, n) {
        const text = stream.payload(publisher, n)
        watch.sent(publishers[publisher]!.id, stream.atMsOf(publisher, n)!)
        return text
      },
    })
    const cpuAfterS = server.cpuS()
    const unseen = await watch.drained(10_000)
    await watch.stop()
    const seenMs = watch.seenMs()
    return {
      sent: load.sent,
      lastN: load.lastN,
      unseen,
      p50Ms: quantile(seenMs, 0.5),
      p99Ms: quantile(seenMs, 0.99),
      maxMs: seenMs.at(-1) ?? Number.NaN,
      ackP99Ms: quantile(load.ackMs, 0.99),
      senderLateMs: load.latestMs,
      cpuPercent:
        cpuBeforeS === null || cpuAfterS === null
          ? null
          : ((cpuAfterS - cpuBeforeS) * 100_000) / load.elapsedMs,
    }
  } finally {
    await watch.stop().catch(() => {})
    await stop()
  }
}
