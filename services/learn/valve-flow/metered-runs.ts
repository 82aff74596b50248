/** Finished, metered runs of a farm, with the valve of each. */
import { MINUTE_MS, addDays, dayOf, startOfDay, type AtMs, type Day } from '../../../broker/contract/time.ts'
import type { State } from '../../ports.ts'
import type { FarmRow, ZoneRow } from '../../tables.ts'

export interface MeteredRun {
  zoneId: string
  deviceId: string
  valve: string
  atMs: AtMs
  day: Day
  minutes: number
  litres: number
}

export const BACK_DAYS = 365
// a shorter run consists of opening and closing only
const MIN_MS = 3 * MINUTE_MS

/**
 * In the order of opening. Runs that failed, were voided, or whose duration is only a bound, carry no information on
 * a rate.
 */
export async function meteredRuns(state: State, farm: FarmRow, throughDay: Day): Promise<MeteredRun[]> {
  const rows = await state
    .selectFrom('irrigation')
    .innerJoin('command', 'command.id', 'irrigation.commandId')
    .select([
      'irrigation.zoneId',
      'irrigation.openedAtMs',
      'irrigation.ranMs',
      'irrigation.litres',
      'command.deviceId',
      'command.valve',
    ])
    .where('irrigation.farmId', '=', farm.id)
    .where('irrigation.volumeSource', '=', 'metered')
    .where('irrigation.failure', 'is', null)
    .where('irrigation.voidedAtMs', 'is', null)
    .where('irrigation.closedAtMs', 'is not', null)
    .where('irrigation.ranMs', '>=', MIN_MS)
    .where('irrigation.litres', '>', 0)
    .where('irrigation.openedAtMs', '>=', startOfDay(addDays(throughDay, -BACK_DAYS), farm.timeZone))
    .where('irrigation.openedAtMs', '<', startOfDay(addDays(throughDay, 1), farm.timeZone))
    .orderBy('irrigation.openedAtMs')
    .execute()
  return rows.map(({ openedAtMs, ranMs, litres, ...place }) => ({
    ...place,
    atMs: openedAtMs!,
    day: dayOf(openedAtMs!, farm.timeZone),
    minutes: ranMs / MINUTE_MS,
    litres: litres!,
  }))
}

/** The zones of a farm. */
export const zonesOf = (state: State, farm: FarmRow): Promise<ZoneRow[]> =>
  state.selectFrom('zone').selectAll().where('farmId', '=', farm.id).orderBy('id').execute()
