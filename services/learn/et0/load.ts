/** Reads a farm's ET0 of past days: the mean of its fields, as far as measured. */
import { addDays, daysBetween, type Day } from '../../../broker/contract/time.ts'
import type { FarmRow } from '../../tables.ts'
import type { Et0Days } from './forecast.ts'
import type { Stores, Subject } from '../fitting/learner.ts'

const WINDOW_DAYS = 4 * 366

/**
 * One subject with a value for each day from the first known one through `throughDay`, null where unknown; empty
 * without any. mm/d, at most four years.
 */
export async function loadEt0(
  { state }: Stores,
  farm: FarmRow,
  throughDay: Day,
): Promise<Subject<Et0Days>[]> {
  const rows = await state
    .selectFrom('fieldDay')
    .innerJoin('field', 'field.id', 'fieldDay.fieldId')
    .select((row) => ['fieldDay.day as day', row.fn.avg<number>('fieldDay.et0Mm').as('et0Mm')])
    .where('field.org', '=', farm.org)
    .where('field.farmId', '=', farm.id)
    .where('fieldDay.et0Mm', 'is not', null)
    .where('fieldDay.et0Method', '!=', 'climatology') // a mean of other days carries no information
    .where('fieldDay.day', '>', addDays(throughDay, -WINDOW_DAYS))
    .where('fieldDay.day', '<=', throughDay)
    .groupBy('fieldDay.day')
    .orderBy('fieldDay.day')
    .execute()
  const fromDay = rows[0]?.day
  if (fromDay === undefined) return []
  const et0Mm = Array.from<number | null>({ length: daysBetween(fromDay, throughDay) + 1 }).fill(null)
  for (const row of rows) et0Mm[daysBetween(fromDay, row.day)] = row.et0Mm
  return [
    {
      subject: farm.id,
      fieldId: null,
      deviceId: null,
      data: { fromDay, et0Mm, latDeg: farm.latDeg, timeZone: farm.timeZone },
    },
  ]
}
