/**
 * API responses of the screens, cached on the phone (IndexedDB), so that every screen opens offline with dated data. A
 * phone that refuses storage (private browsing, full disk) loses only the cache: nothing here fails.
 */
import { untrack } from 'svelte'
import { DAY_MS, systemClock } from '../../../broker/contract/time.ts'
import { farmClock } from '../app/farm-clock.svelte.ts'
import { noteLastEvent, onChange, type Change } from './events.ts'
import { connection, request, type Failure } from './request.svelte.ts'

interface CachedResponse<T> {
  path: string
  receivedMs: number // by the phone's clock
  etag: string | null
  body: T
}

const MAX_AGE_MS = 14 * DAY_MS
const MIN_GAP_MS = 1_000

/** Runs transactions on a database of the phone with one object store. `keyPath`: the key within each object. */
export function phoneStorage(name: string, store: string, keyPath: string) {
  let opening: Promise<IDBDatabase | null> | undefined

  const database = (): Promise<IDBDatabase | null> =>
    (opening ??= new Promise((resolve) => {
      try {
        const open = indexedDB.open(name, 1)
        open.onupgradeneeded = () => open.result.createObjectStore(store, { keyPath })
        open.onsuccess = () => resolve(open.result)
        open.onerror = open.onblocked = () => resolve(null)
      } catch {
        resolve(null)
      }
    }))

  /** Null when the phone refuses storage. A write resolves when it is on the disk. */
  return async <T>(
    mode: IDBTransactionMode,
    act: (objects: IDBObjectStore) => IDBRequest<T>,
  ): Promise<{ value: T } | null> => {
    const db = await database()
    if (!db) return null
    return new Promise((resolve) => {
      try {
        const transaction = db.transaction(store, mode)
        const result = act(transaction.objectStore(store))
        transaction.oncomplete = () => resolve({ value: result.result })
        transaction.onerror = transaction.onabort = () => resolve(null)
      } catch {
        resolve(null)
      }
    })
  }
}

const run = phoneStorage('tilth', 'responses', 'path')
let cleared = 0 // times

/** The last response of a path; null when there is none younger than 14 days. */
async function cachedResponse<T>(path: string): Promise<CachedResponse<T> | null> {
  const cached = (await run<CachedResponse<T> | undefined>('readonly', (responses) => responses.get(path)))
    ?.value
  return cached && systemClock.now() - cached.receivedMs < MAX_AGE_MS ? cached : null
}

/** Create it before the request: it stores the response unless the cache is cleared in between. */
function cacheWriter(): <T>(response: CachedResponse<T>) => Promise<void> {
  const clearedBefore = cleared
  return async (response) => {
    if (clearedBefore === cleared) await run('readwrite', (responses) => responses.put(response))
  }
}

/** Clears everything: the next person on this phone may belong to another farm. */
export async function clearCache(): Promise<void> {
  cleared++
  await run('readwrite', (responses) => responses.clear())
}

/**
 * A page from the service worker comes without preloaded responses, and an ETag saves an unchanged response. With a page
 * from the server the responses are preloaded (services/api/http/preload-links.ts) and must be requested as they were.
 */
const isPageFromWorker = (): boolean =>
  (performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]).some(
    ({ workerStart }) => workerStart > 0,
  )

/**
 * One API response: first from the cache, then from the server; after a failure the last good one remains. Fetches
 * never overlap: changes during a fetch lead to one more fetch after it.
 */
export class Resource<T> {
  readonly path: string
  readonly #onValue: (value: T) => void
  #value = $state.raw<T | null>(null)
  #receivedMs = $state<number | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #isAnswered = $state(false)
  #etag: string | null = null
  #running: Promise<void> | null = null
  #isStale = false

  /** `onValue` receives each value before it is shown, in the same update. */
  constructor(path: string, onValue: (value: T) => void = () => {}) {
    this.path = path
    this.#onValue = onValue
  }

  get value(): T | null {
    return this.#value
  }
  /** By the phone's clock. */
  get receivedMs(): number | null {
    return this.#receivedMs
  }
  get failure(): Failure | null {
    return this.#failure
  }
  /** Neither a value nor a failure exists yet. */
  get isWaiting(): boolean {
    return this.#value === null && this.#failure === null && !this.#isAnswered
  }

  /** Shows the cached value, then fetches. An effect that opens it does not run again for the values. */
  open(): Promise<void> {
    return untrack(() => this.#open())
  }

  async #open(): Promise<void> {
    if (this.#value === null) {
      const cached = await cachedResponse<T>(this.path)
      if (cached && this.#value === null)
        this.#accept(cached.body, cached.receivedMs, isPageFromWorker() ? cached.etag : null)
    }
    await this.refresh()
  }

  /** Fetches now, or once more after the running fetch. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#isStale = true
      return this.#running
    }
    this.#running = untrack(() => this.#fetch()).finally(() => {
      this.#running = null
      if (!this.#isStale) return
      this.#isStale = false
      setTimeout(() => void this.refresh(), MIN_GAP_MS)
    })
    return this.#running
  }

  async #fetch(): Promise<void> {
    const store = cacheWriter()
    const response = await request<T>(this.path, { etag: this.#value === null ? null : this.#etag })
    if (!response.ok) {
      this.#failure = response.error
      connection.failed(response.error)
      return
    }
    this.#failure = null
    this.#isAnswered = true
    connection.succeeded()
    noteLastEvent(response.value.lastEvent)
    const receivedMs = systemClock.now()
    const { body, etag } = response.value
    if (body === null) {
      this.#receivedMs = receivedMs
      return
    }
    this.#accept(body, receivedMs, etag)
    void store({ path: this.path, receivedMs, etag, body })
  }

  #accept(body: T, receivedMs: number, etag: string | null): void {
    this.#value = body
    this.#receivedMs = receivedMs
    this.#etag = etag
    const clock = (body as { clock?: { nowMs: number; speed: number } }).clock
    if (clock) farmClock.sync(clock, receivedMs)
    this.#onValue(body)
  }

  /** Refreshes at each event that `concerns` accepts, until the returned function is called. */
  follow(concerns: (change: Change) => boolean): () => void {
    return onChange((change) => {
      if (change === null || concerns(change)) void this.refresh()
    })
  }
}
