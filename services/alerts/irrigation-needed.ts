/**
 * Fields that need water or an approval, one alert per farm, for people away from the dashboard. A field that is not
 * dry yet or opens by itself raises none.
 */
import type { AtMs } from '../../broker/contract/time.ts'
import type { State } from '../ports.ts'
import type { DesiredAlert } from './desired-alerts.ts'

export interface FarmNeedingWater {
  id: string
  org: string
  name: string
  fields: number // that need water now
}

/** For all organisations, from the latest advice of the plan for each field. */
export async function readFarmsNeedingWater(state: State): Promise<FarmNeedingWater[]> {
  const rows = await state
    .selectFrom('advice')
    .innerJoin('field', 'field.id', 'advice.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .select(({ fn }) => ['farm.id', 'farm.org', 'farm.name', fn.countAll<number>().as('fields')])
    .where('advice.status', '=', 'act')
    .where('field.endedDay', 'is', null)
    // a run is proposed, or none is possible; other advice is not about watering
    .where((eb) => eb.or([eb('advice.nextRunId', 'is not', null), eb('advice.key', 'like', 'needs-%')]))
    .groupBy(['farm.id', 'farm.org', 'farm.name'])
    .orderBy('farm.id')
    .execute()
  return rows.map((row) => ({ ...row, fields: Number(row.fields) }))
}

/** `standing`: active alerts of the organisation; they keep their start time. */
export const irrigationNeededAlerts = (
  farms: readonly FarmNeedingWater[],
  activeAlerts: readonly DesiredAlert[],
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
      activeAlerts.find(({ cause, params }) => cause === 'irrigation-needed' && params['farmId'] === id)
        ?.sinceMs ?? nowMs,
  }))
