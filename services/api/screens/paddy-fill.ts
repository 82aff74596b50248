/** The water that a paddy below its band lacks. Pure. */
import { waterOfLevelMm } from '../../agronomy/paddy/balance.ts'
import { tenth } from '../../runtime/math.ts'
import type { FieldCard } from './today-schemas.ts'

/**
 * Net water that raises a paddy from below its band to the top of it, as the plan fills it, with both levels, mm. Null: it is
 * in its band, or its level or band is unknown. `pores`: drainable, as a share of the soil.
 */
export function paddyFill(
  { level, targetBandMm }: Pick<FieldCard, 'level' | 'targetBandMm'>,
  pores: number,
): FieldCard['fill'] {
  const fromMm = level?.fresh === 'lost' ? null : (level?.v ?? null)
  if (fromMm === null || targetBandMm === null || fromMm >= targetBandMm[0]) return null
  const toMm = targetBandMm[1]
  return { mm: tenth(waterOfLevelMm(toMm, pores) - waterOfLevelMm(fromMm, pores)), fromMm, toMm }
}
