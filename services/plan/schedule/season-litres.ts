/** Litres of pumps with a seasonal quota since its start, by pump; unknown volumes at their upper bound. */
import { startOfDay } from '../../../broker/contract/time.ts'
import { accountedLitres } from '../../domain/volume-accounting.ts'
import type { State } from '../../ports.ts'
import type { FarmRow, PumpRow, ZoneRow } from '../../tables.ts'
import { supplyChain, pumpScheduleOf } from '../../domain/water-supply.ts'
import { sumBy } from '../../runtime/math.ts'

/**
 * Counts every zone that the pump feeds, also through other pumps, without voided records; a pump without a quota is
 * left out.
 */
export async function readSeasonLitres(
  state: State,
  farms: readonly FarmRow[],
  pumps: PumpRow[],
  zones: readonly ZoneRow[],
): Promise<Map<string, number>> {
  const litres = new Map<string, number>()
  for (const pump of pumps) {
    const { season } = pumpScheduleOf(pump)
    const farm = farms.find(({ id }) => id === pump.farmId)
    if (!season || !farm) continue
    const pumpZones = new Map(
      zones.filter((zone) => supplyChain({ pumps }, zone).includes(pump.id)).map((zone) => [zone.id, zone]),
    )
    const rows =
      pumpZones.size === 0
        ? []
        : await state
            .selectFrom('irrigation')
            .select(['zoneId', 'litres', 'ranMs', 'cause'])
            .where('zoneId', 'in', [...pumpZones.keys()])
            .where('voidedAtMs', 'is', null)
            .where('commandedAtMs', '>=', startOfDay(season.fromDay, farm.timeZone))
            .execute()
    litres.set(
      pump.id,
      sumBy(rows, (row) => accountedLitres(row, pumpZones.get(row.zoneId)!)),
    )
  }
  return litres
}
