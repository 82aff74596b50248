/**
 * Fields that want water, or a person's yes to it, told once a farm: who is not looking at the page learns of it. On the page
 * the fields say so themselves. What is not dry yet and opens by itself is no news.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { DesiredAlert } from './desired-alerts.ts'

export interface FarmNeedingWater {
  id: string
  org: string
  name: string
  fields: number // that want water now
}

/** Of all organisations, by what the plan last said of each field. */
export async function readFarmsNeedingWater(state: State): Promise<FarmNeedingWater[]> {
  const rows = await state
    .selectFrom('advice')
    .innerJoin('field', 'field.id', 'advice.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .select(({ fn }) => ['farm.id', 'farm.org', 'farm.name', fn.countAll<number>().as('fields')])
    .where('advice.status', '=', 'act')
    .where('field.endedDay', 'is', null)
    // a run is proposed, or none can be; the rest that is to be done is no watering
    .where((is) => is.or([is('advice.nextRunId', 'is not', null), is('advice.key', 'like', 'needs-%')]))
    .groupBy(['farm.id', 'farm.org', 'farm.name'])
    .orderBy('farm.id')
    .execute()
  return rows.map((row) => ({ ...row, fields: Number(row.fields) }))
}

/** `standing`: what stands of the organisation; it keeps its age. */
export const irrigationNeededAlerts = (
  farms: readonly FarmNeedingWater[],
  standing: readonly DesiredAlert[],
  nowMs: AtMs,
): DesiredAlert[] =>
  farms.map(({ id, org, name, fields }) => ({
    org,
    cause: 'irrigation-needed',
    severity: 'act',
    fieldId: null,
    deviceId: null,
    params: { farm: name, farmId: id, n: fields },
    sinceMs:
      standing.find(({ cause, params }) => cause === 'irrigation-needed' && params['farmId'] === id)
        ?.sinceMs ?? nowMs,
  }))
