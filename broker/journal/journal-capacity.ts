/** How much room the journal has: within its own limit, on its disk, and in pages that it has freed itself. */
import type { DiskRoom } from './disk-space.ts'
import type { JournalDatabase } from './journal-file.ts'
import type { Log } from '../log.ts'
import { fillOf, levelOf, type Level } from './capacity-levels.ts'

export interface JournalRoom {
  level: Level
  /** 0 to 1 */
  fill: number
  usedBytes: number
}

export interface RoomWatch {
  /** Looks now, and settles what the write-ahead log owes to the file while room is short. After each commit. */
  committed(): void
  /** A write has failed: looks now, and empties the write-ahead log, whose room the next try can use. */
  faulted(): void
  /** As it was half a second ago at most. */
  room(): JournalRoom
  /** False while a commit could only take from the reserve. */
  mayWrite(): boolean
}

const LOOK_EVERY_MS = 500
// pages freed by trimming take so much without a byte from the disk
const OWN_ROOM_BYTES = 1024 * 1024
// a file without a limit, on a disk that nobody looks at (in memory): never full
const NO_LIMIT_BYTES = 2 ** 50

export function watchRoom(deps: {
  database: JournalDatabase
  maxBytes: number | undefined
  disk: DiskRoom | undefined
  log: Log
}): RoomWatch {
  const { database, maxBytes, disk, log } = deps
  const pageBytes = asked('page_size')()
  // they are asked after each commit
  const pages = asked('page_count')
  const freePages = asked('freelist_count')
  let lookedMs = -Infinity
  let freedBytes = 0
  let now: JournalRoom = { level: 'ok', fill: 0, usedBytes: 0 }
  disk?.onChange((isFull) => {
    // what was seen before the change is no answer after it
    lookedMs = -Infinity
    // the log keeps its largest size: on a full disk the state store can use that better
    if (isFull) settle('TRUNCATE')
  })

  function asked(name: string): () => number {
    const statement = database.prepare(`pragma ${name}`)
    return () => (statement.get() as Record<string, number>)[name]!
  }

  function look(): void {
    disk?.look()
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
    const diskRoomBytes = disk?.roomBytes() ?? NO_LIMIT_BYTES
    const ofLimit = Math.max(0, (maxBytes ?? NO_LIMIT_BYTES) - usedBytes)
    const roomBytes = Math.min(ofLimit, diskRoomBytes + freedBytes)
    const fill = fillOf({
      usedBytes,
      roomBytes,
      diskRoomBytes,
      diskBytes: disk?.sizeBytes() ?? NO_LIMIT_BYTES,
    })
    now = { level: levelOf(fill, now.level), fill, usedBytes }
  }

  /** What is in the log alone needs as much room again in the file: that debt must not come due on a full disk. */
  function settle(how: 'PASSIVE' | 'TRUNCATE'): void {
    try {
      database.exec(`pragma wal_checkpoint(${how})`)
    } catch (error) {
      log.debug({ error }, 'the journal could not be checkpointed')
    }
  }

  return {
    committed() {
      look()
      if (now.level !== 'ok') settle('PASSIVE')
    },
    faulted() {
      disk?.look()
      settle('TRUNCATE')
    },
    room() {
      if (performance.now() - lookedMs >= LOOK_EVERY_MS) look()
      return now
    },
    mayWrite() {
      if (disk?.isFull() !== true) return true
      look()
      return !disk.isFull() || freedBytes > OWN_ROOM_BYTES
    },
  }
}
