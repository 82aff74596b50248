/**
 * The target level of a paddy today: its stage's, deeper against the cold, or locked after a herbicide. Pure.
 */
import { coldWater, hotRipening, type DayTemps } from '../../agronomy/paddy/cold-damage.ts'
import { depthsOf, type StageDepths } from '../../agronomy/paddy/depths.ts'
import { maxPondingMm } from '../../agronomy/paddy/defaults.ts'
import { readPaddyBands, type PaddyNow, type PaddyRow } from '../../tables.ts'
import type { TargetReasonKey } from './message-keys.ts'

export interface PaddyTarget extends StageDepths {
  reason: TargetReasonKey
  /** locked: nothing is drained, at any level */
  isLocked: boolean
  /** the highest level that irrigation may reach */
  maxLevelMm: number
  cold: { meanC: number | null; minC: number | null } | null
  /** mean of hot days during grain filling; null: not hot, or unknown */
  hotMeanC: number | null
}

/**
 * Locked water is topped up below the first value, to no more than the second: labels require 3 to 5 cm and no
 * bare soil.
 */
const LOCKED_BAND_MM = [10, 40] as const
/** rain above a deep band that is drained */
const ABOVE_MM = 20
const MIN_BAND_MM = 10

/** The band of water to keep today, with its reason. */
export function paddyTarget(
  now: Pick<PaddyNow, 'stage' | 'development' | 'recent'>,
  paddy: PaddyRow,
  x: { isHeld: boolean; ahead: readonly DayTemps[] },
): PaddyTarget {
  const maxMm = maxPondingMm(paddy)
  const base = depthsOf(now.stage, paddy.bands === null ? null : readPaddyBands(paddy.bands))
  const days = [...now.recent, ...x.ahead]
  const cold = coldWater(now.stage, days)
  const shared = {
    isLocked: x.isHeld,
    maxLevelMm: maxMm,
    cold: cold && { meanC: cold.meanC, minC: cold.minC },
    hotMeanC: hotRipening(now.development, days),
  }
  if (x.isHeld) {
    const targetBandMm = fitBand(LOCKED_BAND_MM, maxMm)
    // bare soil weakens the herbicide: the plan does not wait for rain
    return { ...base, ...shared, reason: 'herbicide', targetBandMm, mayFill: true, mustPond: true }
  }
  if (cold) {
    const targetBandMm = fitBand(cold.targetBandMm, maxMm)
    const drainAboveMm = Math.max(base.drainAboveMm, targetBandMm[1] + ABOVE_MM)
    return { ...base, ...shared, reason: 'cold', targetBandMm, mayFill: true, mustPond: true, drainAboveMm }
  }
  return {
    ...base,
    ...shared,
    reason: 'stage',
    targetBandMm: base.targetBandMm && fitBand(base.targetBandMm, maxMm),
  }
}

/** A band that the bund can hold. */
function fitBand([loMm, hiMm]: readonly [number, number], maxMm: number): readonly [number, number] {
  const hi = Math.min(hiMm, maxMm)
  return [Math.min(loMm, hi - MIN_BAND_MM), hi]
}
