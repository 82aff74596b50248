/**
 * The last day of a season: its harvest; without one the day before the next planting on the field; without a next
 * one a year after planting or the end of its year, whichever is later. Reports and models count nothing after it.
 */
import { sql } from 'kysely'
import { dayOf, type Day } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import { greater, sqlDialect, type SqlDialect } from '../runtime/sql-dialect.ts'
import type { FarmRow, IrrigationRow } from '../tables.ts'

const lastDay = ({ dayPlus }: SqlDialect) => sql<Day>`coalesce(
  ${sql.ref('season.harvestedDay')},
  (select ${dayPlus(sql`min(${sql.ref('next.plantedDay')})`, -1)} from ${sql.table('season')} as ${sql.table('next')}
    where ${sql.ref('next.fieldId')} = ${sql.ref('season.fieldId')}
      and ${sql.ref('next.plantedDay')} > ${sql.ref('season.plantedDay')}),
  ${greater(dayPlus(sql.ref('season.plantedDay'), 365), sql<Day>`${sql.ref('season.year')} || '-12-31'`)})`

/** Seasons with their field, first day and last day, for joins that sum by season. */
const spans = (state: State) =>
  state
    .selectFrom('season')
    .select(['season.id as seasonId', 'season.fieldId as ofField', 'season.plantedDay as firstDay'])
    .select(lastDay(sqlDialect(state)).as('lastDay'))

/** For some seasons. */
export const seasonSpans = (state: State, seasonIds: readonly string[]) =>
  spans(state).where('season.id', 'in', seasonIds)

/** For all seasons on the fields of a farm. */
export const farmSeasonSpans = (state: State, farm: Pick<FarmRow, 'id' | 'org'>) =>
  spans(state)
    .where('season.org', '=', farm.org)
    .where('season.fieldId', 'in', (of) => of.selectFrom('field').select('id').where('farmId', '=', farm.id))

/** The last day of each season. */
export async function readLastDays(state: State, seasonIds: readonly string[]): Promise<Map<string, Day>> {
  const spans = await seasonSpans(state, seasonIds).execute()
  return new Map(spans.map((span) => [span.seasonId, span.lastDay]))
}

/** Whether a run belongs to a season, by the civil day of the farm on which water started to flow. */
export function isInSeason(
  { plantedDay, lastDay, timeZone }: { plantedDay: Day; lastDay: Day; timeZone: string },
  { openedAtMs, commandedAtMs }: Pick<IrrigationRow, 'openedAtMs' | 'commandedAtMs'>,
): boolean {
  const day = dayOf(openedAtMs ?? commandedAtMs, timeZone)
  return day >= plantedDay && day <= lastDay
}
