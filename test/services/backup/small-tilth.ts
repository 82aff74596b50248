/** The files of a small Tilth that has stopped. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../../broker/sqlite/database.ts'
import { openSqliteSeries } from '../../../services/adapters/sqlite/series.ts'
import { openSqliteState } from '../../../services/adapters/sqlite/state.ts'
import { appendAudit } from '../../../services/audit/audit-log.ts'
import type { Settings } from '../../../services/config/settings.ts'
import { reading } from '../../ports/series-readings.ts'

/** Two organisations with a line of the audit each, a claim code that nobody used, and three readings. */
export async function fillTilth({ dataDir }: Settings, atMs: number): Promise<void> {
  mkdirSync(dataDir)
  const { state, close } = await openSqliteState(join(dataDir, 'state.db'))
  for (const org of ['org-1', 'org-2'])
    await state
      .transaction()
      .execute((rows) =>
        appendAudit(rows, { org, atMs, actor: 'console', action: 'restore', subject: org, detail: {} }),
      )
  await close()
  const database = openDatabase(join(dataDir, 'state.db'))
  database.exec('pragma foreign_keys = off')
  const columns = database.prepare('pragma table_info(claim)').all() as {
    name: string
    type: string
    notnull: number
  }[]
  const needed = columns.filter(({ notnull }) => notnull === 1)
  database.exec(
    `insert into claim (${needed.map(({ name }) => name).join(', ')}) values (${needed.map(({ type }) => (/int|real|float|double/i.test(type) ? '1' : "'x'")).join(', ')})`,
  )
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
  const series = await openSqliteSeries(join(dataDir, 'series.db'))
  await series.append([0, 1, 2].map((i) => reading({ org: 'org-1', atMs: atMs + i, value: i })))
  await series.close()
  const journal = openDatabase(join(dataDir, 'journal.db'))
  journal.exec('create table record (seq integer primary key); insert into record values (1), (2)')
  journal.close()
  writeFileSync(join(dataDir, 'secrets.json'), '{}')
}
