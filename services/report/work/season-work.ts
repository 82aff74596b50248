/** Which season fertiliser and field work belong to. Pure. */
import { daysBetween, type Day } from '../../../broker/contract/time.ts'
import type { SeasonRow } from '../../tables.ts'

/** Basal fertiliser, tillage and puddling come before the crop: so many days before planting are of its season. */
const BEFORE_PLANTING_D = 183

/**
 * The season that grew on a day; between two, the one that is planted next, half a year ahead at the most. Null: of none.
 * `seasons`: of the field.
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
