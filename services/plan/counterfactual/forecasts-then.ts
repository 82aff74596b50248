/** The stored forecasts of a farm on the mornings of a season. */
import { addDays, type Day } from '../../../broker/contract/time.ts'
import type { ForecastResponse, State } from '../../ports.ts'
import type { ForecastDayRow } from '../../tables.ts'

export async function readPastForecasts(
  state: State,
  farmId: string,
  fromDay: Day,
): Promise<(day: Day) => ForecastResponse | null> {
  const rows = await state
    .selectFrom('forecastDay')
    .selectAll()
    .where('farmId', '=', farmId)
    .where('day', '>=', fromDay)
    .orderBy('day')
    .execute()
  const byIssue = new Map<Day, ForecastDayRow[]>()
  for (const row of rows) {
    const issued = addDays(row.day, -row.lead)
    byIssue.set(issued, [...(byIssue.get(issued) ?? []), row])
  }
  return (day) => pastForecast(byIssue.get(day) ?? [])
}

/** The rows of the source that was queried last that morning; null without a row. Pure. */
export function pastForecast(rows: readonly ForecastDayRow[]): ForecastResponse | null {
  const last = rows.reduce<ForecastDayRow | null>(
    (newest, row) => (newest && newest.issuedMs > row.issuedMs ? newest : row),
    null,
  )
  if (!last) return null
  const { source, issuedMs } = last
  return {
    source,
    issuedMs,
    days: rows
      .filter((row) => row.source === source)
      .map(({ day, tempMinC, tempMaxC, rainChance, et0Mm, ...row }) => ({
        day,
        tempMinC,
        tempMaxC,
        rainChance,
        et0Mm,
        windMps: null,
        rainMm: { lo: row.rainLoMm, mid: row.rainMidMm, hi: row.rainHiMm },
      })),
  }
}
