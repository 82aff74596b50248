import type { Kysely } from 'kysely'

/** What a person says of the money of a pest in a field: from what number on a treatment pays. */
export async function addEconomics(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pestEconomics')
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('isUsed', 'integer', (c) => c.notNull())
    .addColumn('costPerHa', 'double precision')
    .addColumn('valuePerT', 'double precision')
    .addColumn('injuryPerCount', 'double precision')
    .addColumn('lossPerInjury', 'double precision')
    .addColumn('shareSaved', 'double precision')
    .addColumn('actionShare', 'double precision', (c) => c.notNull())
    .addColumn('seenCount', 'double precision')
    .addColumn('seenDay', 'text')
    .addPrimaryKeyConstraint('pestEconomicsPk', ['fieldId', 'target'])
    .execute()
  await db.schema.createIndex('pestEconomicsByOrg').on('pestEconomics').columns(['org', 'fieldId']).execute()
}
