/**
 * The last answers, kept on the phone in IndexedDB, so that every screen opens without a network with dated data.
 * A phone that refuses storage (private browsing, full disk) only loses that: nothing here fails.
 */
import { DAY_MS, systemClock } from '../../../broker/contract/time.ts'

export interface Kept<T> {
  path: string
  receivedMs: number // by the phone's clock
  etag: string | null
  body: T
}

const OLDEST_MS = 14 * DAY_MS
const STORE = 'answers'
let opening: Promise<IDBDatabase | null> | undefined

function database(): Promise<IDBDatabase | null> {
  return (opening ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open('tilth', 1)
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'path' })
      request.onsuccess = () => resolve(request.result)
      request.onerror = request.onblocked = () => resolve(null)
    } catch {
      resolve(null)
    }
  }))
}

async function run<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | null> {
  const db = await database()
  if (!db) return null
  return new Promise((resolve) => {
    try {
      const request = act(db.transaction(STORE, mode).objectStore(STORE))
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => resolve(null)
    } catch {
      resolve(null)
    }
  })
}

/** The last answer of a path; null when there is none younger than 14 days. */
export async function keptAnswer<T>(path: string): Promise<Kept<T> | null> {
  const kept = (await run('readonly', (store) => store.get(path))) as Kept<T> | null | undefined
  return kept && systemClock.now() - kept.receivedMs < OLDEST_MS ? kept : null
}

export async function keepAnswer<T>(kept: Kept<T>): Promise<void> {
  await run('readwrite', (store) => store.put(kept))
}

/** Forgets everything: the next person on this phone may belong to another farm. */
export async function forgetAnswers(): Promise<void> {
  await run('readwrite', (store) => store.clear())
}
