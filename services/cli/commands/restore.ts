/** `tilth restore FILE`: a backup takes the place of what is there, which is kept aside. */
import { err, ok } from '../../../broker/contract/result.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { isRunning } from '../../api/admin-socket/socket.ts'
import { restoreBackup } from '../../backup/restore.ts'
import { fail } from '../../errors.ts'
import type { Command } from './command.ts'

export const restoreUsage = `  restore FILE                    a backup in the place of what is there, which is kept aside; Tilth must not run
`

export const restoreCommand: Command = async ([file, ...more], { settings, print: say }) => {
  if (file === undefined || file.startsWith('-') || more.length > 0) return err('restore: expected one FILE')
  if (await isRunning(settings.dataDir))
    fail('CONFLICT', `a Tilth runs on DATA_DIR ${settings.dataDir}; stop it first`)
  const { manifest, keptIn, warnings } = await restoreBackup(settings, file, systemClock.now(), say)
  const at = new Date(manifest.atMs).toLocaleString()
  say(
    `\nRestored as it was on ${at}.${keptIn.length === 0 ? '' : ` What was there is kept in ${keptIn.join(' and ')}.`}`,
  )
  for (const warning of warnings) say(`Note: ${warning}.`)
  say(`
Everything since then is undone. Before you rely on it:
  - devices that were revoked since then count again, secrets that were changed since then are the old ones:
    tilth device list, and revoke or give a new code where needed
  - so it is with people who were taken out and passwords that were changed; everybody must sign in again
  - farms that were erased since then are back: erase them again
  - claim codes that waited are void: tilth device code ID makes another; so are links to a new password
  - controllers that ran on are noticed at their next hello: numbers go on above theirs, what was due is not
    watered twice, and an alert says which valve to look at
Now start Tilth.`)
  return ok(null)
}
