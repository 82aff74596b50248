/**
 * The newest records of the journal in memory: a reader that keeps up with the commits does not read them back from the
 * file. Only committed records are here, as they are in the file.
 */
import type { JournalRecord } from '../contract/journal.ts'

export interface RecentRecords {
  /** The next committed record. After a gap, and above the limits, only the file has the earlier ones. */
  add(record: JournalRecord): void
  /** The records after `afterSeq`, which are dropped here up to it; null: only the file has them. */
  read(afterSeq: number, limit: number): JournalRecord[] | null
  forget(): void
}

const MAX_RECORDS = 1_000
const MAX_BYTES = 1024 * 1024

/** For one reader that asks in order. */
export function recentRecords(): RecentRecords {
  let records: JournalRecord[] = []
  let bytes = 0

  function forget(): void {
    records = []
    bytes = 0
  }

  return {
    add(record) {
      if (records.length > 0 && records.at(-1)!.seq !== record.seq - 1) forget()
      records.push(record)
      bytes += record.payload.length
      if (records.length > MAX_RECORDS || bytes > MAX_BYTES) forget()
    },
    read(afterSeq, limit) {
      const first = records[0]
      if (first === undefined || afterSeq < first.seq - 1) return null
      for (const { payload } of records.splice(0, afterSeq - first.seq + 1)) bytes -= payload.length
      return records.length === 0 ? null : records.slice(0, limit)
    },
    forget,
  }
}
