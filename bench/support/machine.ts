/** The machine on which the figures were taken: without it they say nothing. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, cpus, loadavg, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'libsql'

export interface Machine {
  cores: number
  processor: string
  memoryGB: number
  system: string
  node: string
  sqlite: string
  /** mean of the minute before the first line: over half the cores somebody else was working too */
  load: number
}

export function machine(): Machine {
  const db = new Database(':memory:')
  const { version } = db.prepare('SELECT sqlite_version() AS version').get() as { version: string }
  db.close()
  // the package offers its own version to nobody: the file beside it does
  const packageFile = join(dirname(createRequire(import.meta.url).resolve('libsql')), 'package.json')
  const libsql = (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${arch()}`,
    node: process.versions.node,
    sqlite: `${version} (libsql ${libsql})`,
    load: loadavg()[0]!,
  }
}

export const machineText = (it: Machine, more: readonly string[]): string =>
  [
    `${it.cores} cores (${it.processor}), ${it.memoryGB} GB, ${it.system}`,
    `Node ${it.node}, SQLite ${it.sqlite}${more.map((text) => `, ${text}`).join('')}`,
    `load ${it.load.toFixed(1)} over the last minute${it.load > it.cores / 2 ? ': others are working on this machine' : ''}`,
  ].join('\n') + '\n'
