/**
 * Forecasts stored for verification: the first response of a source on each civil day of the farm, one row per
 * day ahead. None of this reaches a balance.
 */
import { dayOf, daysBetween } from '../../../broker/contract/time.ts'
import type { ForecastResponse, State } from '../../ports.ts'
import type { ForecastDayRow } from '../../tables.ts'

const MAX_LEAD = 9
const BATCH_ROWS = 500

/** The rows of a response issued on a day; a response of the next day has new rows. Pure. */
export function forecastRows(
  farm: { id: string; org: string; timeZone: string },
  answer: ForecastResponse,
): ForecastDayRow[] {
  const issuedDay = dayOf(answer.issuedMs, farm.timeZone)
  return answer.days.flatMap(({ day, tempMinC, tempMaxC, rainMm, rainChance = null, et0Mm }) => {
    const lead = daysBetween(issuedDay, day)
    if (lead < 0 || lead > MAX_LEAD) return []
    return [
      {
        org: farm.org,
        farmId: farm.id,
        source: answer.source,
        day,
        lead,
        issuedMs: answer.issuedMs,
        tempMinC,
        tempMaxC,
        rainChance,
        et0Mm,
        rainLoMm: rainMm.lo,
        rainMidMm: rainMm.mid,
        rainHiMm: rainMm.hi,
      },
    ]
  })
}

/** Existing rows stay: a later response of the same day has more information. */
export async function storeForecasts(state: State, rows: readonly ForecastDayRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH_ROWS)
    await state
      .insertInto('forecastDay')
      .values(rows.slice(from, from + BATCH_ROWS))
      .onConflict((conflict) => conflict.columns(['farmId', 'source', 'day', 'lead']).doNothing())
      .execute()
}
