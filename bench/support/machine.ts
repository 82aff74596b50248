/** The machine under test, without which the figures are meaningless. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { arch, cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { bindingName, openDatabase } from '../../broker/sqlite/database.ts'
import { quantile } from './generator.ts'

export interface Machine {
  cores: number
  processor: string
  memoryGB: number
  system: string
  node: string
  sqlite: string
  /** mean of the minute before the first line: above half the cores other work was running */
  load: number
  /** time to flush 8 kB to this disk: the lower bound of an acknowledgement */
  flush: Flush
}

export interface Flush {
  p50Ms: number
  p99Ms: number
  longestMs: number
}

export function machine(): Machine {
  const db = openDatabase(':memory:')
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string }
  db.close()
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${arch()}`,
    node: process.versions.node,
    sqlite: `${version} (${bindingName})`,
    load: loadavg()[0]!,
    flush: measureFlush(),
  }
}

const FLUSHES = 500

/** Writes and flushes in the folder where the servers of a bench store their data. */
export function measureFlush(): Flush {
  const path = join(tmpdir(), `tilth-flush-${process.pid}`)
  const file = openSync(path, 'w')
  const page = Buffer.alloc(8192, 1)
  try {
    const tookMs = Array.from({ length: FLUSHES }, () => {
      const startMs = performance.now()
      writeSync(file, page)
      fdatasyncSync(file)
      return performance.now() - startMs
    }).sort((a, b) => a - b)
    return { p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99), longestMs: tookMs.at(-1)! }
  } finally {
    closeSync(file)
    rmSync(path)
  }
}

export const flushText = ({ p50Ms, p99Ms, longestMs }: Flush): string =>
  `a flush of 8 kB to its disk: p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)}, longest ${longestMs.toFixed(1)} ms`

export const machineText = (info: Machine, extraLines: readonly string[]): string =>
  [
    `${info.cores} cores (${info.processor}), ${info.memoryGB} GB, ${info.system}`,
    `Node ${info.node}, SQLite ${info.sqlite}${extraLines.map((text) => `, ${text}`).join('')}`,
    `load ${info.load.toFixed(1)} over the last minute${info.load > info.cores / 2 ? ': other work is running on this machine' : ''}`,
    flushText(info.flush),
  ].join('\n') + '\n'
