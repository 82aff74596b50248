import type { Kysely } from 'kysely'

/** What people chose for themselves, and their answers to runs that were cut short. */
export async function addPeople(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('person')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('choices', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('personPk', ['org', 'userId'])
    .execute()

  await db.schema
    .createTable('unfinishedRunDecision')
    .addColumn('runId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('restAnswerPk', ['runId'])
    .execute()
}
