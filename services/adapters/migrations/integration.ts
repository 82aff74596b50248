/** Integrations with other ecosystems, the devices assigned from them, and the messages that came through them. */
import type { Kysely } from 'kysely'

/**
 * Tables `integration`, `integrationTraffic`, `assignedAddress`, `storedMessage`, `unassignedMessage`, `hiddenAddress`,
 * `foreignController`, `foreignValve`. Rejects when one exists.
 */
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
    .addColumn('definitions', 'text')
    .addColumn('homeAssistant', 'text')
    .addPrimaryKeyConstraint('integrationPk', ['id'])
    .execute()
  await db.schema.createIndex('integrationByOrg').on('integration').columns(['org']).execute()

  await db.schema
    .createTable('integrationTraffic')
    .addColumn('integrationId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('messages', 'bigint', (c) => c.notNull())
    .addColumn('lastMessageMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('integrationTrafficPk', ['integrationId'])
    .execute()

  await db.schema
    .createTable('assignedAddress')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('integrationId', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('profile', 'text', (c) => c.notNull())
    .addColumn('answers', 'text', (c) => c.notNull())
    .addColumn('receivedMs', 'bigint')
    .addColumn('topic', 'text')
    .addColumn('rssiDbm', 'double precision')
    .addColumn('snrDb', 'double precision')
    .addColumn('ignored', 'text')
    .addColumn('alarms', 'text')
    .addPrimaryKeyConstraint('assignedAddressPk', ['deviceId'])
    .addUniqueConstraint('assignedAddressOnce', ['integrationId', 'address'])
    .execute()

  await db.schema
    .createTable('storedMessage')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('receivedMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('storedMessagePk', ['deviceId', 'key'])
    .execute()
  await db.schema
    .createIndex('storedMessageByReceivedMs')
    .on('storedMessage')
    .columns(['org', 'receivedMs'])
    .execute()

  await db.schema
    .createTable('unassignedMessage')
    .addColumn('integrationId', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('receivedMs', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('isRetained', 'integer', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('unassignedMessagePk', ['integrationId', 'address', 'receivedMs', 'seq'])
    .execute()
  await db.schema
    .createIndex('unassignedMessageByOrgReceivedMs')
    .on('unassignedMessage')
    .columns(['org', 'receivedMs', 'seq', 'bytes'])
    .execute()

  await db.schema
    .createTable('hiddenAddress')
    .addColumn('integrationId', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('hiddenAddressPk', ['integrationId', 'address'])
    .execute()

  await db.schema
    .createTable('foreignController')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('integrationId', 'text', (c) => c.notNull())
    .addColumn('flash', 'text')
    .addPrimaryKeyConstraint('foreignControllerPk', ['deviceId'])
    .execute()

  await db.schema
    .createTable('foreignValve')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('valve', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('driver', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('meterDeviceId', 'text')
    .addColumn('hasSecondValve', 'integer', (c) => c.notNull())
    .addColumn('wakeS', 'integer')
    .addColumn('isSetUp', 'integer', (c) => c.notNull())
    .addColumn('testedProof', 'text')
    .addColumn('testedVersion', 'text')
    .addColumn('testedAtMs', 'bigint')
    .addColumn('test', 'text')
    .addColumn('state', 'text')
    .addPrimaryKeyConstraint('foreignValvePk', ['deviceId', 'valve'])
    .execute()
}
