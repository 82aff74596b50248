/**
 * Water stress of a crop, by the used share of its water (TAW): leaf growth stops, stomata close, leaves
 * yellow, pollination fails. Steduto, Hsiao, Fereres & Raes 2012, FAO Irrigation and Drainage Paper 66, and the
 * AquaCrop reference manual, Annex I: parameters that its authors call conservative, unconfirmed for a variety.
 * A crop without a row has general ones, its stomata by p of FAO-56.
 */
import type { Crop } from '../agronomy/crops/crop.ts'

/** Share of TAW at which an effect begins and is full, and the shape between (0: linear). */
interface StressCurve {
  from: number
  to: number
  bend: number
  /** e to the shape, less 1 */
  power: number
  /** shift per mm of ET0 below 5 (FAO 66, Eq. 3.2; FAO-56 Table 22); 0: none */
  perMm: number
}

export interface CropStress {
  leaves: StressCurve
  stomata: StressCurve
  yellowing: StressCurve
  /** pollination; null: the crop has no flowers that count */
  flowers: StressCurve | null
  /** loss of the harvest index by closed stomata: a larger value is a smaller loss */
  stomataLoss: number
  /** gain of the harvest index by stopped leaf growth: a larger value is a smaller gain; null: none */
  leafGain: number | null
  /**
   * g/m2 of dry matter per unit of transpiration over ET0 (WP*); `share` of it during yield formation; dry
   * harvest index
   */
  productivity: number
  share: number
  harvestIndex: number
}

type Row = readonly [
  leaves: readonly [number, number, number],
  stomata: readonly [number, number],
  yellowing: readonly [number, number],
  flowers: number | null,
  index: readonly [stomataLoss: number, leafGain: number | null],
  growth: readonly [productivity: number, share: number, harvestIndex: number],
]

const table: Readonly<Record<string, Row>> = {
  maize: [[0.14, 0.72, 2.9], [0.69, 6], [0.69, 2.7], 0.8, [3, 7], [33.7, 1, 0.48]],
  wheat: [[0.2, 0.65, 5], [0.65, 2.5], [0.7, 2.5], 0.85, [7, 10], [15, 1, 0.48]],
  barley: [[0.2, 0.65, 3], [0.6, 3], [0.55, 3], 0.85, [5, 10], [15, 1, 0.33]],
  potato: [[0.2, 0.6, 3], [0.6, 3], [0.7, 3], null, [10, null], [18, 1, 0.75]],
  // in the original, stress raises the harvest index of cotton by up to 0.3; here it is limited as for other crops
  cotton: [[0.2, 0.7, 3], [0.65, 2.5], [0.75, 2.5], 0.85, [10, 7], [15, 0.7, 0.35]],
  soybean: [[0.15, 0.65, 3], [0.6, 3], [0.7, 3], 0.85, [3, null], [15, 0.6, 0.4]],
  sunflower: [[0.15, 0.65, 2.5], [0.6, 2.5], [0.7, 2.5], 0.85, [3, null], [18, 0.6, 0.35]],
  tomato: [[0.15, 0.55, 3], [0.5, 3], [0.7, 3], 0.92, [3, null], [18, 1, 0.63]],
  'sugar-beet': [[0.2, 0.6, 3], [0.65, 3], [0.75, 3], null, [10, null], [17, 1, 0.7]],
  sorghum: [[0.15, 0.7, 3], [0.7, 3], [0.7, 3], 0.8, [3, 4], [33.7, 1, 0.45]],
  bean: [[0.15, 0.65, 2.5], [0.6, 3], [0.7, 3], 0.88, [5, null], [15, 0.9, 0.4]],
}
const names: readonly (readonly [word: string, row: string])[] = [
  ['winter-wheat', 'wheat'],
  ['bean', 'bean'],
  ['soybean', 'soybean'],
  ['barley', 'barley'],
  ['sugar-beet', 'sugar-beet'],
  ['sunflower', 'sunflower'],
  ['sorghum', 'sorghum'],
]

/** Stomata of FAO 66 close later than p of FAO-56, which is cautious for every variety and stage. */
const STOMATA_LATER = 0.1

/** The stress response of a crop by its row; by its p of FAO-56 without a row. */
export function stressOf(crop: Crop): CropStress {
  const key = Object.hasOwn(table, crop.id) ? crop.id : names.find(([word]) => crop.id.includes(word))?.[1]
  const row = key === undefined ? undefined : table[key]
  const closes = Math.min(0.7, crop.p + STOMATA_LATER)
  const [leaves, stomata, yellowing, flowers, [stomataLoss, leafGain], [productivity, share, harvestIndex]] =
    row ?? generalRow(closes)
  return {
    leaves: stressCurve(...leaves),
    stomata: stressCurve(stomata[0], 1, stomata[1]),
    yellowing: stressCurve(yellowing[0], 1, yellowing[1]),
    flowers: flowers === null ? null : { from: flowers, to: 1, bend: 0, power: 0, perMm: 0 },
    stomataLoss,
    leafGain,
    productivity,
    share,
    harvestIndex,
  }
}

const generalRow = (closes: number): Row => [
  [Math.max(0.1, closes - 0.4), Math.max(0.4, closes), 3],
  [closes, 3],
  [Math.min(0.75, closes + 0.1), 3],
  0.85,
  [5, null],
  [17, 0.9, 0.45],
]

const stressCurve = (from: number, to: number, bend: number): StressCurve => ({
  from,
  to,
  bend,
  power: Math.expm1(bend),
  perMm: 0.04 * Math.log10(10 - 9 * from),
})

/** Ks of a curve, 1-0, at the day's ET0. Convex: a small excess over the threshold costs little. */
export function ks({ from, to, bend, power, perMm }: StressCurve, used: number, et0Mm: number): number {
  const shift = perMm * (5 - et0Mm)
  const first = Math.min(0.98, Math.max(0, from + shift))
  if (used <= first) return 1
  const last = Math.min(1, Math.max(first + 0.02, to + shift))
  if (used >= last) return 0
  const x = (used - first) / (last - first)
  return bend === 0 ? 1 - x : 1 - Math.expm1(bend * x) / power
}

/**
 * The used share of a root zone's water at a depletion of its capacity, both in mm: what the thresholds above are shares of,
 * 0-1. `heldShare`: what the drained soil holds of the capacity between the entered limits; 1 where no reading shows another.
 * With less a part is used before the roots have taken any, so that at a threshold as much water is left above the wilting
 * point as in the soil that was entered.
 */
export const usedShare = (depletionMm: number, tawMm: number, heldShare: number): number =>
  1 - heldShare * (1 - Math.min(1, depletionMm / tawMm))

/** A depletion at which irrigation starts is at least this share of the capacity, so that a run has room. */
const LEAST_SHARE = 0.05

/** The depletion at which a share is used, mm: the inverse of `usedShare`. */
export const depletionAt = (used: number, tawMm: number, heldShare: number): number =>
  tawMm * Math.max(LEAST_SHARE, 1 - (1 - used) / heldShare)
