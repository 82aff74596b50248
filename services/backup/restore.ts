/**
 * Replaces the files of this Tilth by a backup and keeps the old ones aside. Nothing changes before the whole backup
 * has been read and its databases checked and migrated. Data that must not come back is removed: claim codes,
 * password links and sessions. Valve sequence numbers need no change here: a controller that is ahead reports its
 * numbers in its hello, and dispatch continues above them (dispatch/controllers/sequence-numbers.ts).
 */
import { mkdirSync, renameSync, existsSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { openDatabase, readPragma, type Database } from '../../broker/sqlite/database.ts'
import { sql } from 'kysely'
import type { AtMs } from '../../broker/contract/time.ts'
import { appendAudit, auditedOrgs, verifyAudit } from '../audit/audit-log.ts'
import { emptyManifest, MANIFEST_FILE, writeManifest } from '../config/store-manifest.ts'
import type { State } from '../ports.ts'
import { inAllOrgs } from '../runtime/transactions.ts'
import { fail } from '../errors.ts'
import { readArchive, type Manifest } from './archive.ts'
import {
  requiredFiles,
  backupPlaces,
  RESTORING,
  type BackupPlace,
  type FileSettings,
} from './backup-places.ts'

export interface Restored {
  manifest: Manifest
  /** folders with the previous files; empty: there were none */
  keptIn: string[]
  /** messages for the person who restores */
  warnings: string[]
}

/** Opens and migrates a state store. */
export type OpenState = (path: string) => Promise<{
  state: State
  database: Pick<Database, 'exec'>
  close(): Promise<void>
}>

/** Reports the share that is done, 0 to 1, and the step. */
export type OnProgress = (share: number, step?: string) => void

// a checked file is read once, a copied one is also written
const CHECKED_SHARE = 0.3
const COPIED_SHARE = 0.9

/** No Tilth may run on this DATA_DIR: the caller has checked. NOT_FOUND, STORE_CORRUPT. */
export async function restoreBackup(
  settings: FileSettings,
  file: string,
  { nowMs, onProgress, openState }: { nowMs: AtMs; onProgress: OnProgress; openState: OpenState },
): Promise<Restored> {
  const manifest = readArchive(
    file,
    () => null,
    (share) => onProgress(share * CHECKED_SHARE, 'checking the backup'),
  )
  const places = backupPlaces(settings)
  const warnings = differences(settings, manifest, places)
  const selectedPlaces = places.filter(({ name }) => manifest.files.some((file) => file.name === name))
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  const { staged, remove } = stageBeside(settings.dataDir, selectedPlaces)
  try {
    readArchive(
      file,
      (name) => staged.get(name) ?? null,
      (share) => onProgress(CHECKED_SHARE + share * (COPIED_SHARE - CHECKED_SHARE), 'copying its files'),
    )
    onProgress(COPIED_SHARE, 'checking its databases')
    for (const { name, isDatabase } of selectedPlaces) if (isDatabase) checkDatabase(staged.get(name)!, name)
    onProgress((1 + COPIED_SHARE) / 2, 'migrating its rows')
    const state = staged.get('state.db')
    if (state !== undefined) warnings.push(...(await prepareState(state, { manifest, nowMs, openState })))
  } catch (error) {
    remove()
    throw error
  }
  // from here on an interruption leaves the folder `restoring`, and Tilth does not start until the restore is
  // repeated
  const keptIn = setAside([...places, manifestPlace(settings)], nowMs)
  for (const { name, path } of selectedPlaces) renameSync(staged.get(name)!, path)
  // what the previous files had reached is no measure for these
  writeManifest(settings.dataDir, emptyManifest)
  remove()
  onProgress(1)
  return { manifest, keptIn, warnings }
}

const manifestPlace = ({ dataDir }: FileSettings): BackupPlace => ({
  name: MANIFEST_FILE,
  path: join(dataDir, MANIFEST_FILE),
  isDatabase: false,
})

function differences(settings: FileSettings, manifest: Manifest, places: BackupPlace[]): string[] {
  const has = (name: string) => manifest.files.some((file) => file.name === name)
  for (const name of requiredFiles(settings))
    if (!has(name)) fail('STORE_CORRUPT', `the backup has no ${name}`)
  const isHere = (name: string) => places.some((place) => place.name === name)
  const warnings: string[] = []
  if (!isHere('state.db'))
    warnings.push(
      `the state is in PostgreSQL: restore it there${has('state.db') ? ', the one of the backup is not used' : ''}`,
    )
  if (isHere('series.db') && !has('series.db'))
    warnings.push('the backup has no series: they were in another store; SERIES starts empty here')
  if (!isHere('series.db') && has('series.db'))
    warnings.push('the series of the backup are not restored: SERIES names another store')
  return warnings
}

function checkDatabase(path: string, name: string): void {
  const database = openDatabase(path)
  try {
    const check = readPragma(database, 'integrity_check(1)')
    if (check !== 'ok') fail('STORE_CORRUPT', `${name} of the backup is damaged (${check})`)
  } finally {
    database.close()
  }
}

/** Removes what must not come back; the audit records the restore. */
async function prepareState(
  path: string,
  { manifest, nowMs, openState }: { manifest: Manifest; nowMs: AtMs; openState: OpenState },
): Promise<string[]> {
  const { state, database, close } = await openState(path)
  const warnings: string[] = []
  try {
    const orgs = await auditedOrgs(state)
    for (const org of orgs) {
      const { broken } = await verifyAudit(state, org)
      if (broken) warnings.push(`the audit of ${org} was broken before the backup: ${broken.reason}`)
    }
    await inAllOrgs(state, async (rows) => {
      // a code that was used since the backup would be valid again
      await rows.deleteFrom('claim').where('usedMs', 'is', null).execute()
      await rows.deleteFrom('invitationCode').where('usedMs', 'is', null).execute()
      await rows.deleteFrom('passwordLink').execute()
      // people who signed out, were removed or changed their password since the backup would be signed in again
      const [sessions] = (
        await sql<{ name: string }>`select name from sqlite_schema where name = 'session'`.execute(rows)
      ).rows
      if (sessions) await sql`delete from session`.execute(rows)
      for (const org of orgs)
        await appendAudit(rows, {
          org,
          atMs: nowMs,
          actor: 'console',
          action: 'restore',
          subject: org,
          detail: { backupAtMs: manifest.atMs },
        })
    })
    database.exec('pragma wal_checkpoint(TRUNCATE)')
  } finally {
    await close()
  }
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true })
  return warnings
}

/**
 * The staging path of each file: next to its destination, because a file cannot be moved to another disk atomically.
 */
function stageBeside(
  dataDir: string,
  places: BackupPlace[],
): { staged: Map<string, string>; remove: () => void } {
  const marker = join(dataDir, RESTORING)
  const folderOf = ({ path }: BackupPlace) =>
    folderOfPath(path) === resolve(dataDir) ? marker : join(folderOfPath(path), `.tilth-${RESTORING}`)
  // the marker is removed last: while any staging folder is left, Tilth does not start
  const folders = [...new Set([...places.map(folderOf).filter((folder) => folder !== marker), marker])]
  const created: string[] = []
  const remove = () => {
    for (const folder of created) rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const folder of folders) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      created.push(folder)
    }
  } catch (cause) {
    remove()
    const why = (cause as Error).message
    fail('INVALID_CONFIG', `a folder of DATA_DIR, STATE or SERIES is not writable (${why})`, { cause })
  }
  return { staged: new Map(places.map((place) => [place.name, join(folderOf(place), place.name)])), remove }
}

/** Moves the existing files into a folder next to them. Returns these folders. */
function setAside(places: BackupPlace[], nowMs: AtMs): string[] {
  const existing = places.flatMap(({ name, path }) =>
    ['', '-wal', '-shm'].flatMap((end) =>
      existsSync(path + end) ? { name: name + end, path: path + end } : [],
    ),
  )
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, '-')
  const folderOf = (path: string) => join(folderOfPath(path), `before-restore-${stamp}`)
  const folders = [...new Set(existing.map(({ path }) => folderOf(path)))]
  // create all of them before anything is moved
  for (const folder of folders) mkdirSync(folder, { mode: 0o700 })
  for (const { name, path } of existing) renameSync(path, join(folderOf(path), name))
  return folders
}

const folderOfPath = (path: string): string => dirname(resolve(path))
