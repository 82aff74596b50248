/** Crops that a frost has ended, one alert per field, until its season ends or a person reports that the crop lives. */
import { startOfDay } from '../../broker/contract/time.ts'
import { tenth } from '../runtime/math.ts'
import type { State } from '../ports.ts'
import { readKilledBy } from '../tables.ts'
import type { DesiredAlert } from './desired-alerts.ts'

/** For all organisations, from the current state of each field. */
export async function readFrostedFields(state: State): Promise<DesiredAlert[]> {
  const rows = await state
    .selectFrom('fieldState')
    .innerJoin('field', 'field.id', 'fieldState.fieldId')
    .innerJoin('farm', 'farm.id', 'field.farmId')
    .select(['field.id', 'field.org', 'field.name', 'farm.timeZone', 'fieldState.killedBy'])
    .where('fieldState.killedBy', 'is not', null)
    .where('field.endedDay', 'is', null)
    .orderBy('field.id')
    .execute()
  return rows.map(({ id, org, name, timeZone, killedBy }) => {
    const { day, minC } = readKilledBy(killedBy!)
    return {
      org,
      cause: 'crop-frost',
      severity: 'act',
      fieldId: id,
      deviceId: null,
      params: { field: name, day, tempC: tenth(minC) },
      sinceMs: startOfDay(day, timeZone),
    }
  })
}
