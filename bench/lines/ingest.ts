/**
 * The cost of the broker's guard: latency and sustained on a server with the guard and its limits, and without, in turn
 * so that other work on the machine favours neither.
 */
import { join } from 'node:path'
import type { Bench } from '../support/bench.ts'
import { atLeast, atMost, count, ms, infoFigure, type Figure } from '../support/report.ts'
import { startFresh, type FreshTilth } from '../support/tilth-load.ts'
import { measureLatency, P99_MS, type Latency } from './latency.ts'
import { measureSustained, STORED_PER_S, type Sustained } from './sustained.ts'

type Side = 'on' | 'off'
interface Round {
  latency: Latency
  sustained: Sustained
}

const ORDER: Side[] = ['off', 'on', 'on', 'off']
// each side is measured twice
const SCALE_EACH = 0.5
// every limit is checked and none is reached: 200 devices send from one address at full speed
const UNREACHED = 100_000_000
const WIDE_LIMITS = ['connects', 'waiting-per-address', 'per-address', 'per-org', 'burst', 'packets', 'bytes']
  .map((name) => `${name}=${UNREACHED}`)
  .join()

export async function ingest(bench: Bench): Promise<Figure[]> {
  const rounds: Record<Side, Round[]> = { on: [], off: [] }
  for (const side of ORDER) {
    bench.log(`ingest: guard ${side}`)
    const part = { ...bench, scale: bench.scale * SCALE_EACH }
    const latency = await measureLatency(part, await start(bench, side))
    const sustained = await measureSustained(part, await start(bench, side))
    rounds[side].push({ latency, sustained })
  }
  const mean = (side: Side, valueOf: (round: Round) => number) =>
    rounds[side].reduce((sum, round) => sum + valueOf(round), 0) / rounds[side].length
  const compared = (figure: string, valueOf: (round: Round) => number, text: (value: number) => string) =>
    infoFigure(
      'ingest',
      `${figure}: guard on, off`,
      `${text(mean('on', valueOf))}, ${text(mean('off', valueOf))}`,
    )
  const lostCount = (side: Side) =>
    mean(side, ({ latency, sustained }) => latency.unseen + sustained.sent - sustained.stored)

  const p99Ms = (round: Round) => round.latency.p99Ms
  const storedPerS = (round: Round) => round.sustained.storedPerS
  return [
    atMost('ingest', 'publish -> queryable at 2,000/s, p99, guard on', mean('on', p99Ms), P99_MS, ms),
    atLeast('ingest', 'stored a second, guard on', mean('on', storedPerS), STORED_PER_S, count),
    atMost('ingest', 'not stored, guard on', lostCount('on'), 0, count),
    compared('publish -> queryable at 2,000/s, p99', p99Ms, ms),
    compared('publish -> PUBACK at 2,000/s, p99', (round) => round.latency.ackP99Ms, ms),
    compared(
      'processor time at 2,000/s',
      (round) => round.latency.cpuPercent ?? Number.NaN,
      (value) => (Number.isFinite(value) ? `${value.toFixed(0)} % of a core` : 'unknown'),
    ),
    compared('stored a second', storedPerS, count),
    compared('acknowledged a second', (round) => round.sustained.ackedPerS, count),
  ]
}

const start = (bench: Bench, side: Side): Promise<FreshTilth> =>
  side === 'on'
    ? startFresh(bench, 'ingest', { env: { MQTT_LIMITS: WIDE_LIMITS } })
    : startFresh(bench, 'ingest', {
        nodeOptions: ['--import', join(import.meta.dirname, '../support/without-guard.mjs')],
      })
