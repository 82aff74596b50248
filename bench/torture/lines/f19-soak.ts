/**
 * F19: a soak under mixed load: readings, controllers with heartbeats, phones, runs, devices that connect and leave,
 * unauthenticated connections. Memory is sampled after garbage collection, and its slope is given with its 95 %
 * interval: the short form finds only a coarse leak and states its size; `--long` takes ten minutes.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../../broker/contract/time.ts'
import { provision } from '../../support/place.ts'
import { atMost, count, megabytes, machineDependent, infoFigure } from '../../support/report.ts'
import type { FaultLine } from '../support/fault-line.ts'
import { startGoodDevices } from '../support/good-devices.ts'
import { brokerCounts, incidents } from '../support/metrics.ts'
import { signUp, type Person } from '../support/person.ts'
import { fitSlope, wanderWithin } from '../support/slope.ts'
import { startTilth, type TilthProcess } from '../support/start-tilth.ts'
import { timeUntil } from '../support/until.ts'
import { provisionValves, switchOn } from '../support/valve-place.ts'
import { openWire, signIn, type Wire } from '../support/wire.ts'

const FOR_MS = { short: 45_000, long: 600_000 }
// warm-up: compiled code, caches and pools are not a leak
const WARM_MS = { short: 15_000, long: 120_000 }
const LOOK_EVERY_MS = 1_000
const BLOCK = 8 // samples
const PROBES = 60
const READINGS_PER_S = 60
const CONTROLLERS = 5
const PHONES = 10
const MIB_AN_HOUR = 1
// descriptors of a checkpoint or a request in progress
const DESCRIPTORS = 5
const HOUR_MS = 3_600_000

export const f19: FaultLine = {
  name: 'F19',
  fault: 'a soak under mixed load: memory, descriptors, monitors',
  async run(torture) {
    const [forMs, warmMs] = torture.isLong ? [FOR_MS.long, WARM_MS.long] : [FOR_MS.short, WARM_MS.short]
    torture.log(`F19: mixed load for ${forMs / 1000} s, after ${warmMs / 1000} s to warm up`)
    const dataDir = await torture.folder('f19')
    const [goer, ...probes] = await provision(dataDir, {
      fields: 10,
      devices: PROBES,
      everyS: 60,
      plantedDaysAgo: 1,
    })
    const place = await provisionValves(dataDir, { controllers: CONTROLLERS, valvesEach: 1 })
    const preload = join(import.meta.dirname, '../support/collect-on-signal.ts')
    const tilth = await startTilth(torture, dataDir, {
      env: {
        HTTP_LIMITS: 'none',
        NODE_OPTIONS: `--import ${import.meta.resolve('tsx')} --import ${preload}`,
      },
    })
    const { port, mqttPort } = tilth
    const person = await signUp(port, tilth.server().setupToken)
    const controllers = await switchOn(torture, place, { mqttPort, clock: systemClock })
    const goodDevices = startGoodDevices(torture, {
      port: mqttPort,
      publishers: probes,
      ratePerS: READINGS_PER_S,
    })
    let isOver = false
    torture.onEnd(async () => void (isOver = true))
    const repeat = async (everyMs: number, run: (turn: number) => Promise<unknown>): Promise<void> => {
      for (let turn = 0; !isOver; turn++) {
        await run(turn).catch((error: Error) => void (trouble = error.message))
        await pause(everyMs)
      }
    }
    let trouble = ''
    const load = [
      repeat(200, () => comeAndGo(mqttPort, goer!)),
      repeat(500, () => stranger(mqttPort)),
      repeat(100, (turn) => openPage(person, turn)),
      ...place.zones.map(({ id }) =>
        repeat(4_000, async () => {
          await person.start(id, 1)
          await pause(4_000)
          await person.stop(id)
        }),
      ),
      ...Array.from({ length: PHONES }, (_, phone) =>
        repeat(2_000, (turn) => openPage(person, phone + turn)),
      ),
    ]
    await pause(warmMs)
    const rss: [number, number][] = []
    const descriptorsBefore = descriptors(tilth)
    let descriptorsAfter = descriptorsBefore
    const startMs = performance.now()
    while (performance.now() - startMs < forMs) {
      tilth.server().child.kill('SIGUSR2')
      await pause(LOOK_EVERY_MS)
      const atH = (performance.now() - startMs) / HOUR_MS
      rss.push([atH, tilth.server().rssMB() ?? Number.NaN])
      descriptorsAfter = descriptors(tilth)
    }
    isOver = true
    await Promise.all(load)
    // requests in progress hold some: the minimum of a quiet moment counts
    await timeUntil(
      5_000,
      () => (descriptorsAfter = Math.min(descriptorsAfter, descriptors(tilth))) <= descriptorsBefore,
    )
    const [incidentCount, counts] = [await incidents(port), await brokerCounts(port)]
    const { load: loadResult } = await goodDevices.stop()
    for (const controller of controllers) await controller.stop()
    await tilth.server().end('SIGTERM')
    if (trouble !== '') torture.log(`F19: the load failed: ${trouble}`)

    const { slope, within: asLine } = fitSlope(rss)
    const uncertainty = Math.max(asLine, wanderWithin(rss, BLOCK))
    const surely = slope - uncertainty
    const rate = (value: number) => `${value.toFixed(1)} MiB/h`
    return [
      infoFigure(
        'F19',
        'memory (RSS) by the hour, with its 95 % interval',
        `${rate(slope)} +- ${rate(uncertainty)}`,
      ),
      machineDependent(atMost('F19', 'certain growth', Math.max(0, surely), MIB_AN_HOUR, rate)),
      infoFigure('F19', 'smallest detectable leak', `>= ${rate(uncertainty + MIB_AN_HOUR)}`),
      infoFigure(
        'F19',
        'memory at the start, at the end',
        `${megabytes(rss[0]?.[1] ?? null)}, ${megabytes(rss.at(-1)?.[1] ?? null)}`,
      ),
      atMost(
        'F19',
        `descriptors more than the ${descriptorsBefore} before`,
        descriptorsAfter - descriptorsBefore,
        DESCRIPTORS,
        count,
      ),
      atMost('F19', 'rules that a monitor found broken', incidentCount, 0, count),
      atMost('F19', 'hooks of the broker that failed', counts.get('hooksFailed') ?? Number.NaN, 0, count),
      atMost(
        'F19',
        `readings not acknowledged, of ${count(loadResult.sent)}`,
        loadResult.sent - loadResult.acked,
        0,
        count,
      ),
    ]
  },
}

/** A device that connects and leaves. */
async function comeAndGo(port: number, device: Parameters<typeof signIn>[1]): Promise<void> {
  const wire: Wire = await signIn({ port }, device)
  wire.end()
}

async function stranger(port: number): Promise<void> {
  const wire = await openWire({ port })
  wire.send(Buffer.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9, 2, 0, 60, 0, 0]))
  await wire.closed()
  wire.end()
}

const paths = [
  '/api/today',
  '/api/fields/field-1',
  '/api/devices',
  '/api/audit?limit=20',
  '/api/dead-letters',
]
const openPage = (person: Person, turn: number): Promise<unknown> => person.get(paths[turn % paths.length]!)

const descriptors = (tilth: TilthProcess): number =>
  readdirSync(`/proc/${tilth.server().child.pid}/fd`).length
