/** DATA_DIR and its disk, the stores in it, the modes of files with secrets, and certificates. */
import { X509Certificate } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DAY_MS, systemClock, type AtMs } from '../../../broker/contract/time.ts'
import { capacityLevel, fillLevel } from '../../../broker/journal/capacity-levels.ts'
import { findDamage } from '../../adapters/sqlite/find-damage.ts'
import { findStoreFileLosses, storePaths } from '../../app/store-guard.ts'
import { exposedFiles, secretPlaces } from '../../config/secret-files.ts'
import type { Settings } from '../../config/settings.ts'
import { fault, fine, messageOf, warning, type Finding } from './finding.ts'

/** Whether Tilth may write to DATA_DIR. Creates nothing. */
export function checkFolder({ dataDir }: Settings): Finding {
  const path = resolve(dataDir)
  const isThere = existsSync(path)
  const folder = isThere ? path : nearestFolder(path)
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return fine('DATA_DIR', isThere ? path : `${path} does not exist yet: the first start creates it`)
  } catch (error) {
    return fault(
      'DATA_DIR',
      `${folder} cannot be written: ${messageOf(error)}`,
      'give the user of Tilth this folder, or set DATA_DIR',
    )
  }
}

function nearestFolder(path: string): string {
  let folder = path
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

/** The free space of the disk of DATA_DIR, by the levels at which Tilth itself warns. */
export function checkDisk({ dataDir }: Settings): Finding {
  const { bavail, blocks, bsize } = statfsSync(nearestFolder(resolve(dataDir)))
  const freeBytes = bavail * bsize
  const fill = fillLevel({
    usedBytes: 0,
    availableBytes: freeBytes,
    diskAvailableBytes: freeBytes,
    diskBytes: blocks * bsize,
  })
  const what = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`
  const todo = 'free some space, or move DATA_DIR to a larger disk'
  switch (capacityLevel(fill, 'ok')) {
    case 'ok':
      return fine('disk', what)
    case 'warning':
    case 'degraded':
      return warning('disk', what, todo)
    case 'full':
      return fault('disk', what, todo)
  }
}

/** Files with secrets that other users of the machine can read. */
export function checkModes(settings: Settings): Finding {
  const exposed = exposedFiles(secretPlaces(settings))
  return exposed.length === 0
    ? fine('file modes', 'no other user can read the secrets')
    : warning(
        'file modes',
        `other users can read ${exposed.map(({ path }) => path).join(', ')}`,
        exposed.map(({ hint }) => hint).join('; '),
      )
}

/**
 * Whether every store that this Tilth has had is there and can be read. A running Tilth has checked that at its start and
 * changes the files: pass only a stopped one.
 */
export function checkStores(settings: Settings): Finding[] {
  const losses = findStoreFileLosses(settings)
  if (losses.length > 0)
    return losses.map(({ path, what }) =>
      fault('stores', `${path} ${what}`, 'put the file back, or restore a backup (docs/install.md)'),
    )
  const paths = storePaths(settings)
  const databases = [paths.state, paths.journal, paths.series].filter(
    (path): path is string => path !== null && existsSync(path),
  )
  if (databases.length === 0) return [fine('stores', 'none yet: this is a first start')]
  return databases.map(checkDatabase)
}

function checkDatabase(path: string): Finding {
  // opening it would write the log into it, which is for the start of Tilth
  if (existsSync(`${path}-wal`))
    return fine('stores', `${path} was not closed in order; the next start reads its write-ahead log`)
  const damage = findDamage(path)
  return damage === null
    ? fine('stores', `${path} is whole`)
    : fault(
        'stores',
        `${path} is damaged: ${damage}`,
        'check the disk and restore a backup (docs/install.md)',
      )
}

const RENEW_DAYS = 14

/**
 * The certificates that somebody else renews: of MQTT over TLS and of HTTPS=CERT,KEY. Tilth renews its own, and warns itself
 * when it cannot.
 */
export function checkCertificates({ mqttTls, https }: Settings, nowMs: AtMs = systemClock.now()): Finding[] {
  return [
    ...(mqttTls === null ? [] : [checkCertificate('MQTT_TLS_CERT', mqttTls.cert, nowMs)]),
    ...(https?.kind === 'files' ? [checkCertificate('HTTPS', https.cert, nowMs)] : []),
  ]
}

function checkCertificate(subject: string, path: string, nowMs: AtMs): Finding {
  try {
    const untilMs = Date.parse(new X509Certificate(readFileSync(path)).validTo)
    const until = `valid until ${new Date(untilMs).toISOString().slice(0, 10)}`
    const todo = 'renew it, then send SIGHUP to Tilth'
    if (untilMs <= nowMs) return fault(subject, `it is no longer valid: ${until}`, todo)
    return untilMs - nowMs < RENEW_DAYS * DAY_MS ? warning(subject, until, todo) : fine(subject, until)
  } catch (error) {
    return fault(
      subject,
      `it cannot be read: ${messageOf(error)}`,
      'name a PEM file that the user of Tilth can read',
    )
  }
}
