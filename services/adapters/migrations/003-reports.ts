import type { Kysely } from 'kysely'

/** Files of a season that people ordered. */
export async function addReports(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('reportOrder')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('who', 'text', (c) => c.notNull())
    .addColumn('form', 'text', (c) => c.notNull())
    .addColumn('query', 'text', (c) => c.notNull())
    .addColumn('askedMs', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('tries', 'integer', (c) => c.notNull())
    .addColumn('toldMs', 'bigint')
    .addColumn('bytes', 'integer')
    .addColumn('file', 'text')
    .addColumn('code', 'text')
    .addPrimaryKeyConstraint('reportOrderPk', ['id'])
    .execute()
  await db.schema.createIndex('reportOrderByOrg').on('reportOrder').columns(['org', 'askedMs']).execute()
  await db.schema.createIndex('reportOrderByState').on('reportOrder').columns(['state', 'askedMs']).execute()
}
