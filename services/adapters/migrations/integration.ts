/** Integrations with other ecosystems, and the messages heard through them. */
import type { Kysely } from 'kysely'

/** Tables `integration` and `heardMessage`. Rejects when one exists. */
export async function createIntegrationTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('integration')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('farmId', 'text')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('url', 'text')
    .addColumn('userName', 'text')
    .addColumn('secret', 'text')
    .addColumn('topics', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('secretHash', 'text')
    .addColumn('previousSecretHash', 'text')
    .addColumn('createdAtMs', 'bigint', (c) => c.notNull())
    .addColumn('revokedAtMs', 'bigint')
    .addPrimaryKeyConstraint('integrationPk', ['id'])
    .execute()
  await db.schema.createIndex('integrationByOrg').on('integration').columns(['org']).execute()

  await db.schema
    .createTable('heardMessage')
    .addColumn('integrationId', 'text', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('receivedMs', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('isRetained', 'integer', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('heardMessagePk', ['integrationId', 'topic', 'receivedMs', 'seq'])
    .execute()
  await db.schema
    .createIndex('heardMessageByOrgReceivedMs')
    .on('heardMessage')
    .columns(['org', 'receivedMs', 'seq', 'bytes'])
    .execute()
}
