import type { Kysely } from 'kysely'

/** Links with which somebody who forgot their password chooses another; one a person at most. */
export async function addPasswordLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('passwordLink')
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('codeHash', 'text', (c) => c.notNull())
    .addColumn('memberships', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('expiresMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('passwordLinkPk', ['userId'])
    .execute()
  await db.schema
    .createIndex('passwordLinkByHash')
    .unique()
    .on('passwordLink')
    .columns(['codeHash'])
    .execute()
}
