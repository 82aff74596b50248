/**
 * Migrations of the state store, each applied once, in order. `migrations/` holds the baseline; later steps get a file
 * each. SQLite and PostgreSQL run the same steps. The rows are typed in `services/tables.ts`.
 */
import { Migrator, sql, type Migration } from 'kysely'
import type { State } from '../ports.ts'
import { fail, isTilthError } from '../errors.ts'
import { createTables } from './migrations/baseline.ts'
import { createDeadLetterTable } from './migrations/dead-letter.ts'

/**
 * Applies the migrations that a store lacks. STORE_NEWER: it has one of a later version; DISK_FULL; STORE_UNAVAILABLE with
 * the one that failed.
 */
export async function migrate(db: State): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error, results } = await migrator.migrateToLatest()
  if (!error) return
  if (isTilthError(error, 'DISK_FULL')) throw error
  const later = await laterMigration(db)
  if (later !== null)
    fail(
      'STORE_NEWER',
      `the state store was written by a later version of Tilth (migration ${later}): install that version, or restore a backup from before the upgrade`,
    )
  const name = results?.find((result) => result.status === 'Error')?.migrationName ?? 'preparation'
  fail('STORE_UNAVAILABLE', `state store: migration ${name} failed: ${(error as Error).message}`, {
    cause: error,
  })
}

/** The newest migration of the store that this version does not have. */
async function laterMigration(db: State): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`
    .execute(db)
    .catch(() => ({ rows: [] })) // the store does not respond: the first error states it
  return rows.findLast(({ name }) => !(name in migrations))?.name ?? null
}

const migrations: Record<string, Migration> = {
  '001-baseline': { up: createTables },
  '002-dead-letter': { up: createDeadLetterTable },
}
