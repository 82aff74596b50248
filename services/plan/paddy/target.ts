/**
 * The water that a paddy wants today: its stage's, or deeper against the cold, or held after a herbicide. Pure.
 */
import { coldWater, hotRipening, type DayTemps } from '../../agronomy/paddy/cold-damage.ts'
import { depthsOf, type StageDepths } from '../../agronomy/paddy/depths.ts'
import { maxPondingMm } from '../../agronomy/paddy/defaults.ts'
import { fromJson, type PaddyNow, type PaddyRow } from '../../tables.ts'
import type { TargetReasonKey } from './message-keys.ts'

export interface PaddyTarget extends StageDepths {
  reason: TargetReasonKey
  /** locked: nothing is let out, whatever stands in the field */
  isLocked: boolean
  /** the highest that water may stand by what people do */
  maxLevelMm: number
  cold: { meanC: number | null; minC: number | null } | null
  /** mean of hot days while grain fills; null: they are not hot, or nobody knows */
  hotMeanC: number | null
}

/** Held water is topped up when it falls below this, gently, and no higher: labels ask for 3 to 5 cm and no bare soil. */
const LOCKED_BAND_MM = [10, 40] as const
/** rain above a band of deep water that is let out */
const ABOVE_MM = 20
const MIN_BAND_MM = 10

export function paddyTarget(
  now: Pick<PaddyNow, 'stage' | 'development' | 'recent'>,
  paddy: PaddyRow,
  x: { isHeld: boolean; ahead: readonly DayTemps[] },
): PaddyTarget {
  const most = maxPondingMm(paddy)
  const base = depthsOf(now.stage, paddy.bands === null ? null : fromJson(paddy.bands))
  const days = [...now.recent, ...x.ahead]
  const cold = coldWater(now.stage, days)
  const shared = {
    isLocked: x.isHeld,
    maxLevelMm: most,
    cold: cold && { meanC: cold.meanC, minC: cold.minC },
    hotMeanC: hotRipening(now.development, days),
  }
  if (x.isHeld) {
    const aimMm = fitBand(LOCKED_BAND_MM, most)
    // bare soil lets weeds through: it is not waited for rain
    return { ...base, ...shared, reason: 'herbicide', aimMm, mayFill: true, mustPond: true }
  }
  if (cold) {
    const aimMm = fitBand(cold.aimMm, most)
    const drainAboveMm = Math.max(base.drainAboveMm, aimMm[1] + ABOVE_MM)
    return { ...base, ...shared, reason: 'cold', aimMm, mayFill: true, mustPond: true, drainAboveMm }
  }
  return { ...base, ...shared, reason: 'stage', aimMm: base.aimMm && fitBand(base.aimMm, most) }
}

/** A band that the bund can hold. */
function fitBand([loMm, hiMm]: readonly [number, number], most: number): readonly [number, number] {
  const hi = Math.min(hiMm, most)
  return [Math.min(loMm, hi - MIN_BAND_MM), hi]
}
