/**
 * The check of the stores at the start: Tilth does not start on a store that is missing or behind, unless the person who
 * starts it accepts the loss. What is visible in the files is checked before any of them is opened, and so changed.
 */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AtMs } from '../../broker/contract/time.ts'
import type { BrokerJournal } from '../../broker/journal/journal.ts'
import { stateFilePath } from '../adapters/state.ts'
import { isWalDamaged } from '../adapters/sqlite/wal-check.ts'
import { appendAudit, auditedOrgs } from '../audit/audit-log.ts'
import type { Settings } from '../config/settings.ts'
import {
  findFileLosses,
  findLosses,
  firstManifest,
  mergeCopies,
  tidiedLogs,
  type FilesOfStores,
  type FoundStores,
  type Loss,
  type StoreFiles,
} from '../config/store-losses.ts'
import {
  copyPlace,
  emptyManifest,
  parseManifest,
  readManifest,
  secretsId,
  storeNames,
  writeManifest,
  type StoreManifest,
  type StoreName,
} from '../config/store-manifest.ts'
import { loadSecrets } from '../config/secrets.ts'
import { fail } from '../errors.ts'
import type { Logger, State, StoreFile } from '../ports.ts'

export interface StoreGuard {
  /**
   * Call it when the databases are open and nothing has been written to them. Returns the manifest to continue with, and
   * the losses that were accepted just now. STORE_CORRUPT names what is missing and what to do.
   */
  check(open: OpenStores): Promise<{ manifest: StoreManifest; ids: StoreIds; accepted: Loss[] }>
}

/** Absent: the series are on another server. */
export type OpenStores = { state: StoreFile; journal: JournalCopy; series?: StoreFile | undefined }
/** The file of the journal, and its newest record. */
export type JournalCopy = StoreFile & { head(): number }
/** Ids that the stores have; absent: a new file */
export type StoreIds = Partial<Record<StoreName, string>>

/** Checks the files. On a first start it leaves an empty manifest: what was begun then is no loss. */
export function guardStores(deps: {
  settings: Settings
  accept: readonly StoreName[]
  nowMs: AtMs
  log: Logger
}): StoreGuard {
  const { settings, accept, nowMs, log } = deps
  const paths = storePaths(settings)
  const files = lookAtFiles(paths)
  const stored = readManifest(settings.dataDir)
  const fileLosses = rejectUnaccepted(findFileLosses(stored, files), accept, paths)
  for (const store of tidiedLogs(stored, files))
    log.warn(
      { path: `${paths[store]}-wal` },
      'a write-ahead log is gone since Tilth last ran: nothing is missing if a tool such as sqlite3 or a backup has opened the file since',
    )
  const isFirstStart = stored === null && Object.values(files).every(({ exists }) => !exists)
  if (isFirstStart) writeManifest(settings.dataDir, emptyManifest)

  return {
    async check({ state, journal, series }) {
      const copies = {
        state: parseManifest(await state.readCopy()),
        journal: parseManifest(await journal.readCopy()),
        series: series === undefined ? null : parseManifest(await series.readCopy()),
      }
      const known = mergeCopies([stored, ...Object.values(copies)])
      const ids: StoreIds = {}
      for (const name of ['state', 'journal', 'series'] as const) {
        const id = copies[name]?.stores[name]?.id
        if (id !== undefined) ids[name] = id
      }
      if (files.secrets?.exists !== false)
        ids.secrets = secretsId(loadSecrets(settings.dataDir, settings.secretsFile).pepper)
      const found: FoundStores = {
        state: { id: ids.state ?? null, mark: copies.state?.version ?? 0 },
        journal: { id: ids.journal ?? null, mark: journal.head() },
        ...(series && { series: { id: ids.series ?? null, mark: copies.series?.version ?? 0 } }),
        secrets: ids.secrets === undefined ? null : { id: ids.secrets, mark: 0 },
      }
      const isNew = (loss: Loss) => !fileLosses.some(({ store }) => store === loss.store)
      const losses = rejectUnaccepted(findLosses(known, found).filter(isNew), accept, paths)
      const accepted = [...fileLosses, ...losses]
      for (const store of accept)
        if (!accepted.some((loss) => loss.store === store))
          fail(
            'INVALID_CONFIG',
            `--accept-loss ${store}: nothing is missing from it; start without this option`,
          )
      return { manifest: firstManifest(known, { losses: accepted, nowMs }), ids, accepted }
    },
  }
}

type Paths = Record<StoreName, string | null>

/** What is missing or damaged, as far as the files show it without being opened. The stores must not be open. */
export function findStoreFileLosses(settings: Settings): { path: string; what: string }[] {
  const paths = storePaths(settings)
  return findFileLosses(readManifest(settings.dataDir), lookAtFiles(paths)).map(({ store, what }) => ({
    path: paths[store]!,
    what,
  }))
}

/** null: not in a file of this Tilth. */
export const storePaths = ({ dataDir, state, series, secretsFile }: Settings): Paths => ({
  state: stateFilePath(state),
  journal: join(dataDir, 'journal.db'),
  series: series.startsWith('sqlite:') ? series.slice('sqlite:'.length) : null,
  secrets: secretsFile ?? join(dataDir, 'secrets.json'),
})

function lookAtFiles(paths: Paths): FilesOfStores {
  const files: FilesOfStores = {}
  for (const name of storeNames) {
    const path = paths[name]
    if (path !== null) files[name] = name === 'secrets' ? lookAtSecrets(path) : lookAtDatabase(path)
  }
  return files
}

const lookAtSecrets = (path: string): StoreFiles => ({
  exists: existsSync(path),
  isEmpty: false,
  hasWal: false,
  hasShm: false,
  isWalDamaged: false,
})

// SQLite writes the first page when it turns the write-ahead log on; a table needs a second one
const EMPTY_BYTES = 4096

function lookAtDatabase(path: string): StoreFiles {
  const bytesOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? null
  const walBytes = bytesOf(`${path}-wal`)
  const bytes = bytesOf(path)
  return {
    exists: bytes !== null,
    isEmpty: bytes !== null && bytes <= EMPTY_BYTES && (walBytes ?? 0) === 0,
    hasWal: walBytes !== null,
    hasShm: bytesOf(`${path}-shm`) !== null,
    isWalDamaged: isWalDamaged(`${path}-wal`),
  }
}

/** Returns the losses, all of them accepted. STORE_CORRUPT with one line about the others. */
function rejectUnaccepted(losses: Loss[], accept: readonly StoreName[], paths: Paths): Loss[] {
  const refused = losses.filter(({ store }) => !accept.includes(store))
  if (refused.length === 0) return losses
  const what = refused
    .map((loss) => `${paths[loss.store] ?? 'the database of STATE'} ${loss.what}`)
    .join('; ')
  const options = [...new Set(refused.map(({ store }) => `--accept-loss ${store}`))].join(' ')
  return fail(
    'STORE_CORRUPT',
    `${what}. Put it back, or restore a backup (npm run restore -- FILE). Without a backup: npm start -- ${options}, once. Nothing was changed`,
  )
}

/** The journal keeps its copy as a note. */
export const journalFile = (
  journal: Pick<BrokerJournal, 'head' | 'notes' | 'putNote' | 'compact'>,
  path: string,
): JournalCopy => ({
  path,
  head: journal.head,
  changes: journal.head,
  readCopy: async () => journal.notes(copyPlace.noteReader).get(copyPlace.noteKey) ?? null,
  writeCopy: (text) => journal.putNote(copyPlace.noteReader, copyPlace.noteKey, text),
  compact: journal.compact,
})

/** Every organisation that is still known finds the loss in its audit. */
export async function recordAcceptedLosses(
  state: State,
  accepted: readonly Loss[],
  nowMs: AtMs,
): Promise<void> {
  if (accepted.length === 0) return
  for (const org of await auditedOrgs(state))
    for (const { store, what } of accepted)
      await appendAudit(state, {
        org,
        atMs: nowMs,
        actor: 'console',
        action: 'store.loss-accepted',
        subject: store,
        detail: { what },
      })
}
