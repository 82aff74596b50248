/** The water that a paddy below its band lacks, for a start by hand. Pure. */
import { drainablePores, waterOfLevelMm } from '../../agronomy/paddy/balance.ts'
import { tenth } from '../../runtime/math.ts'
import type { FieldCard } from './today-schemas.ts'

/**
 * Net water that raises a paddy from below its band to the top of it, as the plan fills it, mm. Null: it is in its band, or
 * its level or band is unknown.
 */
export function paddyFillMm(
  { level, targetBandMm }: Pick<FieldCard, 'level' | 'targetBandMm'>,
  soil: { saturation: number; fieldCapacity: number },
): number | null {
  const levelMm = level?.fresh === 'lost' ? null : (level?.v ?? null)
  if (levelMm === null || targetBandMm === null || levelMm >= targetBandMm[0]) return null
  const pores = drainablePores(soil)
  return tenth(waterOfLevelMm(targetBandMm[1], pores) - waterOfLevelMm(levelMm, pores))
}
