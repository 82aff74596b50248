/** Keys of the messages of other makes that have been stored, so that a repeat is dropped for 400 days. */
import { sql } from 'kysely'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { yieldToEventLoop } from '../../runtime/cooperative.ts'
import { sqlDialect } from '../../runtime/sql-dialect.ts'
import type { StoredMessageRow } from '../../tables.ts'

const KEPT_MS = 400 * DAY_MS
const PER_COMMIT = 150

export interface StoredMessages {
  /** `device key` -> the record of the journal that was stored under it, for those of the keys that were. */
  seqsOf(keys: readonly { deviceId: string; key: string }[]): Promise<Map<string, number>>
  /** Known from now on; on the disk with the next `write`. */
  note(rows: readonly StoredMessageRow[]): void
  /**
   * Writes what has been noted. It must precede a checkpoint: until then a crash only means that the same records give the
   * same readings again.
   */
  write(): Promise<void>
  /** The device has been erased. */
  forget(deviceId: string): void
}

/** Keys are written with each checkpoint, because a commit for each batch costs more than its readings. */
export function storedMessages(state: State): StoredMessages {
  const noted = new Map<string, StoredMessageRow>()
  const isNoted = (row: StoredMessageRow) => noted.get(storedKey(row)) === row

  return {
    async seqsOf(keys) {
      const seqs = new Map<string, number>()
      // one text of any length: a statement of as many values would be prepared for each number of them
      const pairs = JSON.stringify(keys.map(({ deviceId, key }) => [deviceId, key]))
      const { rows } = await sql<Pick<StoredMessageRow, 'deviceId' | 'key' | 'seq'>>`
        select s.device_id, s.key, s.seq from ${sqlDialect(state).jsonElements(pairs)} as pair
        join stored_message as s on s.device_id = pair.value ->> 0 and s.key = pair.value ->> 1`.execute(
        state,
      )
      for (const row of rows) seqs.set(storedKey(row), row.seq)
      for (const key of keys) {
        const row = noted.get(storedKey(key))
        if (row !== undefined) seqs.set(storedKey(row), row.seq)
      }
      return seqs
    },
    note(rows) {
      for (const row of rows) noted.set(storedKey(row), row)
    },
    async write() {
      // by device, so that a commit changes few pages
      const rows = [...noted.values()].sort(byDevice)
      for (let i = 0; i < rows.length; i += PER_COMMIT) {
        // readings and acknowledgements come between two commits, and the erasure of a device
        if (i > 0) await yieldToEventLoop()
        const chunk = rows.slice(i, i + PER_COMMIT).filter(isNoted)
        if (chunk.length > 0)
          await state
            .insertInto('storedMessage')
            .values(chunk)
            // one that is there stays as it is
            .onConflict((conflict) => conflict.doNothing())
            .execute()
        for (const row of chunk) if (isNoted(row)) noted.delete(storedKey(row))
      }
    },
    forget(deviceId) {
      for (const [key, row] of noted) if (row.deviceId === deviceId) noted.delete(key)
    },
  }
}

const byDevice = (a: StoredMessageRow, b: StoredMessageRow): number =>
  a.deviceId < b.deviceId ? -1 : a.deviceId > b.deviceId ? 1 : 0

/** Drops the keys of every organisation that are older than 400 days. */
export async function dropExpiredStored(state: State, nowMs: AtMs): Promise<void> {
  const orgs = await state.selectFrom('integration').select('org').distinct().execute()
  for (const { org } of orgs)
    await state
      .deleteFrom('storedMessage')
      .where('org', '=', org)
      .where('receivedMs', '<', nowMs - KEPT_MS)
      .execute()
}

/** The key of a message of a device in one text. */
export const storedKey = ({ deviceId, key }: { deviceId: string; key: string }): string =>
  `${deviceId} ${key}`
