/**
 * Writes a backup, also while Tilth runs: each database is copied as of one instant (VACUUM INTO reads in one
 * transaction and blocks no writer). The result is read again and compared.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { errorName, openDatabase } from '../../broker/sqlite/database.ts'
import type { AtMs } from '../../broker/contract/time.ts'
import { deleteCopy } from '../config/store-manifest.ts'
import type { Settings } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { readArchive, writeArchive, type Manifest } from './archive.ts'
import { countRows } from './row-counts.ts'
import { requiredFiles, placesElsewhere, backupPlaces, type BackupPlace } from './backup-places.ts'

/** NOT_FOUND when there is nothing to back up, CONFLICT when `file` exists already, STORE_CORRUPT. */
export function takeBackup(
  settings: Settings,
  file: string,
  details: { atMs: AtMs; version: string },
  print: (line: string) => void,
): Manifest {
  if (existsSync(file)) fail('CONFLICT', `${file} exists already; a backup replaces nothing`)
  const places = backupPlaces(settings).filter(({ path }) => existsSync(path))
  for (const name of requiredFiles(settings))
    if (!places.some((place) => place.name === name))
      fail('NOT_FOUND', `there is no ${name} of a Tilth in ${settings.dataDir}; check DATA_DIR`)
  let folder: string
  try {
    folder = mkdtempSync(join(dirname(resolve(file)), '.tilth-backup-'))
  } catch (cause) {
    fail('INVALID_CONFIG', `${dirname(resolve(file))} is not writable (${(cause as Error).message})`, {
      cause,
    })
  }
  try {
    const sources = places.map((place) => {
      print(`copying ${place.name}`)
      return {
        name: place.name,
        path: snapshot(place, join(folder, place.name)),
        isDatabase: place.isDatabase,
      }
    })
    const databases = sources.filter(({ isDatabase }) => isDatabase)
    const rows = Object.fromEntries(databases.map(({ name, path }) => [name, countRows(path)]))
    writeArchive(file, sources, { ...details, notHere: placesElsewhere(settings), rows })
  } catch (error) {
    if (/ENOSPC|full/i.test((error as Error).message))
      fail(
        'STORE_UNAVAILABLE',
        `${dirname(resolve(file))} has too little space: a backup needs twice the size of the databases`,
        {
          cause: error,
        },
      )
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  print('verifying it')
  return readArchive(file)
}

function snapshot({ path, isDatabase, name }: BackupPlace, to: string): string {
  if (!isDatabase) copyFileSync(path, to)
  else {
    const database = openDatabase(path)
    try {
      database.exec('pragma busy_timeout = 5000')
      database.prepare('vacuum into ?').run(to)
      forgetMarks(to)
    } catch (cause) {
      if (errorName(cause) === 'FULL') throw cause
      fail('STORE_CORRUPT', `${name} cannot be copied: ${(cause as Error).message}`, { cause })
    } finally {
      database.close()
    }
  }
  return to
}

/** The databases are copied one after the other: marks of one in the other would be ahead of its copy. */
function forgetMarks(path: string): void {
  const copy = openDatabase(path)
  try {
    const tables = copy.prepare('select name from sqlite_schema').all() as { name: string }[]
    for (const { name } of tables) if (Object.hasOwn(deleteCopy, name)) copy.exec(deleteCopy[name]!)
  } finally {
    copy.close()
  }
}
