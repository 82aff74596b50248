/**
 * Finds the stores that are missing, replaced or behind, by comparing the copies of the manifest with the files. Pure.
 * A copy only ever names what was on the disk when it was written, so a crash at any moment leaves no store behind its
 * mark.
 */
import {
  emptyManifest,
  storeNames,
  type StoreEntry,
  type StoreManifest,
  type StoreName,
} from './store-manifest.ts'

/** A store as it is found at the start. */
export interface FoundStore {
  /** null: the file has never been written by a Tilth that keeps a manifest, or has lost its copy */
  id: string | null
  mark: number
}

/** null: there is no file. Absent: not in use, for example the series in InfluxDB. */
export type FoundStores = Partial<Record<StoreName, FoundStore | null>>

export interface Loss {
  store: StoreName
  /** completes "PATH ..." */
  what: string
}

/**
 * What the copies together say that this Tilth has had: of the newest generation, the highest mark of each store. A copy
 * of an earlier generation is void.
 */
export function mergeCopies(copies: readonly (StoreManifest | null)[]): StoreManifest | null {
  const present = copies.filter((copy) => copy !== null)
  if (present.length === 0) return null
  const generation = Math.max(...present.map((copy) => copy.generation))
  const valid = present.filter((copy) => copy.generation === generation).sort((a, b) => a.version - b.version)
  const newest = valid.at(-1)!
  const stores: StoreManifest['stores'] = {}
  for (const name of storeNames) {
    const entries = valid.flatMap((copy) => copy.stores[name] ?? [])
    const last = entries.at(-1)
    if (last) stores[name] = { ...last, mark: Math.max(...entries.map(({ mark }) => mark)) }
  }
  return { ...newest, stores }
}

/** The files of a store as they lie in their folder before any of them is opened. */
export interface StoreFiles {
  exists: boolean
  /** a database without any table, as its file is until the first checkpoint */
  isEmpty: boolean
  hasWal: boolean
  hasShm: boolean
  isWalDamaged: boolean
}

export type FilesOfStores = Partial<Record<StoreName, StoreFiles>>

/**
 * The losses that are visible before a file is opened: opening one would change it. `known`: the manifest of DATA_DIR;
 * null: it is missing.
 */
export function findFileLosses(known: StoreManifest | null, files: FilesOfStores): Loss[] {
  const found: FoundStores = {}
  for (const store of storeNames)
    if (files[store] && !isThere(files[store])) found[store] = null
    else if (files[store]) found[store] = { id: null, mark: 0 }
  return [
    ...(known === null ? lossesWithoutManifest(found) : []),
    ...storeNames.flatMap((store) => {
      const lies = files[store]
      const what = lies === undefined ? null : fileLoss(lies, known?.stores[store])
      return what === null ? [] : [{ store, what }]
    }),
  ]
}

const isThere = ({ exists, isEmpty }: StoreFiles): boolean => exists && !isEmpty

function fileLoss(files: StoreFiles, entry: StoreEntry | undefined): string | null {
  if (files.isWalDamaged) return 'has a damaged write-ahead log (-wal): what was written last cannot be read'
  if (entry === undefined) return null
  if (!files.exists) return 'is missing'
  // SQLite removes the -shm before the -wal: one that is alone was left by somebody who removed the other
  if (entry.hasWal && !files.hasWal && files.hasShm) return 'has lost its write-ahead log (-wal)'
  return files.isEmpty ? 'has lost its content' : null
}

/** The stores whose write-ahead log went together with its -shm: a tool that opened the file may have done so rightly. */
export const tidiedLogs = (known: StoreManifest | null, files: FilesOfStores): StoreName[] =>
  storeNames.filter(
    (store) =>
      known?.stores[store]?.hasWal === true && files[store]?.hasWal === false && !files[store].hasShm,
  )

/** Compares every store in use with what the copies say. `known` null: no copy exists. */
export function findLosses(known: StoreManifest | null, found: FoundStores): Loss[] {
  if (known === null) return lossesWithoutManifest(found)
  return storeNames.flatMap((store) => {
    const entry = known.stores[store]
    const actual = found[store]
    if (entry === undefined || actual === undefined) return []
    const what = lossOf(store, entry, actual)
    return what === null ? [] : [{ store, what }]
  })
}

function lossOf(store: StoreName, entry: StoreEntry, found: FoundStore | null): string | null {
  if (found === null) return 'is missing'
  if (found.id === null) return 'has lost its content'
  if (found.id !== entry.id) return 'belongs to another Tilth, or was recreated'
  if (found.mark >= entry.mark) return null
  return store === 'journal'
    ? `ends at record ${found.mark}, record ${entry.mark} was acknowledged: at least ${entry.mark - found.mark} are missing`
    : `is older than the other files (mark ${found.mark}, expected ${entry.mark}): what was written last is missing`
}

/**
 * Without any copy, a first start is one without any file. A state that tools have prepared may stand alone with the
 * secrets.
 */
function lossesWithoutManifest(found: FoundStores): Loss[] {
  const existing = storeNames.filter((store) => found[store] != null)
  return found.state === null && existing.length > 0
    ? [{ store: 'state', what: `is missing, but ${existing.join(', ')} of a Tilth exist` }]
    : []
}

/** The entries to write now: those of stores that are not in use any more are dropped. */
export const firstManifest = (
  known: StoreManifest | null,
  accepted: { losses: readonly Loss[]; nowMs: number },
): StoreManifest => {
  const { generation, version, losses } = known ?? emptyManifest
  const added = accepted.losses.map(({ store, what }) => ({ store, what, atMs: accepted.nowMs }))
  return {
    generation: generation + (added.length > 0 ? 1 : 0),
    version: version + 1,
    stores: {},
    losses: [...losses, ...added].slice(-MAX_LOSSES),
  }
}

const MAX_LOSSES = 20
