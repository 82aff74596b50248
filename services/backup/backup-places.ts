/** What a Tilth consists of on its disk, in the order in which it is copied. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { fail } from '../errors.ts'

export interface BackupPlace {
  name: string // in the backup
  path: string
  isDatabase: boolean
}

/**
 * The journal first: its cursor says what the series hold already, so a series that is copied later holds at least that
 * much, and what it holds besides is stored a second time without a trace.
 */
export function backupPlaces(settings: Settings): BackupPlace[] {
  const inData = (name: string, isDatabase: boolean) => ({
    name,
    path: join(settings.dataDir, name),
    isDatabase,
  })
  return [
    inData('journal.db', true),
    ...(settings.series.startsWith('sqlite:')
      ? [{ name: 'series.db', path: settings.series.slice('sqlite:'.length), isDatabase: true }]
      : []),
    { name: 'state.db', path: settings.state.slice('sqlite:'.length), isDatabase: true },
    ...(settings.secretsFile === null ? [inData('secrets.json', false)] : []),
    inData('pests.json', false),
  ]
}

/** Without these there is no Tilth to back up or to restore. */
export const requiredFiles = (settings: Settings): string[] => [
  ...['state.db', 'journal.db'],
  ...(settings.secretsFile === null ? ['secrets.json'] : []),
]

/** What belongs to this Tilth and lies elsewhere, in words for a person. */
export function placesElsewhere(settings: Settings): string[] {
  const { series, mqttTls, secretsFile } = settings
  return [
    ...(series.startsWith('sqlite:')
      ? []
      : [`the series: they are in ${series.split(':')[0]}, back them up there`]),
    ...(mqttTls === null ? [] : [`the certificate and its key (${mqttTls.cert}, ${mqttTls.key})`]),
    ...(secretsFile === null ? [] : [`the server's own secrets (${secretsFile}): devices are known by them`]),
    'the settings (tilth.env or the environment)',
  ]
}

export const RESTORING = 'restoring'

/** A restore that was cut off leaves old and new files side by side: nothing may start on them. INVALID_CONFIG. */
export function rejectPartialRestore(dataDir: string): void {
  if (existsSync(join(dataDir, RESTORING)))
    fail('INVALID_CONFIG', `a restore into ${dataDir} was cut off; run it again (npm run restore -- FILE)`)
}
