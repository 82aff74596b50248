import type { Kysely } from 'kysely'

/** A record of water is a person's too: written by hand, confirmed, taken back. */
export async function addWaterRecords(db: Kysely<unknown>): Promise<void> {
  for (const [name, type] of [
    ...([
      ['batch', 'text'],
      ['enteredAtMs', 'bigint'],
    ] as const),
    ...([
      ['confirmedBy', 'text'],
      ['confirmedAtMs', 'bigint'],
    ] as const),
    ...([
      ['voidedBy', 'text'],
      ['voidedAtMs', 'bigint'],
      ['voidReason', 'text'],
    ] as const),
  ])
    await db.schema.alterTable('irrigation').addColumn(name, type).execute()
  await db.schema
    .createIndex('irrigationByBatch')
    .unique()
    .on('irrigation')
    .columns(['org', 'batch', 'zoneId'])
    .execute()
}
