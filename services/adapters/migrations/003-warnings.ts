import type { Kysely } from 'kysely'

/** From what frost, wind and rain on a farm is warned. */
export async function addWarnings(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('farm').addColumn('warnAt', 'text').execute()
}
