/**
 * What a person entered and the server has yet to take, kept on the phone in a database of its own: the answers beside
 * it are forgotten when somebody signs out, this is not.
 */
import type { QueueItem } from '../app/queue.ts'
import { phoneStorage } from './phone-store.ts'

const run = phoneStorage('tilth-queue', 'items', 'id')

/** Everything that is kept, of whomever. Null: this phone keeps nothing. */
export const loadItems = async (): Promise<QueueItem[] | null> =>
  (await run<QueueItem[]>('readonly', (items) => items.getAll()))?.value ?? null

/** False: it is not kept, and a reload would lose it. */
export const storeItem = async (item: QueueItem): Promise<boolean> =>
  (await run('readwrite', (items) => items.put(item))) !== null

export async function deleteItem(id: string): Promise<void> {
  await run('readwrite', (items) => items.delete(id))
}
