import type { Kysely } from 'kysely'

/** Who approves a run says when it was to begin as they saw it, and a phone that kept the yes when it was said. */
export async function addSeenRuns(db: Kysely<unknown>): Promise<void> {
  for (const column of ['expectedStartMs', 'decidedOfflineAtMs'])
    await db.schema.alterTable('request').addColumn(column, 'bigint').execute()
}
