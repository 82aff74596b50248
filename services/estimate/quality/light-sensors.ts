/** Check of the stations' light sensors under a clear sky, over the previous sixty days: a wrong gain shifts ET0. */
import { DAY_MS, dayOf, dayOfYear, type AtMs } from '../../../broker/contract/time.ts'
import {
  CLEAR_SKY_DAYS,
  clearSkyCheck,
  clearSkyMJm2,
  type ClearSkyCheck,
} from '../../agronomy/evapotranspiration/clear-sky.ts'
import {
  extraterrestrialMJm2,
  radiationMJm2,
  type Site,
} from '../../agronomy/evapotranspiration/radiation.ts'
import type { RolledSeries, SeriesStore } from '../../ports.ts'
import type { DeviceRow } from '../../tables.ts'
import { groupBy } from '../../runtime/group-by.ts'

// a mean without part of the night is too high, and would flag a good sensor
const WHOLE = 0.95
// in very low sun, a sensor's offset of some W/m² outweighs its gain. MJ/m²/d, unconfirmed
const MIN_CLEAR_SKY = 5

/**
 * Null without a result. Uses the simple Rso, which needs no humidity: above it a sensor reads high (De Bilt and Graz
 * never do in 22 years, Maricopa only in 2006-2009); below it, in humid air or a low sun, it may read correctly.
 */
export type LightOf = (
  station: Pick<DeviceRow, 'id' | 'farmId' | 'everyS'>,
  home: Site,
) => ClearSkyCheck | null

/**
 * Whole UTC days before `untilMs`, read once for all stations. Readings that a station sent from another farm are
 * excluded.
 */
export async function readLightSensors(series: SeriesStore, org: string, untilMs: AtMs): Promise<LightOf> {
  const toMs = Math.floor(untilMs / DAY_MS) * DAY_MS
  const fromMs = toMs - CLEAR_SKY_DAYS * DAY_MS
  const rolled = await series.rolled({ org, quantity: 'solar.radiation', fromMs, toMs, step: 'day' })
  const seriesOf = groupBy(rolled, (rolledSeries) => rolledSeries.device)
  const checks = new Map<string, ClearSkyCheck | null>()
  return ({ id, farmId, everyS }, home) => {
    const cached = checks.get(id)
    if (cached !== undefined) return cached
    const ofDevice = (seriesOf.get(id) ?? []).filter((rolledSeries) => rolledSeries.farm === farmId)
    const check = clearSkyCheck(ofDevice.flatMap((rolledSeries) => wholeDays(rolledSeries, everyS, home)))
    checks.set(id, check)
    return check
  }
}

function wholeDays(rolledSeries: RolledSeries, everyS: number, site: Site) {
  const expected = DAY_MS / Math.max(1000 * everyS, 1)
  return rolledSeries.atMs.flatMap((atMs, i) => {
    const Ra = extraterrestrialMJm2(site.latDeg, dayOfYear(dayOf(atMs, 'UTC')))
    const Rso = clearSkyMJm2(Ra, site.elevationM)
    if (rolledSeries.count[i]! < WHOLE * expected || Rso < MIN_CLEAR_SKY) return []
    return [{ radiationMJm2: radiationMJm2(Math.max(0, rolledSeries.mean[i]!)), clearSkyMJm2: Rso }]
  })
}
