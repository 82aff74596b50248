/**
 * The rest of a season as the decision sees it: for every day the age of the crop, the storage of its roots and
 * the use of an unstressed crop. Arrays, since a decision runs through them some thousand times.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { seasonLengthD } from '../agronomy/crops/growth.ts'
import { canopyOf, coverAfter, kcbOfCover, type Canopy } from './canopy.ts'
import { agesOf, tableDay } from './crop-clock.ts'
import { phaseIndexOf, type CropResponse } from './crop-response.ts'
import { stressOf, type CropStress } from './crop-stress.ts'
import { growDay, harvestedGrowth, initialGrowth, type CropGrowth, type YieldTimes } from './crop-growth.ts'

export interface DaysAhead {
  count: number
  ageD: Float64Array // at the end of each day, of Table 11
  passed: Float64Array // days of Table 11 that pass on each
  phase: Uint8Array // index into `phases`
  /** added to the limit: before emergence there are no leaves to be stressed, share of TAW */
  lift: Float64Array
  kcb: Float64Array
  tawMm: Float64Array
  heldShare: number // (`usedShare`)
  /** share of the soil below the roots that they reach that day */
  reach: Float64Array
  coverNow: number
  canopy: Canopy
  stress: CropStress
  times: YieldTimes
  /** so far */
  growth: CropGrowth
  /** harvest of an unstressed season, in the units of `CropGrowth` */
  fullHarvest: number
  tewMm: number
  rewMm: number
  /** overwritten by each course */
  course: CropGrowth
}

interface DaysAheadInput {
  crop: Crop
  response: CropResponse
  /** age at the end of each day, in days of Table 11, from the first of these days on */
  agesD: readonly number[]
  /** storage from the surface to a depth, mm */
  storeMm: (toM: number) => number
  /** of the storage between the entered limits (`usedShare`); absent: 1 */
  heldShare?: number
  rootDepthM: (ageD: number) => number
  tewMm: number
  rewMm: number
  /** water use relative to the tables, as estimated in the season */
  use: number
  /** today's cover, days behind the tables, and the growth so far; as by the tables where absent */
  cover?: number
  late?: number
  ripe?: number
  growth?: CropGrowth
  /** of an unstressed season, as calculated before; else by the days of the season so far and those ahead */
  fullHarvest?: number
  /** days since planting; absent: as many as the tables have to this age */
  daysSoFar?: number
}

/**
 * Ends with the season of the crop or with `agesD`, whichever is earlier; `count` is 0 after the season. `agesD` must
 * ascend.
 */
export function daysAhead(x: DaysAheadInput): DaysAhead {
  const { crop } = x
  const { late = 0, ripe = 0 } = x
  const endD = seasonLengthD(crop) + ripe
  const lastIndex = x.agesD.findIndex((age) => age >= endD)
  const count = lastIndex < 0 ? x.agesD.length : lastIndex
  const newArray = (): Float64Array => new Float64Array(count)
  const canopy = canopyOf(crop)
  const stress = stressOf(crop)
  const times = yieldTimes(crop)
  const [ageD, passed, kcb, tawMm, reach] = [newArray(), newArray(), newArray(), newArray(), newArray()]
  const phase = new Uint8Array(count)
  const lift = newArray()
  let beforeD = x.agesD.length > 1 ? 2 * x.agesD[0]! - x.agesD[1]! : 0
  const beforeFirstD = Math.max(0, beforeD)
  let beforeM = x.rootDepthM(beforeD)
  const deepestM = x.rootDepthM(Infinity)
  const soFar = tableCourse(canopy, stress, times, Math.max(0, beforeD - late))
  const coverNow = x.cover ?? soFar.cover
  let cover = coverNow
  for (let k = 0; k < count; k++) {
    const age = x.agesD[k]!
    ageD[k] = age
    passed[k] = Math.max(0, age - beforeD)
    const ages = agesOf(age, { late, ripe })
    phase[k] = phaseIndexOf(crop, tableDay(crop, ages))
    lift[k] = age - late < canopy.growsFromD && !canopy.isPerennial ? SEED_LIFT : 0
    cover = coverAfter(canopy, cover, ages, passed[k]!, 1)
    kcb[k] = kcbOfCover(canopy, cover, ages.leavesD) * x.use
    const rootM = x.rootDepthM(age)
    const belowM = deepestM - beforeM
    tawMm[k] = x.storeMm(rootM)
    reach[k] = rootM > beforeM && belowM > 0 ? Math.min(1, (rootM - beforeM) / belowM) : 0
    beforeD = age
    beforeM = Math.max(beforeM, rootM)
  }
  return {
    count,
    ageD,
    passed,
    phase,
    lift,
    kcb,
    tawMm,
    heldShare: x.heldShare ?? 1,
    reach,
    coverNow,
    canopy,
    stress,
    times,
    growth: x.growth ?? soFar.grown,
    fullHarvest:
      x.fullHarvest ??
      x.use * fullHarvestOf([...agesSoFar(beforeFirstD, x.daysSoFar), ...x.agesD], canopy, stress, times),
    tewMm: x.tewMm,
    rewMm: x.rewMm,
    course: initialGrowth(),
  }
}

/** The ages of the days so far, as if they had passed evenly. */
function agesSoFar(ageD: number, daysSoFar = Math.round(ageD)): number[] {
  if (!(ageD > 0)) return []
  const days = Math.max(1, daysSoFar)
  return Array.from({ length: days }, (_, i) => (ageD * (i + 1)) / days)
}

/** Harvest of an unstressed season of these days from planting on, in the units of `CropGrowth`. */
function fullHarvestOf(
  agesD: readonly number[],
  canopy: Canopy,
  stress: CropStress,
  times: YieldTimes,
): number {
  const growth = initialGrowth()
  let cover = canopy.coverStart
  let beforeD = 0
  for (const age of agesD) {
    if (age > canopy.endD) break
    const passed = Math.max(0, age - beforeD)
    cover = coverAfter(canopy, cover, { leavesD: age, ripeD: age }, passed, 1)
    growDay(times, stress, growth, {
      age,
      passed,
      transpired: kcbOfCover(canopy, cover, age),
      used: 0,
      ksStomata: 1,
      ksLeaves: 1,
      cover,
    })
    beforeD = age
  }
  return Math.max(1, harvestedGrowth(stress, growth))
}

/** Growth of an unstressed crop by the tables, from planting to an age. */
export function tableCourse(
  canopy: Canopy,
  stress: CropStress,
  times: YieldTimes,
  toD: number,
): { grown: CropGrowth; cover: number } {
  const growth = initialGrowth()
  let cover = canopy.coverStart
  for (let age = 1; age <= toD; age++) {
    cover = coverAfter(canopy, cover, { leavesD: age, ripeD: age }, 1, 1)
    growDay(times, stress, growth, {
      age,
      passed: 1,
      transpired: kcbOfCover(canopy, cover, age),
      used: 0,
      ksStomata: 1,
      ksLeaves: 1,
      cover,
    })
  }
  return { grown: growth, cover }
}

/** Seeds need less water than leaves, but not none. Unconfirmed */
const SEED_LIFT = 0.25

/**
 * The yield is complete a little before the end; that of maize long before it is dry enough. Share of the late
 * season.
 */
const RIPE_SHARE = 0.9
const ripeShares: Readonly<Record<string, number>> = { maize: 0.6, sorghum: 0.6 }

/**
 * Crops whose leaves grow during flowering until they yellow; those of others stop in the middle of flowering.
 */
const indeterminateCrops: ReadonlySet<string> = new Set(['cotton'])

/** Flowering and yield formation: FAO-33's phases on Table 11, with maturity before the leaves are gone. */
export function yieldTimes({
  id,
  lengthsD: [ini, dev, mid, late],
}: Pick<Crop, 'id' | 'lengthsD'>): YieldTimes {
  const ripe = ripeShares[id] ?? RIPE_SHARE
  const flowersD = 0.35 * mid
  return {
    flowersFromD: ini + dev,
    flowersToD: ini + dev + flowersD,
    leavesToD: ini + dev + (indeterminateCrops.has(id) ? mid : flowersD / 2),
    filledD: ini + dev + mid + ripe * late,
  }
}
