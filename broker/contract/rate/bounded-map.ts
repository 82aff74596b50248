/**
 * A map with a limit on its entries: a stranger who invents keys must not fill the memory. `set` makes an entry the
 * newest; beyond `maxEntries` the oldest is dropped. Pure.
 */
export interface BoundedMap<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
  size(): number
}

/** An empty map for at most `maxEntries` entries. */
export function boundedMap<K, V>(maxEntries: number): BoundedMap<K, V> {
  const entries = new Map<K, V>() // in order of age: a Map iterates in order of insertion
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value!)
    },
    delete: (key) => void entries.delete(key),
    size: () => entries.size,
  }
}
