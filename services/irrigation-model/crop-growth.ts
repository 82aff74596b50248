/**
 * The growth of a crop and its harvest. FAO 66 (Steduto et al. 2012, Ch. 3.2.6 and 3.2.7): growth is
 * transpiration over ET0, the harvest is growth x harvest index. The index rises linearly from flowering to
 * maturity while there are leaves. It is lower with failed pollination and closed stomata, and higher when leaf
 * growth stops while leaves would still grow: the fruit receives their share.
 */
import type { Canopy } from './canopy.ts'
import { ks, type CropStress } from './crop-stress.ts'

/** Days of Table 11. */
export interface YieldTimes {
  flowersFromD: number
  flowersToD: number
  /** leaf growth ends */
  leavesToD: number
  filledD: number
}

export interface CropGrowth {
  growth: number // Σ transpiration over ET0
  flowers: number // pollinated share
  filled: number // share of the yield formation period
  stomata: number // Σ of the stomatal effect over that period
  leaves: number // Σ of the gain by stopped leaf growth
}

/** At planting: every sum is 0. */
export const initialGrowth = (): CropGrowth => ({ growth: 0, flowers: 0, filled: 0, stomata: 0, leaves: 0 })

interface GrowingDay {
  age: number // of this crop, at the end of the day
  passed: number // days of Table 11
  transpired: number // over ET0
  used: number // share of TAW
  ksStomata: number
  ksLeaves: number
  cover: number
}

/** Excess of flowers over those that the harvest needs. FAO 66: half as many again, or more */
const FLOWER_SURPLUS = 1.5
/** Number of days in which leaves that yellow under stress are lost. */
const YELLOW_D = 25
/** Below this cover the yield stops filling. */
const MIN_COVER = 0.05
/** Maximum rise of the harvest index. FAO 66 */
const MAX_RISE = 0.15

/** Adds a day to `growth`. */
export function growDay(
  { flowersFromD, flowersToD, leavesToD, filledD }: YieldTimes,
  stress: CropStress,
  growth: CropGrowth,
  day: GrowingDay,
): void {
  const { age, passed, transpired } = day
  const index = Math.min(1, Math.max(0, (age - flowersFromD) / (filledD - flowersFromD)))
  // growth after the grain is full is not grain
  if (index < 1) growth.growth += transpired * (1 - (1 - stress.share) * index)
  if (age <= flowersFromD || index >= 1) return
  if (stress.flowers && age - passed < flowersToD) {
    const share =
      openedFlowers((age - flowersFromD) / (flowersToD - flowersFromD)) -
      openedFlowers((age - passed - flowersFromD) / (flowersToD - flowersFromD))
    growth.flowers += FLOWER_SURPLUS * share * ks(stress.flowers, day.used, 0)
  }
  if (day.cover < MIN_COVER) return
  const part = passed / (filledD - flowersFromD)
  growth.filled += part
  growth.stomata +=
    part *
    (day.ksStomata >= 1
      ? 1
      : day.ksStomata ** 0.1 * Math.max(0, 1 - (1 - day.ksStomata) / stress.stomataLoss))
  if (stress.leafGain !== null && age <= leavesToD)
    growth.leaves += (part * (1 - day.ksLeaves)) / stress.leafGain
}

/** Most flowers open in the middle. */
const openedFlowers = (share: number): number => {
  const x = Math.min(1, Math.max(0, share))
  return x * x * (3 - 2 * x)
}

/** Harvested growth, in the units of `growth` at a full index. */
export function harvestedGrowth(
  stress: CropStress,
  { growth, flowers, filled, stomata, leaves }: CropGrowth,
): number {
  if (filled <= 0) return 0
  const pollinated = stress.flowers ? Math.min(1, flowers) : 1
  const change = (stomata / filled) * (1 + leaves / filled)
  return growth * Math.min(1, filled, pollinated) * Math.min(1 + MAX_RISE, change)
}

/** Cover after a day of early yellowing by water stress. FAO 66: the rate of senescence x (1 - Ks^8) */
export const coverAfterYellowing = (
  { coverMax }: Canopy,
  cover: number,
  days: number,
  ksYellow: number,
): number => Math.max(0, cover - ((coverMax * days) / YELLOW_D) * (1 - ksYellow ** 8))

/** Dry yield of a harvest, t/ha: g/m2 of WP* and the index. */
export const dryYieldTHa = ({ productivity, harvestIndex }: CropStress, harvest: number): number =>
  (productivity * harvestIndex * harvest) / 100
