/**
 * Sees the root zone as it is, and waters by a threshold of its own in each stage of the crop. How far one gets with a
 * perfect state and without knowing the weather: between a perfect refill and the clairvoyant.
 */
import type { Climate } from '../climates.ts'
import { LIMITS, type Policy } from '../season.ts'

/** Share of TAW that may be gone: while leaves grow, to flowering, through the first half of the yield, at the end. */
export interface StageRule {
  shares: readonly [number, number, number, number]
  /** of what is missing, how much is given */
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
