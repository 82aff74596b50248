import type { Kysely } from 'kysely'

/** Where a device stands to the metre, since when its hardware is what it is, and a photo of the place. */
export async function addDevices(db: Kysely<unknown>): Promise<void> {
  for (const name of ['latDeg', 'lonDeg'])
    await db.schema.alterTable('device').addColumn(name, 'double precision').execute()
  await db.schema.alterTable('device').addColumn('claimedMs', 'bigint').execute()
  await db.schema.alterTable('device').addColumn('photoMs', 'bigint').execute()

  await db.schema
    .createTable('devicePhoto')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('thumb', 'text', (c) => c.notNull())
    .addColumn('picture', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('devicePhotoPk', ['deviceId'])
    .execute()
}
