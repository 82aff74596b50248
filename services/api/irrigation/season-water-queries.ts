/** Reads the actual and the unstressed crop evapotranspiration of a season, over the days with both. */
import { sql } from 'kysely'
import type { Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { SeasonRow } from '../../tables.ts'

export interface SeasonWater {
  etaMm: number
  etcMm: number // without stress
  knownDays: number
  lastDay: Day
}

/** Null before the first closed day. */
export async function readSeasonWater(state: State, season: SeasonRow): Promise<SeasonWater | null> {
  let query = state
    .selectFrom('fieldDay')
    .select(({ fn }) => [
      fn.sum<number | null>('etaMm').as('etaMm'),
      sql<
        number | null
      >`sum(case when ${sql.ref('etaMm')} is null then null else ${sql.ref('etcMm')} end)`.as('etcMm'),
      fn.count<number>('etaMm').as('knownDays'),
      fn.max<Day | null>('day').as('lastDay'),
    ])
    .where('fieldId', '=', season.fieldId)
    .where('day', '>=', season.plantedDay)
  if (season.harvestedDay !== null) query = query.where('day', '<=', season.harvestedDay)
  const { etaMm, etcMm, knownDays, lastDay } = await query.executeTakeFirstOrThrow()
  return lastDay === null || etaMm === null || etcMm === null
    ? null
    : { etaMm, etcMm, knownDays: Number(knownDays), lastDay }
}
