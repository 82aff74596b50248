/** Reads the seasons of fields on a day. */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { SeasonRow } from '../../tables.ts'

/** By field the season on a day, the last planted if several; a field without a season is missing. */
export async function seasonsOn(
  state: State,
  fieldIds: readonly string[],
  day: Day,
): Promise<Map<string, SeasonRow>> {
  const seasons = await state
    .selectFrom('season')
    .selectAll()
    .where('fieldId', 'in', fieldIds)
    .where('plantedDay', '<=', day)
    .where(({ eb, or }) => or([eb('harvestedDay', 'is', null), eb('harvestedDay', '>=', day)]))
    .orderBy('plantedDay')
    .orderBy('id')
    .execute()
  return new Map(seasons.map((season) => [season.fieldId, season]))
}

const MAX_DAYS_AHEAD = 183

/** The same; for a field without a season, the next one planted within half a year. */
export async function seasonsOnOrNext(
  state: State,
  fieldIds: readonly string[],
  day: Day,
): Promise<Map<string, SeasonRow>> {
  const next = await state
    .selectFrom('season')
    .selectAll()
    .where('fieldId', 'in', fieldIds)
    .where('plantedDay', '>', day)
    .where('plantedDay', '<=', addDays(day, MAX_DAYS_AHEAD))
    .orderBy('plantedDay', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const grew = await seasonsOn(state, fieldIds, day)
  return new Map([...next.map((season) => [season.fieldId, season] as const), ...grew])
}
