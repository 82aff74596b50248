/**
 * The alternative that a user would pick: mosquitto, Node-RED with node-red-contrib-influxdb, InfluxDB 1.x. The same
 * generator, messages and definition of queryable. Its own figures cannot fail; Tilth's are compared with them.
 */
import type { Bench } from '../support/bench.ts'
import { quantile, runLoad } from '../support/generator.ts'
import { messages } from '../support/messages.ts'
import { findPeer, startPeer, type Peer, type PeerPrograms } from '../support/peer.ts'
import { atLeast, atMost, count, ms, infoFigure, type Figure } from '../support/report.ts'
import { sampleMemory } from '../support/memory.ts'
import { PUBLISHERS } from '../support/tilth-load.ts'
import { watchVisibility } from '../support/visible.ts'
import { ownLatency, RATE_PER_S, RUN_MS } from './latency.ts'
import { ownSustained } from './sustained.ts'

const OFFERED_PER_S = [2_000, 4_000, 8_000]
const DRAIN_MS = 20_000
/** Tilth's p99 as a share of the peer's, and its rate as a multiple of the peer's highest, messages lost or not. */
const P99_SHARE = 0.35
const RATE_TIMES = 5

export async function peer(bench: Bench): Promise<Figure[]> {
  const programs = await findPeer(bench)
  if (typeof programs === 'string') {
    bench.log(`peer: skipped, ${programs}`)
    return [infoFigure('peer', 'skipped', programs)]
  }
  const [own, ownRate] = [await ownLatency(bench), await ownSustained(bench)]
  const figures: Figure[] = []
  let p99Ms = Number.NaN
  let highestPerS = 0
  for (const perS of OFFERED_PER_S) {
    const run = await measure(bench, programs, perS)
    const offered = `${count(perS)}/s offered`
    figures.push(
      infoFigure('peer', `${offered}: publish -> queryable, p50`, ms(run.p50Ms)),
      infoFigure('peer', `${offered}: publish -> queryable, p99`, ms(run.p99Ms)),
      infoFigure('peer', `${offered}: stored a second, drain included`, count(run.storedPerS)),
      infoFigure(
        'peer',
        `${offered}: acknowledged and not stored`,
        `${count(run.lost)} of ${count(run.sent)}`,
      ),
      infoFigure('peer', `${offered}: memory of Node-RED, most`, `${Math.round(run.maxMB)} MB`),
    )
    highestPerS = Math.max(highestPerS, run.storedPerS)
    if (perS === RATE_PER_S) p99Ms = run.p99Ms
  }
  return [
    atMost(
      'peer',
      `Tilth's p99 at ${count(RATE_PER_S)}/s, of the peer's`,
      own.p99Ms / p99Ms,
      P99_SHARE,
      ratio,
    ),
    atLeast(
      'peer',
      "Tilth's stored a second, of the peer's highest",
      ownRate.storedPerS / highestPerS,
      RATE_TIMES,
      ratio,
    ),
    ...figures,
  ]
}

const ratio = (value: number): string => value.toFixed(2)

async function measure(bench: Bench, programs: PeerPrograms, perS: number) {
  bench.log(`peer: ${count(perS)} messages a second for ${(RUN_MS * bench.scale) / 1000} s`)
  const peer: Peer = await startPeer(bench, programs)
  const publishers = Array.from({ length: PUBLISHERS }, (_, index) => ({
    id: `probe-${index + 1}`,
    secret: '-',
    topic: `tilth/v1/bench/probe-${index + 1}/telemetry`,
  }))
  const stream = messages(PUBLISHERS)
  const watch = watchVisibility(peer.readNewest)
  try {
    const target = { port: peer.mqttPort, publishers, window: 0 }
    // same warm-up as the latency line
    const warm = await runLoad({
      ...target,
      ratePerS: 2_000,
      forMs: 3_000 * bench.scale,
      payload: stream.payload,
    })
    const memory = sampleMemory(peer.nodeRed)
    const startMs = performance.now()
    const load = await runLoad({
      ...target,
      ratePerS: perS,
      forMs: RUN_MS * bench.scale,
      lastN: warm.lastN,
      payload(publisher, n) {
        const text = stream.payload(publisher, n)
        watch.sent(publishers[publisher]!.id, stream.atMsOf(publisher, n)!)
        return text
      },
    })
    const unseen = await watch.drained(DRAIN_MS)
    await watch.stop()
    const seenMs = watch.seenMs()
    const lostCount = warm.sent + load.sent - (await peer.stored())
    return {
      sent: load.sent,
      unseen,
      p50Ms: quantile(seenMs, 0.5),
      p99Ms: quantile(seenMs, 0.99),
      lost: lostCount,
      storedPerS: ((load.sent - lostCount) * 1000) / (watch.lastSeenMs() - startMs),
      maxMB: memory.stop().maxMB,
    }
  } finally {
    await watch.stop().catch(() => {})
    await peer.stop()
  }
}
