/**
 * A database of the phone (IndexedDB) with one store of things. A phone that refuses storage (private browsing, full disk)
 * only loses that: nothing here fails.
 */
export type PhoneStore = ReturnType<typeof phoneStorage>

/** `keyPath`: the key within each thing. */
export function phoneStorage(name: string, store: string, keyPath: string) {
  let opening: Promise<IDBDatabase | null> | undefined

  const database = (): Promise<IDBDatabase | null> =>
    (opening ??= new Promise((resolve) => {
      try {
        const request = indexedDB.open(name, 1)
        request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath })
        request.onsuccess = () => resolve(request.result)
        request.onerror = request.onblocked = () => resolve(null)
      } catch {
        resolve(null)
      }
    }))

  /** Null where the phone refuses storage. A write is done when it is on the disk. */
  return async <T>(
    mode: IDBTransactionMode,
    act: (things: IDBObjectStore) => IDBRequest<T>,
  ): Promise<{ value: T } | null> => {
    const db = await database()
    if (!db) return null
    return new Promise((resolve) => {
      try {
        const work = db.transaction(store, mode)
        const request = act(work.objectStore(store))
        work.oncomplete = () => resolve({ value: request.result })
        work.onerror = work.onabort = () => resolve(null)
      } catch {
        resolve(null)
      }
    })
  }
}
