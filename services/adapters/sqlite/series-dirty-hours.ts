/** Marks hours whose roll-up is outdated. A day is dirty when one of its hours is. */
import type { Database } from '../../../broker/sqlite/database.ts'
import { HOUR_MS, type AtMs } from '../../../broker/contract/time.ts'

export interface DirtyHours {
  mark(atMs: AtMs, series: number): void
  forget(): void
}

// beyond this many remembered marks a repeated INSERT is cheaper
const MAX_REMEMBERED_MARKS = 200_000

/**
 * Hours in UTC. Marks are remembered to save statements: call `forget` when rows of `dirty` are removed or rolled
 * back.
 */
export function createDirtyHours(db: Database): DirtyHours {
  const insert = db.prepare('INSERT OR IGNORE INTO dirty (hour_ms, series) VALUES (?, ?)')
  // most readings fall into an hour that is already dirty: remembered to save a statement
  const marked = new Set<number>()
  return {
    mark(atMs, series) {
      const hour = Math.floor(atMs / HOUR_MS)
      const key = series * 2 ** 23 + hour // hours since 1970 stay below 2^23 until the year 2926
      if (marked.has(key)) return
      if (marked.size >= MAX_REMEMBERED_MARKS) marked.clear()
      marked.add(key)
      insert.run(hour * HOUR_MS, series)
    },
    forget: () => marked.clear(),
  }
}
