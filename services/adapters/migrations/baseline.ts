/** The schema, in column types that SQLite and PostgreSQL share. */
import type { Kysely } from 'kysely'
import { createBalanceTables } from './balance.ts'
import { createDeviceTables } from './device.ts'
import { createFarmTables } from './farm.ts'
import { createForecastTables } from './forecast.ts'
import { createIntegrationTables } from './integration.ts'
import { createModelTables } from './model.ts'
import { createPeopleTables } from './people.ts'
import { createPestTables } from './pest.ts'
import { createPlanTables } from './plan.ts'
import { createRecordTables } from './record.ts'
import { createServerTables } from './server.ts'

/** Creates every table and index of an empty store. */
export async function createTables(db: Kysely<unknown>): Promise<void> {
  await createFarmTables(db)
  await createDeviceTables(db)
  await createIntegrationTables(db)
  await createBalanceTables(db)
  await createPlanTables(db)
  await createForecastTables(db)
  await createModelTables(db)
  await createPestTables(db)
  await createRecordTables(db)
  await createPeopleTables(db)
  await createServerTables(db)
}
