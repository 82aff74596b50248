/** The stage that a field's crop has reached by its own clock, as its closed days state it. */
import type { Day } from '../../../broker/contract/time.ts'
import { stages, type Stage } from '../../agronomy/crops/growth.ts'
import type { State } from '../../ports.ts'

/** Null for a day without a stage of Table 11: it is not closed, or the field is a paddy. */
export type StageReader = (fieldId: string, day: Day) => Stage | null

/** Reads the stages of some fields, both days included. */
export async function readStages(
  state: State,
  { org, fieldIds, from, to }: { org: string; fieldIds: readonly string[]; from: Day; to: Day },
): Promise<StageReader> {
  if (fieldIds.length === 0) return () => null
  const rows = await state
    .selectFrom('fieldDay')
    .select(['fieldId', 'day', 'stage'])
    .where('org', '=', org)
    .where('fieldId', 'in', fieldIds)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .execute()
  const written = new Map(rows.map(({ fieldId, day, stage }) => [`${fieldId} ${day}`, stage]))
  return (fieldId, day) => {
    const text = written.get(`${fieldId} ${day}`)
    return stages.find((stage) => stage === text) ?? null
  }
}
