/** The weather that a farm has measured in its fields, for what other years teach. */
import { addDays, type Day } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { FarmRow } from '../tables.ts'

export interface FarmWeatherDay {
  day: Day
  et0Mm: number
  rainMm: number
  tMinC: number | null
  tMaxC: number | null
}

/** Older weather belongs to another climate. */
const WINDOW_DAYS = 15 * 366

/**
 * The mean of a farm's fields, of days with both rain and ET0 measured: a day without a measurement is not a dry day.
 */
export async function readFarmWeather(
  state: State,
  farm: Pick<FarmRow, 'id' | 'org'>,
  throughDay: Day,
): Promise<FarmWeatherDay[]> {
  const rows = await state
    .selectFrom('fieldDay')
    .innerJoin('field', 'field.id', 'fieldDay.fieldId')
    .select((row) => [
      'fieldDay.day as day',
      row.fn.avg<number>('fieldDay.et0Mm').as('et0Mm'),
      row.fn.avg<number>('fieldDay.rainMm').as('rainMm'),
      row.fn.avg<number | null>('fieldDay.tempMinC').as('tMinC'),
      row.fn.avg<number | null>('fieldDay.tempMaxC').as('tMaxC'),
    ])
    .where('field.org', '=', farm.org)
    .where('field.farmId', '=', farm.id)
    .where('fieldDay.et0Mm', 'is not', null)
    .where('fieldDay.rainMm', 'is not', null)
    .where('fieldDay.et0Method', '!=', 'climatology') // a mean of other days is not a year
    .where('fieldDay.day', '>', addDays(throughDay, -WINDOW_DAYS))
    .where('fieldDay.day', '<=', throughDay)
    .groupBy('fieldDay.day')
    .orderBy('fieldDay.day')
    .execute()
  return rows.map(({ day, et0Mm, rainMm, tMinC, tMaxC }) => ({ day, et0Mm, rainMm, tMinC, tMaxC }))
}
