/**
 * 10,000 probes of a co-operative at one Tilth with its own broker, under the limits of a real farm: back after a kill,
 * memory, and acknowledgements from the first minute on; then the same over TLS. The probes are in this process, so
 * they share the machine with the server. Then the hourly and nightly work of 10,000 fields.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../test/support/free-port.ts'
import { createFleet, type Fleet, type FleetPort } from '../fleet/devices.ts'
import { measureFields } from '../fleet/jobs.ts'
import type { Bench } from '../support/bench.ts'
import { makeCertificate } from '../support/certificate.ts'
import { quantile } from '../support/generator.ts'
import { sampleMemory } from '../support/memory.ts'
import { ORG, provision } from '../support/place.ts'
import { atMost, count, infoFigure, machineDependent, megabytes, ms, type Figure } from '../support/report.ts'
import { startServer, type Server } from '../support/server.ts'
import { openSeriesOf, profileOptions } from '../support/tilth-load.ts'

const DEVICES = { full: 10_000, short: 2_000 }
const FIELDS = { full: 2_000, short: 400 }
const MINUTE_MS = { full: 60_000, short: 15_000 }
const BACK_SHARE = 0.95
// before the kill: on a busy machine the last ones may wait minutes in their back-off
const FIRST_SHARE = 0.98
const BACK_S = { plain: 20, TLS: 45 }
const MEMORY_MB = 350
const ACK_P99_MS = 30
const WITHIN_MS = 300_000
const SPARE_FILES = 500

type Transport = keyof typeof BACK_S

export const fleet = async (bench: Bench): Promise<Figure[]> => [
  ...(await measureDevices(bench)),
  ...(await measureFields(bench)),
]

/** The devices alone. */
export async function measureDevices(bench: Bench): Promise<Figure[]> {
  const size = bench.scale < 1 ? 'short' : 'full'
  const devices = DEVICES[size]
  bench.log(`fleet: ${count(devices)} probes connect, plain and over TLS`)
  checkFiles(devices)
  const dataDir = await bench.folder('fleet')
  const publishers = await provision(dataDir, {
    fields: FIELDS[size],
    devices,
    everyS: 60,
    plantedDaysAgo: 1,
  })
  const { certPath, keyPath } = makeCertificate(dataDir)
  const [port, mqttPort, tlsPort] = [await freePort(), await freePort(), await freePort()]
  const start = async () => {
    const server = await startServer(dataDir, profileOptions(), {
      env: {
        MQTT_LIMITS: '', // the standard ones
        PORT: String(port),
        MQTT_PORT: String(mqttPort),
        MQTTS_HOST: '127.0.0.1',
        MQTTS_PORT: String(tlsPort),
        MQTT_TLS_CERT: certPath,
        MQTT_TLS_KEY: keyPath,
      },
    })
    bench.onEnd(() => server.end('SIGKILL'))
    return server
  }
  const probes = createFleet(publishers, 'fleet')
  bench.onEnd(async () => probes.stop())
  const ports: Record<Transport, FleetPort> = {
    plain: { port: mqttPort, ca: null },
    TLS: { port: tlsPort, ca: readFileSync(certPath) },
  }
  let server = await start()
  const figures: Figure[] = []
  for (const transport of ['plain', 'TLS'] as const) {
    probes.connectTo(ports[transport])
    if ((await probes.reached(FIRST_SHARE, WITHIN_MS)) === null)
      throw new Error(`only ${probes.connected()} of ${devices} could connect (${transport})`)
    bench.log(`fleet: connected (${transport}); the server is killed`)
    await server.end('SIGKILL')
    probes.forgetFailures()
    const startedMs = performance.now()
    server = await start()
    figures.push(...(await measureReturn(probes, { transport, devices, startedMs, server })))
    figures.push(...(await measureMinutes(bench, probes, { transport, server, minuteMs: MINUTE_MS[size] })))
  }
  probes.stop()
  await server.end('SIGTERM')
  return [...figures, await measureLost(dataDir, probes)]
}

/** Needs a descriptor for each probe; the server inherits the limit. */
function checkFiles(devices: number): void {
  const line = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
  const most = Number(line?.[1] ?? Infinity) // Node has raised its own limit to this one
  if (most < devices + SPARE_FILES)
    throw new Error(`ulimit -n is ${most}; ${devices} probes need at least ${devices + SPARE_FILES}`)
}

async function measureReturn(
  probes: Fleet,
  {
    transport,
    devices,
    startedMs,
    server,
  }: { transport: Transport; devices: number; startedMs: number; server: Server },
): Promise<Figure[]> {
  const secondsUntil = async (share: number) =>
    ((await probes.reached(share, WITHIN_MS)) ?? Infinity) / 1000 - startedMs / 1000
  const mostS = await secondsUntil(BACK_SHARE)
  const cpuMostS = server.cpuS()
  const allS = await secondsUntil(1)
  const connectedMB = server.rssMB() ?? Number.NaN
  return [
    machineDependent(
      atMost(
        'fleet',
        `${transport}: 95 % of ${count(devices)} back after kill -9`,
        mostS,
        BACK_S[transport],
        seconds,
      ),
    ),
    infoFigure('fleet', `${transport}: the last one`, seconds(allS)),
    memoryFigure(transport, 'once all are connected', connectedMB),
    infoFigure(
      'fleet',
      `${transport}: ready; processor time of the server; attempts that failed`,
      `${seconds(server.startMs / 1000)}; ${cpuMostS === null ? 'unknown' : seconds(cpuMostS)}; ${count(probes.failures())}`,
    ),
  ]
}

/** A reading a minute of each probe: the minute after the last one has connected, and the next one. */
async function measureMinutes(
  bench: Bench,
  probes: Fleet,
  { transport, server, minuteMs }: { transport: Transport; server: Server; minuteMs: number },
): Promise<Figure[]> {
  const figures: Figure[] = []
  const memory = sampleMemory(server)
  for (const minute of ['first', 'second'] as const) {
    bench.log(`fleet: the ${minute} minute (${transport})`)
    const cpuBeforeS = server.cpuS()
    probes.startWindow()
    await pause(minuteMs)
    const ackMs = probes.windowMs()
    const cpuS = (server.cpuS() ?? Number.NaN) - (cpuBeforeS ?? Number.NaN)
    figures.push(
      machineDependent(
        atMost(
          'fleet',
          `${transport}: publish -> PUBACK in the ${minute} minute, p99 of ${count(ackMs.length)}`,
          quantile(ackMs, 0.99),
          ACK_P99_MS,
          ms,
        ),
      ),
      infoFigure(
        'fleet',
        `${transport}: p50, longest; generator behind; processor time of the server`,
        `${ms(quantile(ackMs, 0.5))}, ${ms(ackMs.at(-1) ?? Number.NaN)}; ${ms(probes.windowLateMs())}; ${seconds(cpuS)}`,
      ),
    )
  }
  const { endMB, maxMB } = memory.stop()
  return [
    ...figures,
    memoryFigure(transport, 'after them, with the first work on all fields', endMB),
    infoFigure('fleet', `${transport}: the most`, megabytes(maxMB)),
  ]
}

/** Over TLS there is no target. */
function memoryFigure(transport: Transport, when: string, mb: number): Figure {
  const text = `${transport}: memory (RSS) of the server ${when}`
  return transport === 'plain'
    ? atMost('fleet', text, mb, MEMORY_MB, megabytes)
    : infoFigure('fleet', text, megabytes(mb))
}

/** Probes whose newest acknowledged reading is not stored. */
async function measureLost(dataDir: string, probes: Fleet): Promise<Figure> {
  const series = await openSeriesOf(dataDir)
  try {
    const newest = new Map<string, number>()
    for (const { device, atMs } of await series.latest({ org: ORG })) newest.set(device, atMs)
    const lost = [...probes.newestAckedMs()].filter(([id, atMs]) => (newest.get(id) ?? -1) < atMs)
    const text = `acknowledged and not stored, of ${count(probes.acked())}`
    return atMost('fleet', text, lost.length, 0, count)
  } finally {
    await series.close()
  }
}

const seconds = (s: number): string => (Number.isFinite(s) ? `${s.toFixed(1)} s` : 'never')
