/** `tilth backup FILE`: everything of this Tilth in one file, also while it runs. */
import { err, ok } from '../../../broker/contract/result.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { takeBackup } from '../../backup/take-backup.ts'
import { readVersion } from '../../config/version.ts'
import type { Command } from './command.ts'

export const backupUsage = `  backup FILE                     writes everything in DATA_DIR to one tar file, secrets included; also while Tilth runs
`

export const backupCommand: Command = async ([file, ...extra], { settings, print }) => {
  if (file === undefined || file.startsWith('-') || extra.length > 0) return err('backup: expected one FILE')
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
