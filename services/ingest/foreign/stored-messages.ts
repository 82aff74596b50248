/** Keys of the messages of other makes that have been stored, so that a repeat is dropped for 400 days. */
import { DAY_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { StoredMessageRow } from '../../tables.ts'

const KEPT_MS = 400 * DAY_MS
const PER_STATEMENT = 150

/** `device key` -> the record of the journal that was stored under it, for those of the keys that were. */
export async function storedSeqs(
  state: State,
  keys: readonly { deviceId: string; key: string }[],
): Promise<Map<string, number>> {
  const seqs = new Map<string, number>()
  for (let i = 0; i < keys.length; i += PER_STATEMENT) {
    const chunk = keys.slice(i, i + PER_STATEMENT)
    const rows = await state
      .selectFrom('storedMessage')
      .select(['deviceId', 'key', 'seq'])
      .where('deviceId', 'in', [...new Set(chunk.map(({ deviceId }) => deviceId))])
      .where('key', 'in', [...new Set(chunk.map(({ key }) => key))])
      .execute()
    for (const row of rows) seqs.set(storedKey(row), row.seq)
  }
  return seqs
}

/** Keeps the keys; one that is there stays as it is. */
export async function keepStored(state: State, rows: readonly StoredMessageRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += PER_STATEMENT)
    await state
      .insertInto('storedMessage')
      .values(rows.slice(i, i + PER_STATEMENT))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
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
