/** `tilth backup FILE`: everything of this Tilth in one file, also while it runs; `--verify` restores one as a drill. */
import { err, ok } from '../../../broker/contract/result.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { openSqliteState } from '../../adapters/sqlite/state.ts'
import { takeBackup } from '../../backup/take-backup.ts'
import { verifyBackup } from '../../backup/verify-backup.ts'
import { readVersion } from '../../config/version.ts'
import type { Command } from './command.ts'

export const backupUsage = `  backup FILE                     writes everything in DATA_DIR to one tar file, secrets included; also while Tilth runs
  backup --verify FILE|FOLDER     restores a backup (the newest one in a folder) into a temporary folder and compares the
                                  rows of each table and the chains of the audit; changes nothing
`

export const backupCommand: Command = async (args, { settings, print, progress }) => {
  const [file, ...extra] = args.filter((arg) => arg !== '--verify')
  if (file === undefined || file.startsWith('-') || extra.length > 0) return err('backup: expected one FILE')
  if (args.includes('--verify')) {
    const bar = progress('verify')
    const verified = await verifyBackup(file, {
      nowMs: systemClock.now(),
      onProgress: (share, step) => bar.update(share, step),
      openState: openSqliteState,
    }).finally(() => bar.stop())
    const { manifest, tables, rows, audits, readings } = verified
    print(`${verified.file} of ${new Date(manifest.atMs).toISOString()} can be restored.`)
    print(`  ${tables} tables with ${rows} rows, as counted when it was taken`)
    print(`  ${readings === null ? 'no readings: they are in another store' : `${readings} readings`}`)
    print(`  ${audits} ${audits === 1 ? 'organisation' : 'organisations'} with a whole audit`)
    return ok(null)
  }
  const details = { atMs: systemClock.now(), version: readVersion() }
  const { files, notHere } = takeBackup(settings, file, details, print)
  print('')
  for (const { name, bytes } of files) print(`  ${name.padEnd(14)} ${sizeOf(bytes)}`)
  print(`\n${file} is complete. Not included: ${notHere.join('; ')}.`)
  print(
    'It contains the secrets of the server and the command keys of the valves: store it where only you can read it.',
  )
  return ok(null)
}

/** Decimal, with one digit: 12.3 kB, 4.5 MB. */
export const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
