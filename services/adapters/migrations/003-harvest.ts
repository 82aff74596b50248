import type { Kysely } from 'kysely'

/** Weighed loads, and what holds for the whole harvest of a season. */
export async function addHarvest(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('season').addColumn('harvestedM2', 'double precision').execute()
  await db.schema.alterTable('season').addColumn('hullShare', 'double precision').execute()
  await db.schema
    .createTable('harvestLoad')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('farmId', 'text', (c) => c.notNull())
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('seasonId', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('ticket', 'text')
    .addColumn('form', 'text', (c) => c.notNull())
    .addColumn('grossKg', 'double precision', (c) => c.notNull())
    .addColumn('moisturePct', 'double precision')
    .addColumn('foreignPct', 'double precision')
    .addColumn('grade', 'text')
    .addColumn('sieveMm', 'double precision')
    .addColumn('destination', 'text')
    .addColumn('meter', 'text')
    .addColumn('meterDay', 'text')
    .addColumn('enteredBy', 'text', (c) => c.notNull())
    .addColumn('enteredAtMs', 'bigint', (c) => c.notNull())
    .addColumn('voidedBy', 'text')
    .addColumn('voidedAtMs', 'bigint')
    .addColumn('voidReason', 'text')
    .addPrimaryKeyConstraint('harvestLoadPk', ['id'])
    .execute()
  await db.schema.createIndex('harvestLoadBySeason').on('harvestLoad').columns(['seasonId']).execute()
  await db.schema.createIndex('harvestLoadByOrg').on('harvestLoad').columns(['org']).execute()
}
