import type { Kysely } from 'kysely'

/** Fields that are divided or put together: what came of what, from when on; and since when a zone has a valve. */
export async function addDescents(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('field').addColumn('endedDay', 'text').execute()
  await db.schema.alterTable('zone').addColumn('valveAssignedAtMs', 'bigint').execute()
  await db.schema
    .createTable('fieldLineage')
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('fromFieldId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('share', 'double precision', (c) => c.notNull())
    .addPrimaryKeyConstraint('fieldDescentPk', ['fieldId', 'fromFieldId'])
    .execute()
  await db.schema.createIndex('fieldDescentByOrg').on('fieldLineage').columns(['org']).execute()
}
