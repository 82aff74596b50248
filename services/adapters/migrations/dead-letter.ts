/** Rejected messages, where another machine may take over. */
import type { Kysely } from 'kysely'

/** Table `deadLetter`. Rejects when it exists. */
export async function createDeadLetterTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deadLetter')
    .addColumn('node', 'text', (c) => c.notNull())
    .addColumn('id', 'bigint', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('receivedMs', 'bigint', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('isForeign', 'integer', (c) => c.notNull())
    .addColumn('isRetained', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('deadLetterPk', ['node', 'id'])
    .execute()
  await db.schema
    .createIndex('deadLetterByOrgDeviceId')
    .on('deadLetter')
    .columns(['org', 'deviceId'])
    .execute()
}
