/** Alerts, the audit, jobs and settings. */
import type { Kysely } from 'kysely'

/** Tables `alert`, `audit`, `jobRun` and `setting`. Rejects when one exists. */
export async function createServerTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('cause', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('fieldId', 'text')
    .addColumn('deviceId', 'text')
    .addColumn('params', 'text')
    .addColumn('sinceMs', 'bigint', (c) => c.notNull())
    .addColumn('clearedMs', 'bigint')
    .addPrimaryKeyConstraint('alertPk', ['id'])
    .execute()
  await db.schema.createIndex('alertByOrgClearedMs').on('alert').columns(['org', 'clearedMs']).execute()

  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('n', 'integer', (c) => c.notNull())
    .addColumn('salt', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('auditPk', ['id'])
    .execute()
  await db.schema.createIndex('auditByOrgAtMs').on('audit').columns(['org', 'atMs']).execute()
  await db.schema.createIndex('auditByOrgN').unique().on('audit').columns(['org', 'n']).execute()

  await db.schema
    .createTable('jobRun')
    .addColumn('job', 'text', (c) => c.notNull())
    .addColumn('dueAtMs', 'bigint', (c) => c.notNull())
    .addColumn('startedAtMs', 'bigint', (c) => c.notNull())
    .addColumn('finishedAtMs', 'bigint')
    .addColumn('note', 'text')
    .addPrimaryKeyConstraint('jobRunPk', ['job', 'dueAtMs'])
    .execute()

  await db.schema
    .createTable('setting')
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('settingPk', ['key'])
    .execute()
}
