/** Since when the water of a field is written down: before it, that there is no run tells nothing. */
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'

/**
 * By field, the first run of all, or the day when a controller of one of its zones came to Tilth, whichever was earlier. A
 * field that has neither is not in it.
 */
export async function waterWrittenFrom(
  state: State,
  fieldIds: readonly string[],
): Promise<Map<string, AtMs>> {
  if (fieldIds.length === 0) return new Map()
  const firstRuns = await state
    .selectFrom('irrigation')
    .select(({ fn }) => ['fieldId', fn.min<AtMs>('commandedAtMs').as('fromMs')])
    .where('fieldId', 'in', fieldIds)
    .groupBy('fieldId')
    .execute()
  const controllers = await state
    .selectFrom('zone')
    .innerJoin('device', 'device.id', 'zone.controllerId')
    .select(({ fn }) => ['zone.fieldId', fn.min<AtMs>('device.createdAtMs').as('fromMs')])
    .where('zone.fieldId', 'in', fieldIds)
    .groupBy('zone.fieldId')
    .execute()
  const from = new Map<string, AtMs>()
  for (const { fieldId, fromMs } of [...firstRuns, ...controllers])
    from.set(fieldId, Math.min(from.get(fieldId) ?? Infinity, Number(fromMs)))
  return from
}
