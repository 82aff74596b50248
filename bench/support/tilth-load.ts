/** A fresh Tilth with 200 registered probes, and a second connection to its series for reading meanwhile. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSqliteState } from '../../services/adapters/sqlite/state.ts'
import type { SeriesStore } from '../../services/ports.ts'
import { openSeries } from '../../services/adapters/series.ts'
import type { Bench } from './bench.ts'
import type { Publisher } from './generator.ts'
import { ORG, provision } from './place.ts'
import { startServer, type Server } from './server.ts'
import type { ReadNewest } from './visible.ts'

export const PUBLISHERS = 200
export const FIELDS = 20
export const QUANTITY = 'soil.moisture'

export interface FreshTilth {
  dataDir: string
  publishers: Publisher[]
  server: Server
  series: SeriesStore
  stop(): Promise<void>
}

export interface FreshOptions {
  nodeOptions?: readonly string[]
  /** further settings */
  env?: NodeJS.ProcessEnv
  /** of the external broker that BUS in `env` names */
  brokerPort?: number
  /** Changes the rows before the start, and returns the credentials of the load. */
  prepare?(dataDir: string, devices: Publisher[]): Promise<Publisher[]>
}

/** Provisions it in a folder of the bench, and starts it. */
export async function startFresh(
  bench: Bench,
  name: string,
  { nodeOptions = [], prepare, ...options }: FreshOptions = {},
): Promise<FreshTilth> {
  const dataDir = await bench.folder(name)
  const devices = await provision(dataDir, {
    fields: FIELDS,
    devices: PUBLISHERS,
    everyS: 60,
    plantedDaysAgo: 1,
  })
  const publishers = (await prepare?.(dataDir, devices)) ?? devices
  const server = await startServer(dataDir, nodeOptions, options)
  bench.onEnd(() => server.end('SIGKILL'))
  const series = await openSeriesOf(dataDir)
  return {
    dataDir,
    publishers,
    server,
    series,
    async stop() {
      await series.close()
      await server.end('SIGTERM')
    },
  }
}

const JOBS_END_MS = 90_000
const QUIET_POLLS = 10
const POLL_MS = 200

/**
 * Resolves when the jobs of the first minute have run. They calculate every field for the first time: a load measured
 * before would meet them or not, depending on the second in which it began.
 */
export async function untilFirstJobs(dataDir: string): Promise<void> {
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  const untilMs = performance.now() + JOBS_END_MS
  try {
    for (let quiet = 0; quiet < QUIET_POLLS; await pause(POLL_MS)) {
      if (performance.now() > untilMs)
        throw new Error(`the first jobs have not ended within ${JOBS_END_MS / 1000} s`)
      const runs = await state.selectFrom('jobRun').select('finishedAtMs').execute()
      quiet = runs.length > 0 && runs.every(({ finishedAtMs }) => finishedAtMs !== null) ? quiet + 1 : 0
    }
  } finally {
    await close()
  }
}

export const openSeriesOf = (dataDir: string): Promise<SeriesStore> =>
  openSeries(`sqlite:${join(dataDir, 'series.db')}`, dataDir)

/** The newest stored instant of each device. */
export const newestIn =
  (series: SeriesStore): ReadNewest =>
  async () =>
    (await series.latest({ org: ORG })).map(({ device, atMs }) => [device, atMs] as const)

/** Every stored reading of the load, by device: instant -> value. */
export async function storedReadings(
  series: SeriesStore,
  devices: readonly string[],
  org = ORG,
): Promise<Map<string, Map<number, number | null>>> {
  const stored = new Map<string, Map<number, number | null>>()
  for (const device of devices) {
    const columns = await series.range({
      org,
      device,
      quantity: QUANTITY,
      fromMs: 0,
      toMs: Number.MAX_SAFE_INTEGER,
      limit: 10_000_000,
    })
    const values = new Map<number, number | null>()
    for (const { atMs, value } of columns) atMs.forEach((instantMs, i) => values.set(instantMs, value[i]!))
    stored.set(device, values)
  }
  return stored
}

/** `BENCH_PROFILE=folder`: the server writes a CPU profile there when it ends. */
export const profileOptions = (): string[] =>
  process.env.BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`] : []
