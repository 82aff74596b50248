/** Reads water of a day that no run of ours gave: by hand, or told by a controller whose order is not on record. */
import { addDays, startOfDay, type Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { IrrigationRow } from '../../tables.ts'

/** What was not taken back, of an organisation, by the day on which it began. */
export const readUnplannedWater = (
  state: State,
  org: string,
  day: Day,
  timeZone: string,
): Promise<IrrigationRow[]> =>
  state
    .selectFrom('irrigation')
    .selectAll()
    .where('org', '=', org)
    .where('commandedAtMs', '>=', startOfDay(day, timeZone))
    .where('commandedAtMs', '<', startOfDay(addDays(day, 1), timeZone))
    .whereRef('runId', '=', 'id')
    .where('voidedAtMs', 'is', null)
    .execute()
