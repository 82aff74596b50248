/**
 * Through one node of RabbitMQ with quorum queues, as docs/rabbitmq sets it up: from publish to queryable at 1,000 messages
 * a second, and ten kills of RabbitMQ in mid-stream.
 */
import { random } from '../../firmware-sim/random.ts'
import { findProgram } from '../../test/support/require.ts'
import { INSTALL_RABBITMQ, startRabbit, type Rabbit } from '../../test/support/rabbitmq.ts'
import type { Bench } from '../support/bench.ts'
import { quantile } from '../support/generator.ts'
import { killRounds } from '../support/kill-rounds.ts'
import { atMost, count, infoFigure, machineDependent, ms, type Figure } from '../support/report.ts'
import { startFresh, type FreshTilth } from '../support/tilth-load.ts'
import { measureLatency, RUN_MS } from './latency.ts'

const RATE_PER_S = 1_000
const P99_MS = 60
const KILLS = 10
const EARLIEST_KILL_MS = 1_000
const LATEST_KILL_MS = 3_000

export async function rabbitmq(bench: Bench): Promise<Figure[]> {
  if (findProgram('rabbitmq-server') === null) return [infoFigure('rabbitmq', 'skipped', INSTALL_RABBITMQ)]
  // the session of one Tilth would keep what is for the next
  return [...(await withRabbit(bench, latencyThrough)), ...(await withRabbit(bench, kills))]
}

async function withRabbit(
  bench: Bench,
  measure: (bench: Bench, rabbit: Rabbit) => Promise<Figure[]>,
): Promise<Figure[]> {
  const rabbit = await startRabbit()
  bench.onEnd(() => rabbit.stop())
  const figures = await measure(bench, rabbit)
  await rabbit.stop()
  return figures
}

async function latencyThrough(bench: Bench, rabbit: Rabbit): Promise<Figure[]> {
  bench.log(`rabbitmq: ${count(RATE_PER_S)} messages a second for ${(RUN_MS * bench.scale) / 1000} s`)
  const latency = await measureLatency(bench, await startBehind(bench, rabbit, 'rabbitmq'), {
    ratePerS: RATE_PER_S,
  })
  return [
    infoFigure('rabbitmq', 'publish -> queryable, p50', ms(latency.p50Ms)),
    machineDependent(atMost('rabbitmq', 'publish -> queryable, p99', latency.p99Ms, P99_MS, ms)),
    infoFigure('rabbitmq', 'publish -> queryable, longest', ms(latency.maxMs)),
    infoFigure('rabbitmq', 'publish -> PUBACK, p99', ms(latency.ackP99Ms)),
    infoFigure('rabbitmq', 'generator behind its plan, worst', ms(latency.senderLateMs)),
    atMost('rabbitmq', `never queryable, of ${count(latency.sent)}`, latency.unseen, 0, count),
  ]
}

async function kills(bench: Bench, rabbit: Rabbit): Promise<Figure[]> {
  const kills = Math.max(2, Math.round(KILLS * bench.scale))
  bench.log(`rabbitmq: ${kills} x kill -9 of RabbitMQ at ${count(RATE_PER_S)} messages a second`)
  const chance = random('rabbitmq')
  const killAfterMs = () => EARLIEST_KILL_MS + chance.next() * (LATEST_KILL_MS - EARLIEST_KILL_MS)
  const tilth = await startBehind(bench, rabbit, 'rabbitmq-killed')
  const [node] = rabbit.nodes
  const victim = {
    port: node!.port,
    kill: node!.kill,
    restart: node!.startServer,
    end: () => tilth.server.end('SIGTERM'),
  }
  const result = await killRounds(bench, tilth, { kills, ratePerS: RATE_PER_S, killAfterMs, victim })
  const lost = `acknowledged and lost, of ${count(result.acked)} in ${kills} kills of RabbitMQ`
  return [
    atMost('rabbitmq', lost, result.lost, 0, count),
    atMost('rabbitmq', 'stored twice', result.doubled, 0, count),
    atMost('rabbitmq', 'never acknowledged at the end', result.unacked, 0, count),
    infoFigure('rabbitmq', 'kill to next PUBACK, median', ms(quantile(result.backMs, 0.5))),
    infoFigure('rabbitmq', 'kill to next PUBACK, longest', ms(result.backMs.at(-1) ?? Number.NaN)),
  ]
}

/** A Tilth of its own behind this RabbitMQ. The probes publish as the user of Tilth, who may use every topic of it. */
function startBehind(bench: Bench, rabbit: Rabbit, name: string): Promise<FreshTilth> {
  const { url, port } = rabbit.nodes[0]!
  const [userName, secret] = ['tilth', rabbit.secretOf('tilth')]
  return startFresh(bench, name, {
    env: { BUS: url.replace('//', `//${userName}:${secret}@`) },
    brokerPort: port,
    prepare: async (_dataDir, devices) => devices.map((device) => ({ ...device, userName, secret })),
  })
}
