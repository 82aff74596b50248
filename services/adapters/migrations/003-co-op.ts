import type { Kysely } from 'kysely'

/** Members of a co-operative, what each lets it see, and invitations. */
export async function addCoOp(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('membership')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('coop', 'text', (c) => c.notNull())
    .addColumn('memberCode', 'text')
    .addColumn('jaCode', 'text')
    .addColumn('alias', 'text', (c) => c.notNull())
    .addColumn('joinedMs', 'bigint', (c) => c.notNull())
    .addColumn('endedMs', 'bigint')
    .addPrimaryKeyConstraint('membershipPk', ['id'])
    .execute()
  await db.schema.createIndex('membershipByCoop').on('membership').columns(['coop']).execute()
  await db.schema.createIndex('membershipByOrg').on('membership').columns(['org']).execute()

  await db.schema
    .createTable('consent')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('membershipId', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addColumn('seesYield', 'integer', (c) => c.notNull())
    .addColumn('seesWater', 'integer', (c) => c.notNull())
    .addColumn('seesSprays', 'integer', (c) => c.notNull())
    .addColumn('isNamed', 'integer', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('signedDocumentRef', 'text')
    .addPrimaryKeyConstraint('consentPk', ['id'])
    .execute()
  await db.schema.createIndex('consentByMembership').on('consent').columns(['membershipId', 'atMs']).execute()

  await db.schema
    .createTable('invitationCode')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('name', 'text')
    .addColumn('memberCode', 'text')
    .addColumn('jaCode', 'text')
    .addColumn('codeHash', 'text', (c) => c.notNull())
    .addColumn('createdMs', 'bigint', (c) => c.notNull())
    .addColumn('expiresMs', 'bigint', (c) => c.notNull())
    .addColumn('usedMs', 'bigint')
    .addColumn('actor', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('invitationCodePk', ['id'])
    .execute()
  await db.schema
    .createIndex('invitationCodeByHash')
    .unique()
    .on('invitationCode')
    .columns(['codeHash'])
    .execute()
  await db.schema.createIndex('invitationCodeByOrg').on('invitationCode').columns(['org']).execute()
}
