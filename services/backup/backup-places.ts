/** The files of a Tilth, in the order in which they are copied. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { fail } from '../errors.ts'

export interface BackupPlace {
  name: string // name in the backup
  path: string
  isDatabase: boolean
}

/** The settings that place the files. */
export type FileSettings = Pick<Settings, 'dataDir' | 'state' | 'series' | 'secretsFile'>

/**
 * The journal first: its cursor shows what the series already contain, so a series that is copied later contains at
 * least that much. Readings after the cursor are stored a second time, which changes nothing.
 */
export function backupPlaces(settings: FileSettings): BackupPlace[] {
  const inData = (name: string, isDatabase: boolean) => ({
    name,
    path: join(settings.dataDir, name),
    isDatabase,
  })
  return [
    inData('journal.db', true),
    ...(isSqlite(settings.series)
      ? [{ name: 'series.db', path: settings.series.slice('sqlite:'.length), isDatabase: true }]
      : []),
    ...(isSqlite(settings.state)
      ? [{ name: 'state.db', path: settings.state.slice('sqlite:'.length), isDatabase: true }]
      : []),
    ...(settings.secretsFile === null ? [inData('secrets.json', false)] : []),
    inData('pests.json', false),
    // phones trust this authority and no other; the certificate of the server is made again
    inData('https-authority.pem', false),
  ]
}

const isSqlite = (url: string): boolean => url.startsWith('sqlite:')

/** Without these files there is nothing to back up or restore. */
export const requiredFiles = (settings: FileSettings): string[] => [
  ...(isSqlite(settings.state) ? ['state.db'] : []),
  'journal.db',
  ...(settings.secretsFile === null ? ['secrets.json'] : []),
]

/** Parts of this Tilth that are stored elsewhere, in words for a person. */
export function placesElsewhere(settings: Settings): string[] {
  const { state, series, mqttTls, https, secretsFile } = settings
  return [
    ...(isSqlite(state) ? [] : ['the state: it is in PostgreSQL, back it up there (docs/growth.md)']),
    ...(isSqlite(series) ? [] : [`the series: they are in ${series.split(':')[0]}, back them up there`]),
    ...(mqttTls === null ? [] : [`the certificate and its key (${mqttTls.cert}, ${mqttTls.key})`]),
    ...(https?.kind === 'files' ? [`the HTTPS certificate and its key (${https.cert}, ${https.key})`] : []),
    ...(secretsFile === null ? [] : [`the secrets of the server (${secretsFile}), which identify devices`]),
    'the settings (tilth.env or the environment)',
  ]
}

export const RESTORING = 'restoring'

/** An interrupted restore leaves old and new files next to each other: nothing may start on them. INVALID_CONFIG. */
export function rejectPartialRestore(dataDir: string): void {
  if (existsSync(join(dataDir, RESTORING)))
    fail(
      'INVALID_CONFIG',
      `a restore into ${dataDir} was interrupted; run it again (npm run restore -- FILE)`,
    )
}
