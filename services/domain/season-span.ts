/**
 * Which day is a season's last: that of its harvest; of one that nobody has closed, the day before the next one was planted
 * on its field, and without a next one a year after planting or the end of its year, whichever is later. What a report or a
 * model sums of a season, and what it lists, ends there.
 */
import { sql } from 'kysely'
import { dayOf, type Day } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { FarmRow, IrrigationRow } from '../tables.ts'

const lastDay = sql<Day>`coalesce(
  ${sql.ref('season.harvestedDay')},
  (select date(min(${sql.ref('next.plantedDay')}), '-1 day') from ${sql.table('season')} as ${sql.table('next')}
    where ${sql.ref('next.fieldId')} = ${sql.ref('season.fieldId')}
      and ${sql.ref('next.plantedDay')} > ${sql.ref('season.plantedDay')}),
  max(date(${sql.ref('season.plantedDay')}, '+365 days'), ${sql.ref('season.year')} || '-12-31'))`

/** Seasons with their field, their first day and their last: what is summed by season is joined to this. */
const spans = (state: State) =>
  state
    .selectFrom('season')
    .select(['season.id as seasonId', 'season.fieldId as ofField', 'season.plantedDay as firstDay'])
    .select(lastDay.as('lastDay'))

/** Of some seasons. */
export const seasonSpans = (state: State, seasonIds: readonly string[]) =>
  spans(state).where('season.id', 'in', seasonIds)

/** Of all seasons on the fields of a farm. */
export const farmSeasonSpans = (state: State, farm: Pick<FarmRow, 'id' | 'org'>) =>
  spans(state)
    .where('season.org', '=', farm.org)
    .where('season.fieldId', 'in', (of) => of.selectFrom('field').select('id').where('farmId', '=', farm.id))

/** The last day of each, by season. */
export async function readLastDays(state: State, seasonIds: readonly string[]): Promise<Map<string, Day>> {
  const spans = await seasonSpans(state, seasonIds).execute()
  return new Map(spans.map((span) => [span.seasonId, span.lastDay]))
}

/** Whether a run was of a season, by the civil day of the farm on which water began to flow. */
export function isInSeason(
  { plantedDay, lastDay, timeZone }: { plantedDay: Day; lastDay: Day; timeZone: string },
  { openedAtMs, commandedAtMs }: Pick<IrrigationRow, 'openedAtMs' | 'commandedAtMs'>,
): boolean {
  const day = dayOf(openedAtMs ?? commandedAtMs, timeZone)
  return day >= plantedDay && day <= lastDay
}
