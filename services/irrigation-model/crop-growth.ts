/**
 * What a crop has made of its water so far, and what harvest comes of it. FAO 66 (Steduto et al. 2012, Ch. 3.2.6 and
 * 3.2.7): growth is transpiration over ET0, the harvest is growth x harvest index; the index rises evenly from flowering
 * to ripeness while there are leaves, is less when flowers fail and when stomata are closed, and more when leaves that
 * would still grow do not: what they do not take the fruit has.
 */
import type { Canopy } from './canopy.ts'
import { ks, type CropStress } from './crop-stress.ts'

/** Days of Table 11. */
export interface YieldTimes {
  flowersFromD: number
  flowersToD: number
  /** leaves grow no more */
  leavesToD: number
  filledD: number
}

export interface CropGrowth {
  growth: number // Σ transpiration over ET0
  flowers: number // share that was pollinated
  filled: number // share of the time of the yield
  stomata: number // Σ of the effect of stomata over that time
  leaves: number // Σ of what leaves that did not grow left to the fruit
}

export const initialGrowth = (): CropGrowth => ({ growth: 0, flowers: 0, filled: 0, stomata: 0, leaves: 0 })

export interface GrowingDay {
  age: number // of this crop, at the end of the day
  passed: number // days of Table 11
  transpired: number // over ET0
  used: number // share of TAW
  ksStomata: number
  ksLeaves: number
  cover: number
}

/** Flowers beyond what the harvest needs. FAO 66: half as many again, or more */
const FLOWER_SURPLUS = 1.5
/** Leaves that thirst makes yellow are gone in so many days. */
const YELLOW_D = 25
/** Less ground than that covered: nothing is filled any more. */
const MIN_COVER = 0.05
/** Most that the index may rise above its own. FAO 66 */
const MAX_RISE = 0.15

export function growDay(
  { flowersFromD, flowersToD, leavesToD, filledD }: YieldTimes,
  stress: CropStress,
  grown: CropGrowth,
  day: GrowingDay,
): void {
  const { age, passed, transpired } = day
  const index = Math.min(1, Math.max(0, (age - flowersFromD) / (filledD - flowersFromD)))
  // what grows after the grain is full is not grain
  if (index < 1) grown.growth += transpired * (1 - (1 - stress.share) * index)
  if (age <= flowersFromD || index >= 1) return
  if (stress.flowers && age - passed < flowersToD) {
    const share =
      openedFlowers((age - flowersFromD) / (flowersToD - flowersFromD)) -
      openedFlowers((age - passed - flowersFromD) / (flowersToD - flowersFromD))
    grown.flowers += FLOWER_SURPLUS * share * ks(stress.flowers, day.used, 0)
  }
  if (day.cover < MIN_COVER) return
  const part = passed / (filledD - flowersFromD)
  grown.filled += part
  grown.stomata +=
    part *
    (day.ksStomata >= 1
      ? 1
      : day.ksStomata ** 0.1 * Math.max(0, 1 - (1 - day.ksStomata) / stress.stomataLoss))
  if (stress.leafGain !== null && age <= leavesToD)
    grown.leaves += (part * (1 - day.ksLeaves)) / stress.leafGain
}

/** Most flowers open in the middle. */
const openedFlowers = (share: number): number => {
  const x = Math.min(1, Math.max(0, share))
  return x * x * (3 - 2 * x)
}

/** Growth that is harvested, in the units of `growth` at a full index. */
export function harvestedGrowth(
  stress: CropStress,
  { growth, flowers, filled, stomata, leaves }: CropGrowth,
): number {
  if (filled <= 0) return 0
  const pollinated = stress.flowers ? Math.min(1, flowers) : 1
  const change = (stomata / filled) * (1 + leaves / filled)
  return growth * Math.min(1, filled, pollinated) * Math.min(1 + MAX_RISE, change)
}

/** Cover after a day of thirst that makes leaves yellow. FAO 66: the pace of ripening x (1 - Ks^8) */
export const coverAfterYellowing = (
  { coverMax: coverMost }: Canopy,
  cover: number,
  days: number,
  ksYellow: number,
): number => Math.max(0, cover - ((coverMost * days) / YELLOW_D) * (1 - ksYellow ** 8))

/** Dry yield of a harvest, t/ha: g/m2 of WP* and the index. */
export const dryYieldTHa = ({ productivity, harvestIndex }: CropStress, harvest: number): number =>
  (productivity * harvestIndex * harvest) / 100
