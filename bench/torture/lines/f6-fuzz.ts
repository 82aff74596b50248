/**
 * F6: packets generated from the grammar and mutated, payloads on every kind of topic, requests generated from the
 * OpenAPI document. Nothing ends the server or makes it fail, its memory stays bounded, and a device of another
 * organisation is hardly affected. Findings are printed with the seed and number that reproduce them.
 */
import { availableParallelism } from 'node:os'
import { quantile } from '../../support/generator.ts'
import { sampleMemory } from '../../support/memory.ts'
import { provision } from '../../support/place.ts'
import {
  atMost,
  count,
  megabytes,
  ms,
  machineDependent,
  infoFigure,
  type Figure,
} from '../../support/report.ts'
import { openSeriesOf, storedReadings } from '../../support/tilth-load.ts'
import { compare } from '../../support/compare.ts'
import type { FuzzReport, FuzzTask } from '../fuzz/report.ts'
import { startChild } from '../support/child-program.ts'
import type { FaultLine, Torture } from '../support/fault-line.ts'
import { startGoodDevices } from '../support/good-devices.ts'
import { behind, brokerCounts } from '../support/metrics.ts'
import { OTHER_ORG, provisionOther } from '../support/other-org.ts'
import { startTilth } from '../support/start-tilth.ts'
import { timeUntil } from '../support/until.ts'
import { provisionValves } from '../support/valve-place.ts'

const MANY = {
  short: { packets: 100_000, payloads: 1_000, requests: 20_000 },
  long: { packets: 1_000_000, payloads: 100_000, requests: 100_000 },
}
const FUZZERS = 128
const GOOD_PER_S = 25
const P99_MS = 250
const RSS_MB = 300

export const f6: FaultLine = {
  name: 'F6',
  fault: 'fuzzed packets, payloads and requests',
  async run(torture) {
    const counts = torture.isLong ? MANY.long : MANY.short
    torture.log(
      `F6: ${count(counts.packets)} packets, ${count(counts.payloads)} payloads a topic, ${count(counts.requests)} requests, on ${availableParallelism()} cores`,
    )
    const dataDir = await torture.folder('f6')
    const probes = await provision(dataDir, { fields: 2, devices: FUZZERS, everyS: 60, plantedDaysAgo: 1 })
    const { credentials: controllers } = await provisionValves(dataDir, { controllers: 4, valvesEach: 1 })
    const otherDevice = await provisionOther(dataDir)
    // at full speed: load that a farm's limits would hold back must not harm either
    const tilth = await startTilth(torture, dataDir, { env: { HTTP_LIMITS: 'none' } })
    const server = tilth.server()
    const { port, mqttPort } = tilth
    const goodDevices = startGoodDevices(torture, {
      port: mqttPort,
      publishers: [otherDevice],
      ratePerS: GOOD_PER_S,
    })
    const memory = sampleMemory(server)
    const figures: Figure[] = []
    for (const part of ['packets', 'payloads', 'requests'] as const) {
      const task: FuzzTask = {
        part,
        seed: torture.seed,
        port,
        mqttPort,
        many: counts[part],
        probes,
        controllers,
        setupToken: server.setupToken,
      }
      figures.push(...(await fuzz(torture, task)))
    }
    const isAlive = server.child.exitCode === null && server.child.signalCode === null
    if (!isAlive) torture.log(`F6: the server ended: ${server.output().slice(-2_000)}`)
    const hooksFailed = (await brokerCounts(port)).get('hooksFailed') ?? Number.NaN
    const { load, said } = await goodDevices.stop()
    await timeUntil(60_000, async () => (await behind(port)) === 0)
    const { maxMB } = memory.stop()
    await server.end('SIGTERM')
    const series = await openSeriesOf(dataDir)
    const stored = await storedReadings(series, [otherDevice.id], OTHER_ORG).finally(() => series.close())
    const comparison = compare(said, stored)
    return [
      ...figures,
      atMost('F6', 'crashes', isAlive ? 0 : 1, 0, count),
      atMost('F6', 'unexpected errors in broker hooks', hooksFailed, 0, count),
      machineDependent(atMost('F6', 'memory (RSS), most', maxMB, RSS_MB, megabytes)),
      machineDependent(atMost('F6', "a good device's PUBACK, p99", quantile(load.ackMs, 0.99), P99_MS, ms)),
      atMost('F6', 'its connections that ended', load.broken, 0, count),
      atMost(
        'F6',
        `its messages lost, of ${count(load.sent)}`,
        comparison.lost + load.sent - load.acked,
        0,
        count,
      ),
    ]
  },
}

async function fuzz(torture: Torture, task: FuzzTask): Promise<Figure[]> {
  const startMs = performance.now()
  const report = await (await startChild<FuzzReport>(torture, '../fuzz/main', task)).done
  for (const { replay, what, sent } of report.faults) torture.log(`F6: ${replay}: ${what}\n  ${sent}`)
  const tookS = ((performance.now() - startMs) / 1000).toFixed(0)
  const faults = {
    packets: 'connections left open or server gone',
    payloads: 'closed or not acknowledged',
    requests: 'responses 5xx or none',
  }[task.part]
  const counts = Object.entries(report.counts).sort(([entry], [two]) => entry.localeCompare(two))
  return [
    infoFigure('F6', `${task.part} fuzzed, in ${tookS} s`, count(report.done)),
    atMost('F6', `${task.part}: ${faults}`, report.faults.length, 0, count),
    ...(counts.length === 0
      ? []
      : [
          infoFigure(
            'F6',
            `${task.part}: responses`,
            counts.map(([response, times]) => `${response} ${times}`).join(', '),
          ),
        ]),
  ]
}
