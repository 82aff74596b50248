import type { Kysely } from 'kysely'

/** Who approves a run says when it was to begin as they saw it. */
export async function addSeenRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('request').addColumn('seenMs', 'bigint').execute()
}
