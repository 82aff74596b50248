/**
 * Keeps the copies of the manifest up to date while Tilth runs. A mark is written after what it marks is on the disk, and
 * each store's mark also into another store, so that a store that falls behind is noticed by the other. Nothing is
 * written while nothing changes.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeManifest, type DatabaseName, type StoreManifest } from '../config/store-manifest.ts'
import type { Logger, Running, StoreFile } from '../ports.ts'
import type { OpenStores, StoreIds } from './store-guard.ts'

const MARK_EVERY_MS = 1_000
const COMPACT_EVERY_MS = 3_600_000

/**
 * Resolves after the first marks are written. `stop` writes the last ones: the stores may be closed then. `mayWrite`:
 * false on a full disk, where the remaining space belongs to the valves.
 */
export async function keepStoreMarks(deps: {
  dataDir: string
  manifest: StoreManifest
  ids: StoreIds
  stores: OpenStores
  mayWrite: () => boolean
  log: Logger
  everyMs?: number
}): Promise<Running & { compact(): Promise<void> }> {
  const { dataDir, stores, mayWrite, log, everyMs = MARK_EVERY_MS } = deps
  const { state, journal, series } = stores
  const idOf = { state: randomUUID(), journal: randomUUID(), series: randomUUID(), ...deps.ids }
  // a copy in one store may name another only when that is on the disk with its id
  const named = new Set(Object.keys(deps.ids))
  const marks = { state: 0, journal: 0, series: 0 }
  const seen = { state: -1, journal: -1, series: -1 }
  let manifest = deps.manifest
  let isFailing = false
  let isStopping = false
  let running = Promise.resolve()

  /** The copy for one store, which is on the disk with it, and all the others as they are. */
  function draft(version: number, own?: DatabaseName): StoreManifest {
    const files = { state, journal, series }
    const entries = (['state', 'journal', 'series'] as const).flatMap((name) => {
      const file = files[name]
      if (!file || !(named.has(name) || name === own)) return []
      const mark = name === own && name !== 'journal' ? version : marks[name]
      // closing a file removes its log
      const hasWal = !isStopping && file.path !== null && existsSync(`${file.path}-wal`)
      return [[name, { id: idOf[name], mark, hasWal }] as const]
    })
    const { secrets: id } = deps.ids
    const secrets = id === undefined ? {} : { secrets: { id, mark: 0, hasWal: false } }
    return { ...manifest, version, stores: { ...Object.fromEntries(entries), ...secrets } }
  }

  async function writeCopy(version: number, name: DatabaseName, file: StoreFile): Promise<void> {
    await file.writeCopy(JSON.stringify(draft(version, name)))
    named.add(name)
    if (name !== 'journal') marks[name] = version
  }

  /** Series first, then the state, then the journal: each copy names only what is on the disk already. */
  async function writeCopies(): Promise<void> {
    const version = manifest.version + 1
    const changes = { state: state.changes(), series: series?.changes() ?? 0 }
    marks.journal = journal.head()
    if (series && changes.series !== seen.series) {
      await writeCopy(version, 'series', series)
      seen.series = series.changes()
    }
    await writeCopy(version, 'state', state)
    // our own change; one that came in between has its turn in the next round
    seen.state = changes.state + 1
    const { journal: head } = marks
    await writeCopy(version, 'journal', journal)
    seen.journal = head
    manifest = draft(version)
  }

  const hasChanged = (): boolean =>
    journal.head() !== seen.journal ||
    state.changes() !== seen.state ||
    (series !== undefined && series.changes() !== seen.series)

  /** One at a time. A failure is logged once and repeated with the next. */
  function mark({
    always = false,
    after = () => {},
  }: { always?: boolean; after?: () => void | Promise<void> } = {}) {
    running = running.then(async () => {
      try {
        if (!mayWrite()) return
        if (always || hasChanged()) await writeCopies()
        await after()
        isFailing = false
      } catch (error) {
        if (!isFailing) log.warn({ error }, 'the marks of the stores could not be written; it is retried')
        isFailing = true
      }
    })
    return running
  }

  const writeFile = () => writeManifest(dataDir, manifest)

  async function compactAll(): Promise<void> {
    for (const file of [series, state, journal]) await file?.compact()
    writeFile()
  }

  await mark({ always: true, after: writeFile })
  const marking = setInterval(() => void mark(), everyMs)
  const compacting = setInterval(() => void mark({ after: compactAll }), COMPACT_EVERY_MS)
  return {
    compact: () => mark({ after: compactAll }),
    async stop() {
      clearInterval(marking)
      clearInterval(compacting)
      isStopping = true
      await mark({ always: true, after: compactAll })
    },
  }
}
