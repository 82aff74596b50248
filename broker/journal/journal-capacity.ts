/** How much room the journal has: within its own limit, on its disk, and in pages that it has freed itself. */
import type { DiskSpace } from './disk-space.ts'
import type { JournalDatabase } from './journal-file.ts'
import type { Log } from '../log.ts'
import { fillLevel, capacityLevel, type CapacityLevel } from './capacity-levels.ts'

export interface JournalCapacity {
  level: CapacityLevel
  /** 0 to 1 */
  fill: number
  usedBytes: number
}

export interface CapacityMonitor {
  /** Looks now, and settles what the write-ahead log owes to the file while room is short. After each commit. */
  onCommit(): void
  /** A write has failed: looks now, and empties the write-ahead log, whose room the next try can use. */
  onFault(): void
  /** As it was half a second ago at most. */
  capacity(): JournalCapacity
  /** False while a commit could only take from the reserve. */
  mayWrite(): boolean
}

const CHECK_EVERY_MS = 500
// pages freed by trimming take so much without a byte from the disk
const MIN_FREED_BYTES = 1024 * 1024
// a file without a limit, on a disk that nobody looks at (in memory): never full
const UNLIMITED_BYTES = 2 ** 50

export function monitorCapacity(deps: {
  database: JournalDatabase
  maxBytes: number | undefined
  disk: DiskSpace | undefined
  log: Log
}): CapacityMonitor {
  const { database, maxBytes, disk, log } = deps
  const pageBytes = pragmaReader('page_size')()
  // they are asked after each commit
  const pages = pragmaReader('page_count')
  const freePages = pragmaReader('freelist_count')
  let lookedMs = -Infinity
  let freedBytes = 0
  let now: JournalCapacity = { level: 'ok', fill: 0, usedBytes: 0 }
  disk?.onChange((isFull) => {
    // what was seen before the change is no answer after it
    lookedMs = -Infinity
    // the log keeps its largest size: on a full disk the state store can use that better
    if (isFull) checkpoint('TRUNCATE')
  })

  function pragmaReader(name: string): () => number {
    const statement = database.prepare(`pragma ${name}`)
    return () => (statement.get() as Record<string, number>)[name]!
  }

  function refresh(): void {
    disk?.refresh()
    lookedMs = performance.now()
    try {
      measure()
    } catch (error) {
      log.warn({ error }, 'the room in the journal cannot be read')
    }
  }

  function measure(): void {
    freedBytes = freePages() * pageBytes
    const usedBytes = pages() * pageBytes - freedBytes
    const diskRoomBytes = disk?.availableBytes() ?? UNLIMITED_BYTES
    const ofLimit = Math.max(0, (maxBytes ?? UNLIMITED_BYTES) - usedBytes)
    const roomBytes = Math.min(ofLimit, diskRoomBytes + freedBytes)
    const fill = fillLevel({
      usedBytes,
      availableBytes: roomBytes,
      diskAvailableBytes: diskRoomBytes,
      diskBytes: disk?.sizeBytes() ?? UNLIMITED_BYTES,
    })
    now = { level: capacityLevel(fill, now.level), fill, usedBytes }
  }

  /** What is in the log alone needs as much room again in the file: that debt must not come due on a full disk. */
  function checkpoint(how: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      database.exec(`pragma wal_checkpoint(${how})`)
    } catch (error) {
      log.debug({ error }, 'the journal could not be checkpointed')
    }
  }

  return {
    onCommit() {
      refresh()
      if (now.level !== 'ok') checkpoint('PASSIVE')
    },
    onFault() {
      disk?.refresh()
      checkpoint('TRUNCATE')
    },
    capacity() {
      if (performance.now() - lookedMs >= CHECK_EVERY_MS) refresh()
      return now
    },
    mayWrite() {
      if (disk?.isFull() !== true) return true
      refresh()
      return !disk.isFull() || freedBytes > MIN_FREED_BYTES
    },
  }
}
