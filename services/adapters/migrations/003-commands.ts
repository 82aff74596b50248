import type { Kysely } from 'kysely'
import { chainOldLines } from '../../audit/audit-log.ts'
import type { State } from '../../ports.ts'
import { addCoOp } from './003-co-op.ts'
import { addDevices } from './003-devices.ts'
import { addEconomics } from './003-economics.ts'
import { addDescents } from './003-fields.ts'
import { addForecasts } from './003-forecasts.ts'
import { addHarvest } from './003-harvest.ts'
import { addNotices } from './003-notices.ts'
import { addOutputs } from './003-outputs.ts'
import { addPaddies } from './003-paddies.ts'
import { addPeople } from './003-people.ts'
import { addPestControl } from './003-pest-control.ts'
import { addPhotos } from './003-photos.ts'
import { addRecords } from './003-records.ts'
import { addReports } from './003-reports.ts'
import { addSightings } from './003-sightings.ts'
import { addStrategies } from './003-strategies.ts'
import { addWarnings } from './003-warnings.ts'

/** The audit becomes a chain; a request may name a controller; a valve's numbers beside its orders; claim codes. */
export async function addCommands(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('audit')
    .addColumn('n', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('audit')
    .addColumn('hash', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  await chainOldLines(db as State)
  await db.schema.createIndex('auditByOrgN').unique().on('audit').columns(['org', 'n']).execute()

  await db.schema.alterTable('request').addColumn('deviceId', 'text').execute()
  await db.schema.alterTable('request').addColumn('alertId', 'text').execute()
  await db.schema.alterTable('device').addColumn('batteryLowV', 'double precision').execute()
  await db.schema.alterTable('valveState').addColumn('isTimed', 'integer').execute()

  await db.schema.alterTable('zone').addColumn('schedule', 'text').execute()
  await db.schema.alterTable('pump').addColumn('schedule', 'text').execute()
  await db.schema.alterTable('run').addColumn('doseId', 'text').execute()

  await db.schema
    .createTable('valveSequence')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('valve', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('usedSeq', 'bigint', (c) => c.notNull())
    .addColumn('lockoutClearedSeq', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('valveMarkPk', ['deviceId', 'valve'])
    .execute()

  await db.schema
    .createTable('claim')
    .addColumn('deviceId', 'text', (c) => c.notNull())
    .addColumn('org', 'text', (c) => c.notNull())
    .addColumn('codeHash', 'text', (c) => c.notNull())
    .addColumn('expiresMs', 'bigint', (c) => c.notNull())
    .addColumn('usedMs', 'bigint')
    .addColumn('nonceHash', 'text')
    .addPrimaryKeyConstraint('claimPk', ['deviceId'])
    .execute()
  await db.schema.createIndex('claimByCodeHash').unique().on('claim').columns(['codeHash']).execute()

  await addPestControl(db)
  await addPhotos(db)
  await addPaddies(db)
  await addForecasts(db)
  await addOutputs(db)
  await addEconomics(db)
  await addStrategies(db)
  await addNotices(db)
  await addSightings(db)
  await addDevices(db)
  await addWarnings(db)
  await addHarvest(db)
  await addDescents(db)
  await addRecords(db)
  await addReports(db)
  await addCoOp(db)
  await addPeople(db)
}
