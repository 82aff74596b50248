/** `tilth move --state URL`: copies the state into another store. */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { err, ok } from '../../../broker/contract/result.ts'
import { systemClock } from '../../../broker/contract/time.ts'
import { lockDataDir } from '../../adapters/sqlite/data-dir-lock.ts'
import { engineAtWork, openState } from '../../adapters/state.ts'
import { isRunning } from '../../api/admin-socket/socket.ts'
import { createAuth } from '../../api/auth/auth.ts'
import { moveState } from '../../backup/move-state.ts'
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { Command } from './command.ts'

export const moveUsage = `  move --state URL                copies the state from STATE to postgres://USER:SECRET@HOST/DATABASE or sqlite:PATH, compares
                                  both, and keeps the old one; Tilth must not run
`

export const moveCommand: Command = async (args, { settings, print, progress }) => {
  const target = readTarget(args)
  if (target === null)
    return err('move: expected --state postgres://USER:SECRET@HOST/DATABASE or --state sqlite:PATH')
  if (target === settings.state) return err('move: --state is the store of STATE already')
  if (await isRunning(settings.dataDir))
    fail('CONFLICT', `a Tilth is running on DATA_DIR ${settings.dataDir}; stop it first`)
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  const lock = lockDataDir(settings.dataDir)
  const opened = []
  const bar = progress('move')
  try {
    const from = await openState(settings.state)
    opened.push(from)
    const to = await openState(target)
    opened.push(to)
    for (const url of [settings.state, target]) {
      const engine = await engineAtWork(url)
      if (engine !== null)
        fail('CONFLICT', `Tilth is at work on a database of this move, as ${engine}; stop it first`)
    }
    for (const { state } of opened) await makePeopleTables(state)
    const { rows, audits } = await moveState(from.state, to.state, (share, step) => bar.update(share, step))
    bar.stop()
    const total = [...rows.values()].reduce((sum, count) => sum + count, 0)
    print(`\n${total} rows of ${rows.size} tables are in the new store, and ${audits} audits are whole.`)
    print('Set STATE to it and start Tilth. The old store is as it was: remove it when you need it no more.')
  } finally {
    bar.stop()
    for (const store of opened) await store.close()
    lock.release()
  }
  return ok(null)
}

function readTarget(args: string[]): string | null {
  try {
    const { state } = parseArgs({ args, options: { state: { type: 'string' } } }).values
    return state !== undefined && /^(sqlite:|postgres:)./.test(state) ? state : null
  } catch {
    return null
  }
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** The tables of better-auth, which the first start makes. */
async function makePeopleTables(state: State): Promise<void> {
  await createAuth({
    state,
    clock: systemClock,
    log: quiet,
    secret: 'none is used here'.repeat(2),
    publicUrl: null,
  })
}
