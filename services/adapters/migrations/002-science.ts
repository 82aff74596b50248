import type { Kysely } from 'kysely'

/** What the models keep: the evaporating layer, the soil as it was learned, fits, predictions and disease risks. */
export async function addScience(db: Kysely<unknown>): Promise<void> {
  for (const column of [
    'kcb',
    'ke',
    'evaporationMm',
    'surfaceDepletionMm',
    'wettedFraction',
    'et0SdMm',
    'runoffMm',
    'capillaryMm',
    'fieldCapacity',
    'wiltingPoint',
    'probeBias',
    'probeBiasSd',
    'probeBiasShared',
  ])
    await db.schema.alterTable('fieldDay').addColumn(column, 'double precision').execute()
  await db.schema.alterTable('fieldState').addColumn('soil', 'text').execute()
  await db.schema.alterTable('degreeDayTracker').addColumn('outlook', 'text').execute()
  await db.schema.alterTable('device').addColumn('calibration', 'text').execute()

  await db.schema
    .createTable('soilCalibration')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('depthCm', 'double precision', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('fieldCapacity', 'double precision')
    .addColumn('fieldCapacitySd', 'double precision')
    .addColumn('peaks', 'integer', (c) => c.notNull())
    .addColumn('wiltingPoint', 'double precision')
    .addColumn('wiltingPointSd', 'double precision')
    .addColumn('dryDowns', 'integer', (c) => c.notNull())
    .addColumn('bias', 'double precision')
    .addColumn('biasSd', 'double precision')
    .addColumn('throughDay', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('soilLearnedPk', ['deviceId', 'depthCm'])
    .execute()
  await db.schema.createIndex('soilLearnedByOrg').on('soilCalibration').columns(['org', 'fieldId']).execute()

  await db.schema
    .createTable('model')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('fieldId', 'text')
    .addColumn('deviceId', 'text')
    .addColumn('fittedAtMs', 'bigint', (c) => c.notNull())
    .addColumn('fromDay', 'text', (c) => c.notNull())
    .addColumn('throughDay', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('rows', 'integer', (c) => c.notNull())
    .addColumn('terms', 'text', (c) => c.notNull())
    .addColumn('skill', 'text', (c) => c.notNull())
    .addColumn('drift', 'text')
    .addPrimaryKeyConstraint('modelPk', ['org', 'kind', 'subject', 'version'])
    .execute()
  await db.schema.createIndex('modelByField').on('model').columns(['org', 'fieldId']).execute()

  await db.schema
    .createTable('prediction')
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('atMs', 'bigint', (c) => c.notNull())
    .addColumn('issuedMs', 'bigint', (c) => c.notNull())
    .addColumn('value', 'double precision', (c) => c.notNull())
    .addColumn('lo', 'double precision', (c) => c.notNull())
    .addColumn('hi', 'double precision', (c) => c.notNull())
    .addColumn('method', 'text', (c) => c.notNull())
    .addColumn('modelVersion', 'integer')
    .addPrimaryKeyConstraint('predictionPk', ['org', 'kind', 'subject', 'atMs', 'issuedMs'])
    .execute()

  await db.schema
    .createTable('diseaseDay')
    .addColumn('fieldId', 'text', (c) => c.notNull())
    .addColumn('disease', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('value', 'double precision')
    .addColumn('unit', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('wetness', 'text', (c) => c.notNull())
    .addColumn('paramsVersion', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('diseaseDayPk', ['fieldId', 'disease', 'day'])
    .execute()
  await db.schema.createIndex('diseaseDayByOrg').on('diseaseDay').columns(['org', 'day']).execute()
}
