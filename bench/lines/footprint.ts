/** Footprint of an idle Tilth: time to start, memory at rest, and bytes of the first page. */
import { setTimeout as pause } from 'node:timers/promises'
import { join } from 'node:path'
import type { Bench } from '../support/bench.ts'
import { pageSizes } from '../support/page-sizes.ts'
import { atMost, count, megabytes, infoFigure, type Figure } from '../support/report.ts'
import { afterFirstWork, sharedSeason } from '../support/season.ts'
import { startServer } from '../support/server.ts'

const STARTS = 3
const START_S = 1.5
const IDLE_MS = 60_000
const IDLE_MB = 150
const FIRST_PAGE_KB = 60
const ALL_JS_KB = 280
const CATALOGUE_KB = 45
const FIRST_TEXTS_KB = 12
const CSS_KB = 12

const dashboard = join(import.meta.dirname, '../../dist/dashboard')

export async function footprint(bench: Bench): Promise<Figure[]> {
  const { dataDir, readings } = await sharedSeason(bench)
  bench.log(
    `footprint: ${(IDLE_MS * bench.scale) / 1000} s of rest after the first work on ${count(readings)} readings, then ${STARTS} starts`,
  )
  const idleMB = await memoryAtRest(bench, dataDir)
  const startS: number[] = []
  for (let start = 1; start <= STARTS; start++) {
    const server = await startServer(dataDir)
    bench.onEnd(() => server.end('SIGKILL'))
    startS.push(server.startMs / 1000)
    await server.end('SIGTERM')
  }
  const page = pageSizes(dashboard)
  return [
    infoFigure('footprint', 'readings stored', count(readings)),
    atMost('footprint', `start to ready, slowest of ${STARTS}`, Math.max(...startS), START_S, seconds),
    atMost(
      'footprint',
      `memory (RSS) after ${(IDLE_MS * bench.scale) / 1000} s of rest`,
      idleMB,
      IDLE_MB,
      megabytes,
    ),
    atMost(
      'footprint',
      'JavaScript of the first page, gz',
      page.firstPageJs / 1000,
      FIRST_PAGE_KB,
      kilobytes,
    ),
    atMost('footprint', 'JavaScript total, gz', page.allJs / 1000, ALL_JS_KB, kilobytes),
    atMost('footprint', 'texts of the first page, gz', page.firstPageTexts / 1000, FIRST_TEXTS_KB, kilobytes),
    atMost('footprint', 'catalogue of a language, gz', page.catalogue / 1000, CATALOGUE_KB, kilobytes),
    atMost('footprint', 'CSS, gz', page.css / 1000, CSS_KB, kilobytes),
  ]
}

/** After the half year of days of a new season is closed and the jobs of the first minute have run: that is work, not rest. */
async function memoryAtRest(bench: Bench, dataDir: string): Promise<number> {
  const server = await startServer(dataDir)
  bench.onEnd(() => server.end('SIGKILL'))
  await afterFirstWork(server)
  await pause(IDLE_MS * bench.scale)
  const restMB = server.rssMB() ?? Number.NaN
  await server.end('SIGTERM')
  return restMB
}

const seconds = (value: number): string => `${value.toFixed(2)} s`
const kilobytes = (value: number): string => `${value.toFixed(1)} kB`
