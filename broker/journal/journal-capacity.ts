/** The capacity of the journal: within its own limit, on its disk, and in pages that it has freed itself. */
import { prepareArrays, type Database } from '../sqlite/database.ts'
import type { DiskSpace } from './disk-space.ts'
import type { Log } from '../log.ts'
import type { WriterClient } from './writer-client.ts'
import { fillLevel, capacityLevel, type CapacityLevel } from './capacity-levels.ts'

export interface JournalCapacity {
  level: CapacityLevel
  /** 0 to 1 */
  fill: number
  usedBytes: number
}

export interface CapacityMonitor {
  /** Call it after each commit. Measures, and moves the write-ahead log into the file while storage is short. */
  onCommit(): void
  /** Call it after a failed write. Checks the disk, and empties the write-ahead log, whose space the retry can use. */
  onFault(): void
  /** At most half a second old. */
  capacity(): JournalCapacity
  /** False while a commit could only use the reserve. */
  mayWrite(): boolean
  /** Pages of the file without content. */
  freePages(): number
}

const CHECK_EVERY_MS = 500
// pages freed by trimming accept at least this much without new space on the disk
const MIN_FREED_BYTES = 1024 * 1024
// a file without a limit and without a checked disk (in memory): never full
const UNLIMITED_BYTES = 2 ** 50

/**
 * Without `maxBytes` and without `disk` nothing is limited. While the size cannot be read, the last measurement is
 * used.
 */
export function monitorCapacity(deps: {
  /** to read sizes */
  database: Database
  writer: WriterClient
  maxBytes: number | undefined
  disk: DiskSpace | undefined
  log: Log
}): CapacityMonitor {
  const { database, writer, maxBytes, disk, log } = deps
  const pageBytes = pragmaReader('page_size')()
  // prepared once: they run after each commit
  const pages = pragmaReader('page_count')
  const freePages = pragmaReader('freelist_count')
  let measuredMs = -Infinity
  let freedBytes = 0
  let now: JournalCapacity = { level: 'ok', fill: 0, usedBytes: 0 }
  disk?.onChange((isFull) => {
    // a measurement from before the change is outdated
    measuredMs = -Infinity
    // the log file never shrinks by itself: on a full disk the state store needs its space
    if (isFull) moveLog('TRUNCATE')
  })

  function pragmaReader(name: string): () => number {
    const statement = prepareArrays(database, `pragma ${name}`)
    return () => (statement.get() as [number])[0]
  }

  function refresh(): void {
    disk?.refresh()
    measuredMs = performance.now()
    try {
      measure()
    } catch (error) {
      log.warn({ error }, 'the size of the journal cannot be read')
    }
  }

  function measure(): void {
    freedBytes = freePages() * pageBytes
    const usedBytes = pages() * pageBytes - freedBytes
    const diskAvailableBytes = disk?.availableBytes() ?? UNLIMITED_BYTES
    const withinLimit = Math.max(0, (maxBytes ?? UNLIMITED_BYTES) - usedBytes)
    const availableBytes = Math.min(withinLimit, diskAvailableBytes + freedBytes)
    const fill = fillLevel({
      usedBytes,
      availableBytes,
      diskAvailableBytes,
      diskBytes: disk?.sizeBytes() ?? UNLIMITED_BYTES,
    })
    now = { level: capacityLevel(fill, now.level), fill, usedBytes }
  }

  /** Pages that are only in the log need the same space again in the file: write them before the disk is full. */
  function moveLog(mode: 'PASSIVE' | 'TRUNCATE'): void {
    writer.call('moveLog', [mode], (outcome) => {
      if ('error' in outcome)
        log.debug({ error: outcome.error }, 'the log of the journal could not be moved into its file')
    })
  }

  return {
    freePages,
    onCommit() {
      refresh()
      if (now.level !== 'ok') moveLog('PASSIVE')
    },
    onFault() {
      disk?.refresh()
      moveLog('TRUNCATE')
    },
    capacity() {
      if (performance.now() - measuredMs >= CHECK_EVERY_MS) refresh()
      return now
    },
    mayWrite() {
      if (disk?.isFull() !== true) return true
      refresh()
      return !disk.isFull() || freedBytes > MIN_FREED_BYTES
    },
  }
}
