/** The measured salt of a field: ECe by its probes, else by the newest analysis of a laboratory. Pure. */
import { daysBetween, type Day } from '../../../broker/contract/time.ts'
import { extractEcDsM } from '../../agronomy/water/salinity.ts'
import { mean } from '../../runtime/math.ts'
import type { StrategyRow } from '../../tables.ts'
import type { ProbeValue } from './sensor-id.ts'

/** The salinity that a person has entered for a field. */
export type EnteredSalt = Pick<StrategyRow, 'waterEcDsM' | 'soilEcDsM' | 'soilEcDay'>

/** A measured ECe of the roots: by probes, or of a laboratory. */
export interface SaltReading {
  ecDsM: number
  day: Day
}

/** A laboratory analysis is valid for its season. */
const SAMPLE_VALID_DAYS = 365

/** The newest measurement on a day; null: the soil is not measured. `probesDsM`: of that day. */
export function saltReading(
  entered: EnteredSalt | null,
  probesDsM: number | null,
  day: Day,
): SaltReading | null {
  if (probesDsM !== null) return { ecDsM: probesDsM, day }
  const { soilEcDsM = null, soilEcDay = null } = entered ?? {}
  if (soilEcDsM === null || soilEcDay === null || soilEcDay > day) return null
  return daysBetween(soilEcDay, day) <= SAMPLE_VALID_DAYS ? { ecDsM: soilEcDsM, day: soilEcDay } : null
}

/** ECe by the probes' bulk EC and moisture, dS/m and % vol., the mean of their depths; null where no pair is usable. */
export function saltByProbes(
  ec: readonly ProbeValue[],
  moisture: readonly ProbeValue[],
  saturation: number,
): number | null {
  return mean(
    ec.flatMap(({ device, depthCm, percent: bulkDsM }) => {
      const wet = moisture.find((other) => other.device === device && other.depthCm === depthCm)
      if (bulkDsM === null || wet?.percent == null) return []
      return extractEcDsM(bulkDsM, wet.percent / 100, saturation) ?? []
    }),
  )
}
