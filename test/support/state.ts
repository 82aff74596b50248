/** A fast state store for a test: a copy of one that this worker migrated once, without waiting for the disk. */
import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteState, type OpenState } from '../../services/adapters/sqlite/state.ts'

const QUICK = { synchronous: 'OFF' } as const
let template: Promise<string> | undefined
let count = 0

/** In a new file, or at `path`. */
export async function openTestState(path?: string): Promise<OpenState> {
  const migrated = await (template ??= migratedTemplate())
  const file = path ?? join(migrated, '..', `${++count}.db`)
  copyFileSync(migrated, file)
  return openSqliteState(file, QUICK)
}

async function migratedTemplate(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'tilth-template-')), 'template.db')
  const { close } = await openSqliteState(file, QUICK)
  await close() // the last handle writes its log into the file
  return file
}
