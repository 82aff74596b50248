/**
 * Validates the water supply of a zone: controller, valve and pump must be of the same organisation and farm.
 */
import { fail } from '../../errors.ts'
import type { State } from '../../ports.ts'
import type { ZoneRow } from '../../tables.ts'
import { ownRow } from '../http/own-row.ts'

/**
 * NOT_FOUND for another organisation's controller or pump, BAD_REQUEST for one that does not fit, CONFLICT
 * for a valve in use.
 */
export async function checkZoneWiring(
  state: State,
  org: string,
  farmId: string,
  zone: Partial<Pick<ZoneRow, 'controllerId' | 'valve' | 'pumpId'>>,
  zoneId: string | null,
): Promise<void> {
  if (zone.controllerId != null) {
    const device = await ownRow(state, 'device', org, zone.controllerId)
    if (device.kind !== 'controller')
      fail('BAD_REQUEST', `controllerId: must be a controller, ${device.id} is a ${device.kind}`)
  }
  if (zone.pumpId != null) {
    const pump = await ownRow(state, 'pump', org, zone.pumpId)
    if (pump.farmId !== farmId)
      fail('BAD_REQUEST', 'pumpId: must be a pump of the same farm, got one of another farm')
  }
  if (zone.controllerId != null && zone.valve != null) {
    const reported = await state
      .selectFrom('valveState')
      .select('kind')
      .where('deviceId', '=', zone.controllerId)
      .where('valve', '=', zone.valve)
      .executeTakeFirst()
    if (reported?.kind != null)
      fail(
        'BAD_REQUEST',
        `valve: must be a water valve, the controller reports ${zone.valve} as a ${reported.kind}`,
      )
    const otherZone = await state
      .selectFrom('zone')
      .select(['id', 'name'])
      .where('org', '=', org)
      .where('controllerId', '=', zone.controllerId)
      .where('valve', '=', zone.valve)
      .executeTakeFirst()
    if (otherZone && otherZone.id !== zoneId)
      fail('CONFLICT', `valve: ${zone.valve} is already assigned to ${otherZone.name}; choose another`)
  }
}
