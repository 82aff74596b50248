/**
 * Messages of other makes at the rate of `latency`: ChirpStack, Zigbee2MQTT and Tasmota in turn, through gateways on the
 * broker, QoS 1. From publish to queryable, against Tilth's own telemetry of the same run; each message stored once.
 */
import type { Bench } from '../support/bench.ts'
import { foreignMessages, moveBehindGateways, quantityOf } from '../support/foreign-place.ts'
import { messages, type Messages } from '../support/messages.ts'
import { atMost, count, infoFigure, machineDependent, ms, type Figure } from '../support/report.ts'
import { openSeriesOf, PUBLISHERS, profileOptions, startFresh } from '../support/tilth-load.ts'
import { ORG } from '../support/place.ts'
import { measureLatency, ownLatency, RATE_PER_S, RUN_MS } from './latency.ts'

const TIMES_OWN = 1.5

export async function foreign(bench: Bench): Promise<Figure[]> {
  const own = await ownLatency(bench)
  bench.log(
    `foreign: ${count(RATE_PER_S)} messages of other makes a second for ${(RUN_MS * bench.scale) / 1000} s`,
  )
  const stream = foreignMessages(messages(PUBLISHERS))
  const tilth = await startFresh(bench, 'foreign', {
    nodeOptions: profileOptions(),
    prepare: moveBehindGateways,
  })
  const latency = await measureLatency(bench, tilth, { stream })
  const { sent, lost, doubled } = await compareStored(tilth.dataDir, tilth.publishers, stream, latency.lastN)
  const ratio = latency.p99Ms / own.p99Ms
  return [
    infoFigure('foreign', 'publish -> queryable, p50', ms(latency.p50Ms)),
    infoFigure('foreign', 'publish -> queryable, p99', ms(latency.p99Ms)),
    infoFigure('foreign', 'own telemetry, p99', ms(own.p99Ms)),
    machineDependent(
      atMost('foreign', 'p99 against own telemetry', ratio, TIMES_OWN, (value) => `${value.toFixed(2)} x`),
    ),
    infoFigure('foreign', 'publish -> PUBACK, p99', ms(latency.ackP99Ms)),
    infoFigure(
      'foreign',
      'processor time of the server',
      latency.cpuPercent === null ? 'unknown' : `${latency.cpuPercent.toFixed(0)} % of a core`,
    ),
    infoFigure('foreign', 'generator behind its plan, worst', ms(latency.senderLateMs)),
    atMost('foreign', `lost, of ${count(sent)}`, lost, 0, count),
    atMost('foreign', 'stored twice, or at another time', doubled, 0, count),
  ]
}

/** Sent messages without a reading of their instant, and readings of an instant that no message had. */
async function compareStored(
  dataDir: string,
  publishers: readonly { id: string }[],
  stream: Messages,
  lastN: readonly number[],
): Promise<{ sent: number; lost: number; doubled: number }> {
  const series = await openSeriesOf(dataDir)
  const totals = { sent: 0, lost: 0, doubled: 0 }
  try {
    for (const [index, { id }] of publishers.entries()) {
      const left = new Set(Array.from({ length: lastN[index]! }, (_, i) => stream.atMsOf(index, i + 1)!))
      totals.sent += left.size
      const [columns] = await series.range({
        org: ORG,
        device: id,
        quantity: quantityOf(index),
        fromMs: 0,
        toMs: Number.MAX_SAFE_INTEGER,
        limit: 10_000_000,
      })
      for (const atMs of columns?.atMs ?? []) if (!left.delete(atMs)) totals.doubled++
      totals.lost += left.size
    }
  } finally {
    await series.close()
  }
  return totals
}
