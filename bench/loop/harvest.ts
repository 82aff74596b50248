/**
 * The harvest index: a logistic curve from flowering on, for grain a straight line once that is steeper, reduced by
 * failed pollination, raised by leaf stress and reduced by stomatal closure during yield formation. FAO Paper 66, Ch.
 * 3.2.7; Raes et al. 2009.
 */
import type { LoopCrop } from './crops.ts'

const START = 0.01

/** Index without stress, `sinceCd` after the start of flowering. */
export function referenceIndex(crop: LoopCrop, sinceCd: number): number {
  if (sinceCd <= 0) return 0
  const { harvestIndex, yieldLengthCd } = crop
  const { rate, switchCd } = shapeOf(crop)
  const cd = Math.min(sinceCd, yieldLengthCd)
  if (crop.form === 'tuber' || cd <= switchCd) return Math.min(harvestIndex, logistic(crop, rate, cd))
  const from = logistic(crop, rate, switchCd)
  return from + ((harvestIndex - from) * (cd - switchCd)) / (yieldLengthCd - switchCd)
}

const logistic = ({ harvestIndex: maxIndex }: LoopCrop, rate: number, cd: number): number =>
  (START * maxIndex) / (START + (maxIndex - START) * Math.exp(-rate * cd))

const shapes = new Map<LoopCrop, { rate: number; switchCd: number }>()

/**
 * Growth rate that reaches 98 % at the end, and the point where a straight line to the end is as steep as the curve.
 */
function shapeOf(crop: LoopCrop): { rate: number; switchCd: number } {
  const cached = shapes.get(crop)
  if (cached) return cached
  const { harvestIndex: maxIndex, yieldLengthCd } = crop
  const rate = Math.log((0.98 * (maxIndex - START)) / (0.02 * START)) / yieldLengthCd
  let switchCd = 0
  for (; switchCd < yieldLengthCd; switchCd++) {
    const now = logistic(crop, rate, switchCd)
    const slope = logistic(crop, rate, switchCd + 1) - now
    if (now + slope * (yieldLengthCd - switchCd) >= maxIndex) break
  }
  const curve = { rate, switchCd }
  shapes.set(crop, curve)
  return curve
}

/** Share of the flowers that opens in an interval of flowering (0-1): most in the middle. */
export function flowersBetween(from: number, to: number): number {
  const openedShare = (x: number) => x * x * (3 - 2 * x)
  return openedShare(Math.min(1, Math.max(0, to))) - openedShare(Math.min(1, Math.max(0, from)))
}

/** Effect of a day of stress on the index: reduced leaf growth leaves more assimilates to the fruit. */
export const leafEffect = (crop: LoopCrop, ksExpansion: number): number =>
  crop.leafGain === null ? 1 : 1 + (1 - ksExpansion) / crop.leafGain

/** Stomatal closure reduces the index. */
export const stomataEffect = (crop: LoopCrop, ksStomata: number): number =>
  crop.stomataLoss === null ? 1 : ksStomata ** 0.1 * Math.max(0, 1 - (1 - ksStomata) / crop.stomataLoss)
