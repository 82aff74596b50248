/**
 * The rain of one forecast day as a distribution, from its 10, 50 and 90 % and the chance of any rain: dry up
 * to 1 - chance, linear between the known quantiles, and beyond 90 % an exponential tail through the last two
 * points. Pure.
 */
import type { ForecastDay } from '../../ports/forecast.ts'

export type RainDay = Pick<ForecastDay, 'rainMm' | 'rainChance'>

// the chance where the forecast has none: between the quantiles that are dry and those that are not
const CHANCE_MID_WET = 0.7
const CHANCE_HI_WET = 0.3

/** Chance of any rain, 0-1. */
function chanceOf({ rainMm: { lo, mid, hi }, rainChance }: RainDay): number {
  if (rainChance !== null && rainChance !== undefined) return hi > 0 ? rainChance : 0
  if (lo > 0) return 1
  if (mid > 0) return CHANCE_MID_WET
  return hi > 0 ? CHANCE_HI_WET : 0
}

interface RainDistribution {
  /** from dry on, linear from one to the next */
  points: (readonly [share: number, mm: number])[]
  /** beyond the last point: its mm + tailMm x ln(share left there / share left) */
  tailMm: number
}

function rainDistribution(day: RainDay): RainDistribution {
  const { lo, mid, hi } = day.rainMm
  const dry = 1 - chanceOf(day)
  const quantiles = [[0.1, lo] as const, [0.5, mid] as const, [0.9, hi] as const]
  const points: RainDistribution['points'] = [
    [dry, 0],
    ...quantiles.filter(([share, mm]) => share > dry && mm > 0),
  ]
  const [lastShare, lastMm] = points.at(-1)!
  const before = points.at(-2)
  // mean rain when it was forecast as very unlikely: the forecast amount
  const tailMm = before ? (lastMm - before[1]) / Math.log((1 - before[0]) / (1 - lastShare)) : hi
  return { points, tailMm }
}

/** The rain, mm, that a share `u` (0 to below 1) of such days stays below or equals. */
export const rainAtShare = (day: RainDay, u: number): number => atShare(rainDistribution(day), u)

function atShare({ points, tailMm }: RainDistribution, u: number): number {
  if (u <= points[0]![0]) return 0
  for (let i = 1; i < points.length; i++) {
    const [fromShare, fromMm] = points[i - 1]!
    const [toShare, toMm] = points[i]!
    if (u <= toShare) return fromMm + ((toMm - fromMm) * (u - fromShare)) / (toShare - fromShare)
  }
  const [lastShare, lastMm] = points.at(-1)!
  return lastMm + tailMm * Math.log((1 - lastShare) / (1 - u))
}

/** Chance, 0-1, of at least `mm` (above 0). */
export function chanceOfAtLeast(day: RainDay, mm: number): number {
  const spread = rainDistribution(day)
  let below = 0
  let above = 1
  for (let halvings = 0; halvings < 30; halvings++) {
    const middle = (below + above) / 2
    if (atShare(spread, middle) < mm) below = middle
    else above = middle
  }
  return 1 - below
}

/** Mean of the distribution, mm: trapezia, and the mean of the exponential tail. */
export function meanRainMm(day: RainDay): number {
  const { points, tailMm } = rainDistribution(day)
  const [lastShare, lastMm] = points.at(-1)!
  let sum = (1 - lastShare) * (lastMm + tailMm)
  for (let i = 1; i < points.length; i++) {
    const [fromShare, fromMm] = points[i - 1]!
    const [toShare, toMm] = points[i]!
    sum += ((toShare - fromShare) * (fromMm + toMm)) / 2
  }
  return sum
}
