/** The season that fertiliser and field work belong to. Pure. */
import { daysBetween, type Day } from '../../../broker/contract/time.ts'
import type { SeasonRow } from '../../tables.ts'

/**
 * Basal fertiliser, tillage and puddling precede the crop: work this many days before planting belongs to its season.
 */
const BEFORE_PLANTING_D = 183

/**
 * The season growing on a day; between two, the next one if it is planted within half a year. Null: none. `seasons`: of
 * the field.
 */
export function seasonOfWork(
  day: Day,
  seasons: readonly Pick<SeasonRow, 'id' | 'plantedDay' | 'harvestedDay'>[],
): string | null {
  const inOrder = seasons.toSorted((a, b) => (a.plantedDay < b.plantedDay ? -1 : 1))
  const growing = inOrder.findLast(
    ({ plantedDay, harvestedDay }) => plantedDay <= day && (harvestedDay === null || day <= harvestedDay),
  )
  const next = inOrder.find(({ plantedDay }) => plantedDay > day)
  const isNear = next !== undefined && daysBetween(day, next.plantedDay) <= BEFORE_PLANTING_D
  return growing?.id ?? (isNear ? next.id : null)
}
