/**
 * What a person entered and the server has yet to take, kept on the phone in a database of its own: the answers beside
 * it are forgotten when somebody signs out, this is not.
 */
import type { QueueItem } from '../app/queue.ts'

const STORE = 'items'
let opening: Promise<IDBDatabase | null> | undefined

function database(): Promise<IDBDatabase | null> {
  return (opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open('tilth-queue', 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' })
      request.onsuccess = () => resolve(request.result)
      request.onerror = request.onblocked = () => resolve(null)
    } catch {
      resolve(null)
    }
  }))
}

/** Null where the phone refuses storage. A write is done when it is on the disk. */
async function run<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<{ value: T } | null> {
  const db = await database()
  if (!db) return null
  return new Promise((resolve) => {
    try {
      const work = db.transaction(STORE, mode)
      const request = act(work.objectStore(STORE))
      work.oncomplete = () => resolve({ value: request.result })
      work.onerror = work.onabort = () => resolve(null)
    } catch {
      resolve(null)
    }
  })
}

/** Everything that is kept, of whomever. Null: this phone keeps nothing. */
export const keptItems = async (): Promise<QueueItem[] | null> =>
  (await run<QueueItem[]>('readonly', (store) => store.getAll()))?.value ?? null

/** False: it is not kept, and a reload would lose it. */
export const keepItem = async (item: QueueItem): Promise<boolean> =>
  (await run('readwrite', (store) => store.put(item))) !== null

export async function dropItem(id: string): Promise<void> {
  await run('readwrite', (store) => store.delete(id))
}
