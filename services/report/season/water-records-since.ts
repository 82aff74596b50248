/** Since when the irrigation of a field is recorded: before that, no run does not mean no water. */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'

/**
 * By field: the instant of its first run or of the assignment of a controller's valve, whichever is earlier. Fields
 * with neither are absent.
 */
export async function readWaterRecordStart(
  state: State,
  fieldIds: readonly string[],
): Promise<Map<string, AtMs>> {
  if (fieldIds.length === 0) return new Map()
  const firstRuns = await state
    .selectFrom('irrigation')
    .select(({ fn }) => ['fieldId', fn.min<AtMs>('commandedAtMs').as('fromMs')])
    .where('fieldId', 'in', fieldIds)
    .where('voidedAtMs', 'is', null)
    .groupBy('fieldId')
    .execute()
  const wired = await state
    .selectFrom('zone')
    .innerJoin('device', 'device.id', 'zone.controllerId')
    .select(['zone.fieldId', 'zone.valveAssignedAtMs', 'device.createdAtMs as controllerMs'])
    .where('zone.fieldId', 'in', fieldIds)
    .where('zone.valve', 'is not', null)
    .where('zone.method', '<>', 'outlet')
    .execute()
  const starts = [
    ...firstRuns,
    ...wired.map(({ fieldId, valveAssignedAtMs, controllerMs }) => ({
      fieldId,
      fromMs: Math.max(valveAssignedAtMs ?? 0, controllerMs),
    })),
  ]
  const from = new Map<string, AtMs>()
  for (const { fieldId, fromMs } of starts)
    from.set(fieldId, Math.min(from.get(fieldId) ?? Infinity, Number(fromMs)))
  return from
}
