/** Keys of the messages of other makes that have been stored, so that a repeat is dropped for 400 days. */
import { sql } from 'kysely'
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { StoredMessageRow } from '../../tables.ts'

const KEPT_MS = 400 * DAY_MS
const PER_STATEMENT = 150

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

  return {
    async seqsOf(keys) {
      const seqs = new Map<string, number>()
      for (let i = 0; i < keys.length; i += PER_STATEMENT) {
        // pairs, not two lists: a list of devices and one of keys would look up every combination
        const pairs = sql.join(
          keys.slice(i, i + PER_STATEMENT).map(({ deviceId, key }) => sql`(${deviceId}, ${key})`),
        )
        const { rows } = await sql<Pick<StoredMessageRow, 'deviceId' | 'key' | 'seq'>>`
          select device_id, key, seq from stored_message
          where (device_id, key) in (values ${pairs})`.execute(state)
        for (const row of rows) seqs.set(storedKey(row), row.seq)
      }
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
      const rows = [...noted.values()]
      if (rows.length === 0) return
      await state.transaction().execute(async (transaction) => {
        for (let i = 0; i < rows.length; i += PER_STATEMENT)
          await transaction
            .insertInto('storedMessage')
            .values(rows.slice(i, i + PER_STATEMENT))
            // one that is there stays as it is
            .onConflict((conflict) => conflict.doNothing())
            .execute()
      })
      for (const row of rows) if (noted.get(storedKey(row)) === row) noted.delete(storedKey(row))
    },
    forget(deviceId) {
      for (const [key, row] of noted) if (row.deviceId === deviceId) noted.delete(key)
    },
  }
}

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
