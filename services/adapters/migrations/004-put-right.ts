import type { Kysely } from 'kysely'

/** A field's area is put right, and what was harvested before keeps the one that it was reckoned with. */
export async function addSeasonArea(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('season').addColumn('fieldM2', 'double precision').execute()
}
