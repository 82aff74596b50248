/** Throughput when 200 publishers send as fast as they are acknowledged, and memory use. */
import type { Bench } from '../support/bench.ts'
import { runLoad } from '../support/generator.ts'
import { messages } from '../support/messages.ts'
import { ORG } from '../support/place.ts'
import { atLeast, atMost, count, megabytes, infoFigure, type Figure } from '../support/report.ts'
import { sampleMemory } from '../support/memory.ts'
import { profileOptions, PUBLISHERS, QUANTITY, startFresh, type FreshTilth } from '../support/tilth-load.ts'

const RUN_MS = 30_000
const WINDOW = 10
export const STORED_PER_S = 10_000
const MOST_RSS_MB = 512
const MOST_GROWTH_PERCENT = 25

export interface Sustained {
  sent: number
  stored: number
  storedPerS: number // drain included
  ackedPerS: number
  drainMs: number
  maxMB: number
  thirdMB: number
  endMB: number
}

export async function sustained(bench: Bench): Promise<Figure[]> {
  const result = await ownSustained(bench)
  const growth = ((result.endMB - result.thirdMB) / result.thirdMB) * 100
  return [
    atLeast('sustained', 'stored a second, drain included', result.storedPerS, STORED_PER_S, count),
    infoFigure('sustained', 'acknowledged a second', count(result.ackedPerS)),
    infoFigure('sustained', 'drain after the last message', `${(result.drainMs / 1000).toFixed(1)} s`),
    atMost('sustained', `not stored, of ${count(result.sent)}`, result.sent - result.stored, 0, count),
    atMost('sustained', 'memory (RSS), most', result.maxMB, MOST_RSS_MB, megabytes),
    infoFigure(
      'sustained',
      'memory after a third, at the end',
      `${megabytes(result.thirdMB)}, ${megabytes(result.endMB)}`,
    ),
    atMost('sustained', 'memory grown after the first third', growth, MOST_GROWTH_PERCENT, percent),
  ]
}

/** Measured once per bench: the peer is compared with the same run. */
export const ownSustained = (bench: Bench): Promise<Sustained> =>
  bench.once('sustained', async () => {
    bench.log(`sustained: at full speed for ${(RUN_MS * bench.scale) / 1000} s`)
    return measureSustained(bench, await startFresh(bench, 'sustained', { nodeOptions: profileOptions() }))
  })

/** Ends the server passed in. */
export async function measureSustained(bench: Bench, tilth: FreshTilth): Promise<Sustained> {
  const { publishers, server, series, stop } = tilth
  const stream = messages(PUBLISHERS)
  const lastMs = new Array<number>(PUBLISHERS).fill(0)
  try {
    const memory = sampleMemory(server)
    const startMs = performance.now()
    const load = await runLoad({
      port: server.mqttPort,
      publishers,
      ratePerS: null,
      window: WINDOW,
      forMs: RUN_MS * bench.scale,
      payload(publisher, n) {
        const text = stream.payload(publisher, n)
        lastMs[publisher] = stream.atMsOf(publisher, n)!
        stream.forget(publisher, n)
        return text
      },
    })
    const loadMs = performance.now() - startMs
    await allVisible(tilth, lastMs)
    const wholeMs = performance.now() - startMs
    const memorySeen = memory.stop()
    let stored = 0
    for (const { id: device } of publishers) {
      const query = { org: ORG, device, quantity: QUANTITY, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
      for (const { atMs } of await series.range({ ...query, limit: 10_000_000 })) stored += atMs.length
    }
    return {
      sent: load.sent,
      stored,
      storedPerS: (stored * 1000) / wholeMs,
      ackedPerS: (load.acked * 1000) / loadMs,
      drainMs: wholeMs - loadMs,
      ...memorySeen,
    }
  } finally {
    await stop()
  }
}

async function allVisible({ series }: FreshTilth, lastMs: readonly number[]): Promise<void> {
  const untilMs = performance.now() + 120_000
  const lastOfAll = () => Math.min(...lastMs)
  while (performance.now() < untilMs) {
    const latest = await series.latest({ org: ORG, sinceMs: lastOfAll() })
    const newest = new Map(latest.map(({ device, atMs }) => [device, atMs]))
    if (lastMs.every((atMs, index) => (newest.get(`probe-${index + 1}`) ?? 0) >= atMs)) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const percent = (value: number): string => `${Math.round(value)} %`
