/**
 * The rain of one forecast day as a distribution, from its 10, 50 and 90 % and the chance of any rain: dry up to
 * 1 - chance, straight between what is known, and beyond 90 % an exponential tail through the last two points. Pure.
 */
import type { ForecastDay } from '../../ports.ts'

export type RainDay = Pick<ForecastDay, 'rainMm' | 'rainChance'>

// the chance where nobody says it: between the quantiles that are dry and those that are not
const CHANCE_MID_WET = 0.7
const CHANCE_HI_WET = 0.3

/** Chance of any rain, 0-1. */
function chanceOf({ rainMm: { lo, mid, hi }, rainChance }: RainDay): number {
  if (rainChance !== null && rainChance !== undefined) return hi > 0 ? rainChance : 0
  if (lo > 0) return 1
  if (mid > 0) return CHANCE_MID_WET
  return hi > 0 ? CHANCE_HI_WET : 0
}

/** The rain, mm, that a share `u` (0 to below 1) of such days stays below or equals. */
export function rainAtShare(day: RainDay, u: number): number {
  const { lo, mid, hi } = day.rainMm
  const dry = 1 - chanceOf(day)
  if (u <= dry) return 0
  const known: [share: number, mm: number][] = [
    [0.1, lo],
    [0.5, mid],
    [0.9, hi],
  ]
  const points: typeof known = [[dry, 0], ...known.filter(([share, mm]) => share > dry && mm > 0)]
  for (let i = 1; i < points.length; i++) {
    const [fromShare, fromMm] = points[i - 1]!
    const [toShare, toMm] = points[i]!
    if (u <= toShare) return fromMm + ((toMm - fromMm) * (u - fromShare)) / (toShare - fromShare)
  }
  const [lastShare, lastMm] = points.at(-1)!
  const [beforeShare, beforeMm] = points.at(-2) ?? [null, 0]
  // rain that is all but excluded, and comes: as much as was said, in the mean
  const scale =
    beforeShare === null ? hi : (lastMm - beforeMm) / Math.log((1 - beforeShare) / (1 - lastShare))
  return lastMm + scale * Math.log((1 - lastShare) / (1 - u))
}

/** Chance, 0-1, of at least `mm` (above 0). */
export function chanceOfAtLeast(day: RainDay, mm: number): number {
  let below = 0
  let above = 1
  for (let halvings = 0; halvings < 30; halvings++) {
    const middle = (below + above) / 2
    if (rainAtShare(day, middle) < mm) below = middle
    else above = middle
  }
  return 1 - below
}

const STEPS = 200

/** Mean of the distribution, mm. */
export function meanRainMm(day: RainDay): number {
  let sum = 0
  for (let i = 0; i < STEPS; i++) sum += rainAtShare(day, (i + 0.5) / STEPS)
  return sum / STEPS
}
