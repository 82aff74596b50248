/**
 * A fast state store for a test: a copy of one that was migrated once, without waiting for the disk. With
 * TEST_STATE=postgres it is a database of a real PostgreSQL.
 */
import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openState, type OpenState } from '../../services/adapters/state.ts'
import { openSqliteState, type OpenSqliteState } from '../../services/adapters/sqlite/state.ts'
import type { State } from '../../services/ports.ts'
import { newPostgresDatabase, type DatabaseTemplate } from './postgres.ts'

/** Whether this run tests the state store on PostgreSQL (`npm run test:postgres`). */
export const isOnPostgres = process.env.TEST_STATE === 'postgres'

/** In a new database, or on SQLite at `path`. */
export const openTestState = (path?: string): Promise<OpenState> =>
  isOnPostgres ? openPostgresTestState() : openSqliteTestState(path)

const QUICK = { synchronous: 'OFF' } as const
let template: Promise<string> | undefined
let count = 0

/** On SQLite in any run, in a new file or at `path`. */
export async function openSqliteTestState(path?: string): Promise<OpenSqliteState> {
  const migrated = await (template ??= migratedTemplate())
  const file = path ?? join(migrated, '..', `${++count}.db`)
  copyFileSync(migrated, file)
  return openSqliteState(file, QUICK)
}

const filled = new Map<string, Promise<string>>()

/** On SQLite, with what `fill` writes: it writes once in a worker for each `name`, and each call opens a copy. */
export async function openFilledTestState(
  name: string,
  fill: (state: State) => Promise<void>,
): Promise<OpenSqliteState> {
  let template = filled.get(name)
  if (!template) {
    template = filledTemplate(fill)
    filled.set(name, template)
  }
  const file = join(await template, '..', `${++count}.db`)
  copyFileSync(await template, file)
  return openSqliteState(file, QUICK)
}

async function filledTemplate(fill: (state: State) => Promise<void>): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'tilth-template-')), 'template.db')
  const { state, close } = await openSqliteTestState(file)
  await fill(state)
  await close() // the last handle writes its log into the file
  return file
}

async function migratedTemplate(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'tilth-template-')), 'template.db')
  const { close } = await openSqliteState(file, QUICK)
  await close() // the last handle writes its log into the file
  return file
}

/** With the tables of Tilth, empty. */
export const stateTemplate: DatabaseTemplate = {
  name: 'state_template',
  async fill(url) {
    const { close } = await openState(url)
    await close()
  },
}

/** On PostgreSQL in any run; `url` opens it once more. */
export async function openPostgresTestState(): Promise<OpenState & { url: string }> {
  const { url, drop } = await newPostgresDatabase(stateTemplate)
  const opened = await openState(url)
  return {
    ...opened,
    url,
    async close() {
      await opened.close()
      await drop()
    },
  }
}
