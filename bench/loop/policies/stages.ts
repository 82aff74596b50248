/**
 * Knows the true root zone, and irrigates by a threshold in each stage of the crop. Shows the result of a perfect
 * state without knowledge of the weather: between a perfect refill and the clairvoyant.
 */
import type { Climate } from '../climates.ts'
import { LIMITS, type Policy } from '../season.ts'

/**
 * Share of TAW that may be used: during leaf growth, up to flowering, in the first half of yield formation, at the
 * end.
 */
export interface StageRule {
  shares: readonly [number, number, number, number]
  /** refilled share of the depletion */
  fill: number
}

export function byStages({ crop }: Climate, { shares, fill }: StageRule, efficiency: number): Policy {
  const ends = [
    crop.emergenceCd + 0.6 * (crop.fullCoverCd - crop.emergenceCd),
    crop.floweringCd,
    crop.floweringCd + crop.floweringLengthCd + 0.3 * crop.yieldLengthCd,
  ]
  return (_, { heatCd, depletionMm, tawMm }) => {
    const stage = ends.filter((endCd) => heatCd >= endCd).length
    if (depletionMm < shares[stage]! * tawMm) return 0
    return Math.min(LIMITS.mostMm, (fill * depletionMm) / efficiency)
  }
}
