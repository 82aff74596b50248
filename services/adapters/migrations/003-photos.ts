import type { Kysely } from 'kysely'

/** Photos of field work and of sprays. */
export async function addPhotos(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recordPhoto')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('farmId', 'text', (c) => c.notNull())
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('recordId', 'text', (c) => c.notNull())
    .addColumn('takenMs', 'bigint', (c) => c.notNull())
    .addColumn('addedBy', 'text', (c) => c.notNull())
    .addColumn('addedAtMs', 'bigint', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('thumb', 'text', (c) => c.notNull())
    .addColumn('picture', 'text', (c) => c.notNull())
    .addColumn('voidedBy', 'text')
    .addColumn('voidedAtMs', 'bigint')
    .addColumn('voidReason', 'text')
    .addPrimaryKeyConstraint('recordPhotoPk', ['id'])
    .execute()
  await db.schema.createIndex('recordPhotoByRecord').on('recordPhoto').columns(['recordId']).execute()
  await db.schema.createIndex('recordPhotoByField').on('recordPhoto').columns(['fieldId']).execute()
}
