/** Forecasts with their skill, and the comparison with a fixed schedule. */
import type { Kysely } from 'kysely'

/** Tables `forecastDay`, `forecastSkill`, `fixedSchedule` and `waterComparison`. Rejects when one exists. */
export async function createForecastTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('forecastDay')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('farmId', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('lead', 'integer', (c) => c.notNull())
    .addColumn('issuedMs', 'bigint', (c) => c.notNull())
    .addColumn('tempMinC', 'double precision', (c) => c.notNull())
    .addColumn('tempMaxC', 'double precision', (c) => c.notNull())
    .addColumn('rainLoMm', 'double precision', (c) => c.notNull())
    .addColumn('rainMidMm', 'double precision', (c) => c.notNull())
    .addColumn('rainHiMm', 'double precision', (c) => c.notNull())
    .addColumn('rainChance', 'double precision')
    .addColumn('et0Mm', 'double precision')
    .addPrimaryKeyConstraint('forecastDayPk', ['farmId', 'source', 'day', 'lead'])
    .execute()
  await db.schema.createIndex('forecastDayByOrgDay').on('forecastDay').columns(['org', 'day']).execute()

  await db.schema
    .createTable('forecastSkill')
    .addColumn('farmId', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('throughDay', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addColumn('leads', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('forecastSkillPk', ['farmId', 'source'])
    .execute()

  await db.schema
    .createTable('fixedSchedule')
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('depthMm', 'double precision', (c) => c.notNull())
    .addColumn('everyDays', 'integer', (c) => c.notNull())
    .addColumn('waterPricePerM3', 'double precision')
    .addColumn('currency', 'text')
    .addPrimaryKeyConstraint('fixedSchedulePk', ['fieldId'])
    .execute()

  await db.schema
    .createTable('waterComparison')
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('throughDay', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('waterComparisonPk', ['fieldId'])
    .execute()
}
