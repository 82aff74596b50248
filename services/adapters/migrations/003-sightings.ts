import type { Kysely } from 'kysely'

/** What people count and note in the field. A key is the phone's own, so two organisations may choose the same. */
export async function addSightings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('scoutingCount')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('farmId', 'text', (c) => c.notNull())
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject', 'text')
    .addColumn('count', 'integer')
    .addColumn('text', 'text')
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('receivedMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('sightingPk', ['org', 'id'])
    .execute()
  await db.schema
    .createIndex('sightingByField')
    .on('scoutingCount')
    .columns(['org', 'fieldId', 'atMs'])
    .execute()
}
