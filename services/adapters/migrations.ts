/**
 * The tables of the state store, as steps that are taken once, in order: a file each in migrations/. The same steps run
 * on SQLite and on PostgreSQL; the rows they make are typed in services/tables.ts. A step that has been released is
 * never edited.
 */
import { Migrator, type Migration } from 'kysely'
import type { State } from '../ports.ts'
import { fail } from '../errors.ts'
import { createAll } from './migrations/001-farm-to-audit.ts'
import { addScience } from './migrations/002-science.ts'
import { addCommands } from './migrations/003-commands.ts'
import { addSeasonArea } from './migrations/004-put-right.ts'
import { addPasswordLinks } from './migrations/005-password-links.ts'
import { addWaterRecords } from './migrations/006-water-records.ts'
import { addSeenRuns } from './migrations/007-seen-runs.ts'

/** Brings a store up to date. STORE_UNAVAILABLE with the step that failed. */
export async function migrate(db: State): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => steps } })
  const { error, results } = await migrator.migrateToLatest()
  if (!error) return
  const step = results?.find((result) => result.status === 'Error')?.migrationName ?? 'preparation'
  fail('STORE_UNAVAILABLE', `state store: migration ${step} failed: ${(error as Error).message}`, {
    cause: error,
  })
}

const steps: Record<string, Migration> = {
  '001-farm-to-audit': { up: createAll },
  '002-science': { up: addScience },
  '003-commands': { up: addCommands },
  '004-put-right': { up: addSeasonArea },
  '005-password-links': { up: addPasswordLinks },
  '006-water-records': { up: addWaterRecords },
  '007-seen-runs': { up: addSeenRuns },
}
