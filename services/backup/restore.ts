/**
 * Puts a backup in the place of what is there, which is kept aside. Nothing is touched before the whole backup has been
 * read, its databases checked and brought up to date. What must not come back with it is taken out: claim codes and
 * signed-in sessions. The numbers of valves need nothing here: a controller that is ahead of them says so itself when
 * it says hello, and dispatch goes on above its numbers (dispatch/numbers.ts).
 */
import { mkdirSync, renameSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { sql } from 'kysely'
import type { AtMs } from '../../broker/contract/time.ts'
import { appendAudit, auditedOrgs, verifyAudit } from '../audit.ts'
import { openSqliteState } from '../adapters/sqlite/state.ts'
import type { Settings } from '../config.ts'
import { fail } from '../errors.ts'
import { readArchive, type Manifest } from './archive.ts'
import { neededOf, placesOf, RESTORING, type Place } from './places.ts'

export interface Restored {
  manifest: Manifest
  /** where what was there before is kept; null: there was nothing */
  keptIn: string | null
  /** what a person must know of it */
  warnings: string[]
}

/** No Tilth may run on these settings' DATA_DIR: the caller has asked. NOT_FOUND, STORE_CORRUPT. */
export async function restoreBackup(
  settings: Settings,
  file: string,
  nowMs: AtMs,
  say: (line: string) => void,
): Promise<Restored> {
  say(`reading ${file}`)
  const manifest = readArchive(file)
  const places = placesOf(settings)
  const warnings = differences(settings, manifest, places)
  const folder = join(settings.dataDir, RESTORING)
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  const wanted = places.filter(({ name }) => manifest.files.some((each) => each.name === name))
  try {
    readArchive(file, (name) => (wanted.some((place) => place.name === name) ? join(folder, name) : null))
    for (const place of wanted) if (place.isDatabase) checkDatabase(join(folder, place.name), place.name)
    say('bringing its rows up to date')
    warnings.push(...(await adapt(join(folder, 'state.db'), manifest, nowMs)))
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  // from here on a cut leaves the folder `restoring`, and Tilth does not start until it is done again
  const keptIn = setAside(settings.dataDir, places, nowMs)
  for (const { name, path } of wanted) renameSync(join(folder, name), path)
  rmSync(folder, { recursive: true })
  return { manifest, keptIn, warnings }
}

function differences(settings: Settings, manifest: Manifest, places: Place[]): string[] {
  const has = (name: string) => manifest.files.some((each) => each.name === name)
  for (const name of neededOf(settings)) if (!has(name)) fail('STORE_CORRUPT', `the backup has no ${name}`)
  const usesSqlite = places.some(({ name }) => name === 'series.db')
  if (usesSqlite && !has('series.db'))
    return ['the backup has no series: they were in another store; SERIES begins empty here']
  if (!usesSqlite && has('series.db'))
    return ['the series of the backup are not restored: SERIES names another store']
  return []
}

function checkDatabase(path: string, name: string): void {
  const database = new Database(path)
  try {
    const [check] = database.pragma('integrity_check(1)') as { integrity_check: string }[]
    if (check?.integrity_check !== 'ok')
      fail('STORE_CORRUPT', `${name} of the backup is damaged (${check?.integrity_check})`)
  } finally {
    database.close()
  }
}

/** What must not come back is taken out, and the audit says what was done. */
async function adapt(path: string, manifest: Manifest, nowMs: AtMs): Promise<string[]> {
  const { state, database, close } = await openSqliteState(path)
  const warnings: string[] = []
  try {
    const orgs = await auditedOrgs(state)
    for (const org of orgs) {
      const { broken } = await verifyAudit(state, org)
      if (broken) warnings.push(`the audit of ${org} was not whole when it was backed up: ${broken.why}`)
    }
    await state.transaction().execute(async (rows) => {
      // one that was handed in since then would count again
      await rows.deleteFrom('claim').where('usedMs', 'is', null).execute()
      // who signed out, was taken out or changed the password since then would be signed in again
      const [sessions] = (
        await sql<{ name: string }>`select name from sqlite_schema where name = 'session'`.execute(rows)
      ).rows
      if (sessions) await sql`delete from session`.execute(rows)
      for (const org of orgs)
        await appendAudit(rows, {
          ...{ org, atMs: nowMs, actor: 'console', action: 'restore', subject: org },
          detail: { backupAtMs: manifest.atMs },
        })
    })
    database.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    await close()
  }
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true })
  return warnings
}

/** Keeps what is there in a folder of its own. */
function setAside(dataDir: string, places: Place[], nowMs: AtMs): string | null {
  const there = places.flatMap(({ name, path }) =>
    ['', '-wal', '-shm'].flatMap((end) =>
      existsSync(path + end) ? { name: name + end, path: path + end } : [],
    ),
  )
  if (there.length === 0) return null
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, '-')
  const folder = join(dataDir, `before-restore-${stamp}`)
  mkdirSync(folder, { mode: 0o700 })
  for (const { name, path } of there) renameSync(path, join(folder, name))
  return folder
}
