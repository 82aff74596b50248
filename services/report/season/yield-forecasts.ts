/** Yield forecasts of the learned model (services/learn/yield/yield.ts). */
import { DAY_MS } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { SeasonRow } from '../../tables.ts'
import { groupBy } from '../../runtime/group-by.ts'

/** kg/ha on the yield basis of the crop, with the 90 % interval. */
export interface YieldForecast {
  kgHa: number
  lowKgHa: number
  highKgHa: number
}

const KG_PER_T = 1000
// from planting to harvest; a later prediction belongs to another season
const MAX_SEASON_DAYS = 330

type Season = Pick<SeasonRow, 'id' | 'fieldId' | 'crop' | 'plantedDay'>

/** The newest forecast of each season, by season id. */
export async function readYieldForecasts(
  state: State,
  seasons: readonly Season[],
): Promise<Map<string, YieldForecast>> {
  if (seasons.length === 0) return new Map()
  const rows = await state
    .selectFrom('prediction')
    .select(['subject', 'atMs', 'value', 'lo', 'hi'])
    .where('kind', '=', 'yield')
    .where('subject', 'in', seasons.map(subjectOf))
    .orderBy('issuedMs')
    .execute()
  const bySubject = groupBy(rows, ({ subject }) => subject)
  return new Map(
    seasons.flatMap((season) => {
      const plantedMs = Date.parse(season.plantedDay)
      const newest = (bySubject.get(subjectOf(season)) ?? []).findLast(
        ({ atMs }) => atMs >= plantedMs && atMs - plantedMs <= MAX_SEASON_DAYS * DAY_MS,
      )
      if (!newest) return []
      const { value, lo, hi } = newest
      const forecast = {
        kgHa: KG_PER_T * value,
        lowKgHa: KG_PER_T * Math.max(0, lo),
        highKgHa: KG_PER_T * hi,
      }
      return [[season.id, forecast] as const]
    }),
  )
}

/** The model's subject for a crop of a field. */
const subjectOf = ({ fieldId, crop }: Season): string => `${fieldId}/${crop}`
