/** `tilth restore FILE`: replaces the files of this Tilth by a backup and keeps the old ones aside. */
import { mkdirSync } from 'node:fs'
import { err, ok } from '../../../broker/contract/result.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { isRunning } from '../../api/admin-socket/socket.ts'
import { lockDataDir } from '../../adapters/sqlite/data-dir-lock.ts'
import { openSqliteState } from '../../adapters/sqlite/state.ts'
import { openState, stateFilePath } from '../../adapters/state.ts'
import { forgetCopy } from '../../adapters/state-copy.ts'
import { restoreBackup } from '../../backup/restore.ts'
import type { Settings } from '../../config/settings.ts'
import { fail } from '../../errors.ts'
import type { Command } from './command.ts'

export const restoreUsage = `  restore FILE                    replaces all files by those of a backup and keeps the old ones aside; Tilth must not run
`

export const restoreCommand: Command = async ([file, ...extra], { settings, print, progress }) => {
  if (file === undefined || file.startsWith('-') || extra.length > 0) return err('restore: expected one FILE')
  if (await isRunning(settings.dataDir))
    fail('CONFLICT', `a Tilth is running on DATA_DIR ${settings.dataDir}; stop it first`)
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  const lock = lockDataDir(settings.dataDir)
  const { manifest, keptIn, warnings } = await restore(settings, file, progress).finally(() => lock.release())
  const takenAt = new Date(manifest.atMs).toLocaleString()
  print(
    `\nRestored the state of ${takenAt}.${keptIn.length === 0 ? '' : ` The previous files are in ${keptIn.join(' and ')}.`}`,
  )
  for (const warning of warnings) print(`Note: ${warning}.`)
  print(`
Everything since then is undone. Before you rely on it, note:
  - devices revoked since then are valid again, and rotated secrets are the old ones: check with tilth device list,
    then revoke devices or create new codes where needed
  - the same applies to removed people and changed passwords; everyone must sign in again
  - farms that were erased since then are back: erase them again
  - unused claim codes and password links are invalid: tilth device code ID creates a new code
  - controllers that ran on are noticed at their next hello: numbers go on above theirs, what was due is not
    watered twice, and an alert says which valve to look at
Now start Tilth.`)
  return ok(null)
}

async function restore(settings: Settings, file: string, progress: Parameters<Command>[1]['progress']) {
  const bar = progress('restore')
  const restored = await restoreBackup(settings, file, {
    nowMs: systemClock.now(),
    onProgress: (share, step) => bar.update(share, step),
    openState: openSqliteState,
  }).finally(() => bar.stop())
  if (stateFilePath(settings.state) === null) {
    const { state, close } = await openState(settings.state)
    await forgetCopy(state).finally(close)
  }
  return restored
}
