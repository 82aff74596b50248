/**
 * The earliest harvest of a field after its treatments. A label without an interval leaves it unknown, which
 * never counts as open.
 */
import { dayOf, type Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import { readSprayRecord, readTreatmentPlan, type TreatmentRow } from '../../tables.ts'
import { datesAfter } from './spray-record.ts'

/** Whether a field may be harvested, by every treatment of its season that is not void. */
export interface PreHarvestStatus {
  state: 'elapsed' | 'active' | 'unknown'
  earliestDay: Day | null // the latest known day
  treatmentId: string | null // the decisive treatment
  by: { product: string; phiDays: number } | null // its product, where the day is known
  /** parts with their own interval that are not open: the rest of the field may be harvested */
  parts: { treatmentId: string; name: string | null; earliestDay: Day | null }[]
}

/** The status on a day, by every treatment that is not planned or void. */
export function preHarvestStatus(
  treatments: readonly Pick<TreatmentRow, 'id' | 'state' | 'toMs' | 'plan' | 'record'>[],
  day: Day,
  timeZone: string,
): PreHarvestStatus {
  const parts: PreHarvestStatus['parts'] = []
  let status: PreHarvestStatus = { state: 'elapsed', earliestDay: null, treatmentId: null, by: null, parts }
  let unknownId: string | null = null
  for (const { id, state, toMs, plan, record } of treatments) {
    if (state === 'void' || state === 'planned') continue
    const { product, part } = readTreatmentPlan(plan)
    const endMs = record === null ? toMs : readSprayRecord(record).endMs
    const { earliestHarvestDay } = datesAfter(product, endMs, timeZone)
    if (part?.holds === 'part') {
      if (earliestHarvestDay === null || day < earliestHarvestDay)
        parts.push({ treatmentId: id, name: part.name, earliestDay: earliestHarvestDay })
      continue
    }
    if (earliestHarvestDay === null) unknownId ??= id
    else if (status.earliestDay === null || earliestHarvestDay > status.earliestDay)
      status = {
        state: 'elapsed',
        earliestDay: earliestHarvestDay,
        treatmentId: id,
        parts,
        by: { product: product.name, phiDays: product.phiDays! },
      }
  }
  if (status.earliestDay !== null && day < status.earliestDay) return { ...status, state: 'active' }
  return unknownId === null ? status : { ...status, state: 'unknown', treatmentId: unknownId, by: null }
}

/**
 * The status of a season on a day, from the treatments up to then: a later spray does not restrict an earlier
 * harvest. `timeZone`: of the farm.
 */
export async function readPreHarvestStatus(
  state: State,
  seasonId: string,
  day: Day,
  timeZone: string,
): Promise<PreHarvestStatus> {
  const treatments = await state
    .selectFrom('treatment')
    .select(['id', 'state', 'fromMs', 'toMs', 'plan', 'record'])
    .where('seasonId', '=', seasonId)
    .orderBy('fromMs')
    .execute()
  const before = treatments.filter(({ fromMs }) => dayOf(fromMs, timeZone) <= day)
  return preHarvestStatus(before, day, timeZone)
}
