import type { Kysely } from 'kysely'

/** What people want to be told, their browsers, an organisation's webhook, and the outbox. */
export async function addNotices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notificationPreference')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('byMail', 'integer', (c) => c.notNull())
    .addColumn('modes', 'text', (c) => c.notNull())
    .addColumn('quiet', 'text')
    .addColumn('urgentPasses', 'integer', (c) => c.notNull())
    .addColumn('digestMin', 'integer')
    .addPrimaryKeyConstraint('noticeWishPk', ['org', 'userId'])
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
    .addColumn('tries', 'integer', (c) => c.notNull())
    .addColumn('toldMs', 'bigint')
    .addColumn('problem', 'text')
    .addPrimaryKeyConstraint('noticePk', ['id'])
    .addUniqueConstraint('noticeAlertIdUserIdChannelTarget', ['alertId', 'userId', 'channel', 'target'])
    .execute()
  await db.schema.createIndex('noticeByState').on('notification').columns(['state', 'nextMs']).execute()
  await db.schema
    .createIndex('noticeByPerson')
    .on('notification')
    .columns(['org', 'userId', 'state'])
    .execute()
}
