/**
 * Whether a soil probe can be true: its reading against the water that weather, irrigation and the tables leave at its depth.
 * That water is the spread of the members that no reading has changed, so a probe cannot vouch for itself. The error of its
 * level is learned on days on which the soil there is surely full. Pure.
 */
import { SENSOR_SD } from './field-ensemble.ts'

/** The soil at a probe. */
export interface ProbeSite {
  fieldCapacity: number
  wiltingPoint: number
  /** water may rise from below: groundwater is near, or a sound probe is above it; roots may also end above it */
  mayStayWet: boolean
}

export interface ProbeMemory {
  /** error of its level, m³/m³ */
  bias: number
  biasVariance: number
  /** readings one after another that are too wet, and too dry */
  wetDays: number
  dryDays: number
  /** since water last came; absent before the first reading */
  drying?: Drying
  /** null: it may be true */
  contradicts: 'stays-wet' | 'stays-dry' | null
  /** readings since the contradiction: their range, and how many one after another are possible */
  since: { least: number; most: number; possibleDays: number }
}

/** How a reading and the water of the members have fallen since water last came, m³/m³. */
export interface Drying {
  /** the reading without its noise: a mean in which each day weighs less than the next */
  level: number
  highestLevel: number
  /** the water that the share `TOO_WET_OF` of the members does not exceed */
  water: number
  highestWater: number
}

const nothingSince: ProbeMemory['since'] = { least: Infinity, most: -Infinity, possibleDays: 0 }

export const newProbe: ProbeMemory = {
  bias: 0,
  biasVariance: SENSOR_SD ** 2,
  wetDays: 0,
  dryDays: 0,
  contradicts: null,
  since: nothingSince,
}

/** A reading is too wet when it exceeds the water of this share of the members by the margin. */
const TOO_WET_OF = 0.82
/** And too dry, when it is below this share of them: a crop that uses more than the tables is likelier than a wrong probe. */
const TOO_DRY_OF = 0.96
/** Margin: two standard deviations of a probe's error; in a soil that stores little, this share of its capacity. */
const MARGIN = 2 * SENSOR_SD
const MARGIN_SHARE = 0.6
/** Readings one after another that contradict; that are possible again. */
const WET_DAYS = 3
const DRY_DAYS = 5
const POSSIBLE_DAYS = 3
/** Weight of a day in the level of a reading. */
const LEVEL_SHARE = 0.4
/** Water has come where the members or the reading have risen by this, m³/m³. */
const RISEN = 0.01
/** A probe stands still that falls by less than this share of what the members do, and by so much less, m³/m³. */
const STILL_SHARE = 0.3
const STILL_BY = 0.055
/** The soil is full where the members lack no more than this on average, m³/m³. */
const FULL = 0.03
/** Error of one such day, m³/m³: it is not independent of the next. */
const FULL_SD = 0.03
/** Change of a bias in a day, m³/m³. */
const BIAS_DRIFT = 0.0007

/** The probe after a reading. `expected`: the water content at the probe of each member without readings. */
export function observeProbe(
  before: ProbeMemory,
  { fieldCapacity, wiltingPoint, mayStayWet }: ProbeSite,
  expected: Float64Array,
  vwc: number,
): ProbeMemory {
  const margin = Math.min(MARGIN, MARGIN_SHARE * (fieldCapacity - wiltingPoint))
  const sorted = expected.toSorted()
  const wetter = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  // the members drain in a day: they are never above field capacity
  const level = Math.min(vwc - before.bias, fieldCapacity)
  const water = wetter(TOO_WET_OF)
  const drying = dryingAfter(before.drying, water, vwc)
  const isTooWet =
    !mayStayWet && (level - water > margin || (level > (fieldCapacity + wiltingPoint) / 2 && isStill(drying)))
  const isTooDry = wetter(1 - TOO_DRY_OF) - level > margin
  const wetDays = isTooWet ? before.wetDays + 1 : 0
  const dryDays = isTooDry ? before.dryDays + 1 : 0
  const memory = { ...learnBias(before, sorted, { fieldCapacity, margin }, vwc), wetDays, dryDays, drying }
  if (before.contradicts !== null) {
    const since = {
      least: Math.min(before.since.least, vwc),
      most: Math.max(before.since.most, vwc),
      possibleDays: isTooWet || isTooDry ? 0 : before.since.possibleDays + 1,
    }
    // possible again, and it moves
    return since.possibleDays >= POSSIBLE_DAYS && since.most - since.least > margin
      ? { ...memory, contradicts: null, since: nothingSince }
      : { ...memory, since }
  }
  if (wetDays >= WET_DAYS) return { ...memory, contradicts: 'stays-wet' }
  if (dryDays >= DRY_DAYS) return { ...memory, contradicts: 'stays-dry' }
  return memory
}

/** Another reading of the same drying, or the first after water has come. */
function dryingAfter(before: Drying | undefined, water: number, vwc: number): Drying {
  const level = before === undefined ? vwc : before.level + LEVEL_SHARE * (vwc - before.level)
  if (before === undefined || water > before.water + RISEN || level > before.highestLevel + RISEN)
    return { level, highestLevel: level, water, highestWater: water }
  return {
    level,
    highestLevel: Math.max(before.highestLevel, level),
    water,
    highestWater: Math.max(before.highestWater, water),
  }
}

/** The members dry and the reading does not. */
function isStill({ level, highestLevel, water, highestWater }: Drying): boolean {
  const [fallen, expected] = [highestLevel - level, highestWater - water]
  return fallen < STILL_SHARE * expected && expected - fallen > STILL_BY
}

/** The bias from a day on which the soil at the probe is surely full. */
function learnBias(
  before: ProbeMemory,
  sorted: Float64Array,
  { fieldCapacity, margin }: { fieldCapacity: number; margin: number },
  vwc: number,
): ProbeMemory {
  const mean = sorted.reduce((sum, water) => sum + water, 0) / sorted.length
  const biasVariance = before.biasVariance + BIAS_DRIFT ** 2
  const innovation = vwc - mean - before.bias
  // a larger one is no error of the level
  if (mean < fieldCapacity - FULL || Math.abs(innovation) > margin) return { ...before, biasVariance }
  const variance = sorted.reduce((sum, water) => sum + (water - mean) ** 2, 0) / sorted.length
  const gain = biasVariance / (biasVariance + FULL_SD ** 2 + variance)
  return { ...before, bias: before.bias + gain * innovation, biasVariance: (1 - gain) * biasVariance }
}
