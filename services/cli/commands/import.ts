/** `tilth import FILE`: imports the export of another Tilth into an organisation of this one. */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { err, ok } from '../../../broker/contract/result.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { lockDataDir } from '../../adapters/sqlite/data-dir-lock.ts'
import { openState } from '../../adapters/state.ts'
import { isRunning } from '../../api/admin-socket/socket.ts'
import { importExport } from '../../backup/import-export.ts'
import { leftOut } from '../../backup/import-rows.ts'
import { fail } from '../../errors.ts'
import type { OrgTable } from '../../domain/export-rows.ts'
import { openReadySeries } from '../../app/series-wiring.ts'
import type { Command } from './command.ts'

export const importUsage = `  import FILE [--org ORG]         imports an export (More, People) of another Tilth into an organisation of this one;
                                  existing rows stay as they are; Tilth must not run
`

export const importCommand: Command = async (args, { settings, print, progress }) => {
  const text = { type: 'string' } as const
  let read
  try {
    read = parseArgs({ args, allowPositionals: true, options: { org: text } })
  } catch (error) {
    return err((error as Error).message.split('. ')[0]!)
  }
  const [file, ...extra] = read.positionals
  if (file === undefined || extra.length > 0) return err('import: expected one FILE')
  if (await isRunning(settings.dataDir))
    fail('CONFLICT', `a Tilth is running on DATA_DIR ${settings.dataDir}; stop it first`)
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  const lock = lockDataDir(settings.dataDir)
  const { state, close } = await openState(settings.state)
  try {
    const series = await openReadySeries(settings)
    try {
      const bar = progress('import')
      const options = {
        org: read.values.org ?? null,
        nowMs: systemClock.now(),
        onProgress: (share: number, step: string) => bar.update(share, step),
      }
      const done = await importExport({ state, series }, file, options).finally(() => bar.stop())
      print(`\nImported from ${done.from}: ${done.added} new rows, ${done.readings} readings.`)
      if (done.same > 0) print(`${done.same} rows existed already.`)
      if (done.kept > 0) print(`${done.kept} rows exist with other values and were left as they are.`)
      for (const [table, count] of done.leftOut)
        print(`Not imported: ${count} of ${table}${leftOutReason(table)}.`)
      print(`
Devices need new secrets: start Tilth and create a claim code for each (More, Devices, or tilth device code ID). Automatic
zones now only advise. Invite people again (More, People).`)
      return ok(null)
    } finally {
      await series.close()
    }
  } finally {
    await close()
    lock.release()
  }
}

function leftOutReason(table: string): string {
  const why = leftOut[table as OrgTable]
  return why === undefined ? '' : ` (${why})`
}
