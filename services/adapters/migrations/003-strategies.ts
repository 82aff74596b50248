import type { Kysely } from 'kysely'

/** What a grower wants of a field's water, and what water costs. */
export async function addStrategies(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('farm').addColumn('waterPrice', 'text').execute()
  await db.schema.alterTable('pump').addColumn('waterPrice', 'text').execute()
  await db.schema
    .createTable('strategy')
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('aims', 'text')
    .addColumn('riskAversion', 'double precision')
    .addColumn('cropPricePerT', 'double precision')
    .addColumn('yieldTonsHa', 'double precision')
    .addColumn('perRunHa', 'double precision')
    .addColumn('currency', 'text')
    .addColumn('waterEcDsM', 'double precision')
    .addColumn('soilEcDsM', 'double precision')
    .addColumn('soilEcDay', 'text')
    .addPrimaryKeyConstraint('strategyPk', ['fieldId'])
    .execute()
}
