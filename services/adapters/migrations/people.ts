/** People, co-operatives and notifications. */
import type { Kysely } from 'kysely'

/**
 * Tables `person`, `passwordLink`, `membership`, `consent`, `invitationCode`, `notificationPreference`, `pushDevice`,
 * `webhook` and `notification`. Rejects when one exists.
 */
export async function createPeopleTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('person')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('preferences', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('personPk', ['org', 'userId'])
    .execute()

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
    .createIndex('passwordLinkByCodeHash')
    .unique()
    .on('passwordLink')
    .columns(['codeHash'])
    .execute()

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
  await db.schema
    .createIndex('consentByMembershipIdAtMs')
    .on('consent')
    .columns(['membershipId', 'atMs'])
    .execute()

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
    .createIndex('invitationCodeByCodeHash')
    .unique()
    .on('invitationCode')
    .columns(['codeHash'])
    .execute()
  await db.schema.createIndex('invitationCodeByOrg').on('invitationCode').columns(['org']).execute()

  await db.schema
    .createTable('notificationPreference')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('byMail', 'integer', (c) => c.notNull())
    .addColumn('modes', 'text', (c) => c.notNull())
    .addColumn('quietHours', 'text')
    .addColumn('urgentPasses', 'integer', (c) => c.notNull())
    .addColumn('digestMin', 'integer')
    .addPrimaryKeyConstraint('notificationPreferencePk', ['org', 'userId'])
    .execute()

  await db.schema
    .createTable('pushDevice')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('pushUrl', 'text', (c) => c.notNull())
    .addColumn('pushKey', 'text', (c) => c.notNull())
    .addColumn('pushAuth', 'text', (c) => c.notNull())
    .addColumn('createdAtMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('pushDevicePk', ['id'])
    .addUniqueConstraint('pushDeviceOrgPushUrl', ['org', 'pushUrl'])
    .execute()

  await db.schema
    .createTable('webhook')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('hookUrl', 'text', (c) => c.notNull())
    .addColumn('salt', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('createdAtMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('webhookPk', ['org'])
    .execute()

  await db.schema
    .createTable('notification')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('alertId', 'text', (c) => c.notNull())
    .addColumn('causeKey', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('createdMs', 'bigint', (c) => c.notNull())
    .addColumn('dueMs', 'bigint', (c) => c.notNull())
    .addColumn('nextMs', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('sentAtMs', 'bigint')
    .addColumn('problem', 'text')
    .addPrimaryKeyConstraint('notificationPk', ['id'])
    .addUniqueConstraint('notificationAlertIdUserIdChannelTarget', ['alertId', 'userId', 'channel', 'target'])
    .execute()
  await db.schema
    .createIndex('notificationByOrgUserIdState')
    .on('notification')
    .columns(['org', 'userId', 'state'])
    .execute()
  await db.schema
    .createIndex('notificationByStateNextMs')
    .on('notification')
    .columns(['state', 'nextMs'])
    .execute()
}
