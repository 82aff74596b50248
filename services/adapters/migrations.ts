/**
 * Migrations of the state store, each applied once, in order. `migrations/` holds the baseline; later steps get a file
 * each. SQLite and PostgreSQL run the same steps. The rows are typed in `services/tables.ts`.
 */
import { Migrator, type Migration } from 'kysely'
import type { State } from '../ports.ts'
import { fail, isTilthError } from '../errors.ts'
import { createTables } from './migrations/baseline.ts'

/** Applies the migrations that a store lacks. DISK_FULL; STORE_UNAVAILABLE with the one that failed. */
export async function migrate(db: State): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error, results } = await migrator.migrateToLatest()
  if (!error) return
  if (isTilthError(error, 'DISK_FULL')) throw error
  const name = results?.find((result) => result.status === 'Error')?.migrationName ?? 'preparation'
  fail('STORE_UNAVAILABLE', `state store: migration ${name} failed: ${(error as Error).message}`, {
    cause: error,
  })
}

const migrations: Record<string, Migration> = {
  '001-baseline': { up: createTables },
}
