/**
 * One course of the rest of a season: deepening roots, canopy growth, the water balance, and a rule that
 * irrigates on the following days. Returns the yield and the water. The crop responds to water stress as in FAO
 * 66 (`crop-stress.ts`): yield = growth x harvest index, so that water counts most during leaf growth and
 * flowering, and less towards the end of the season. Pure, and fast: the loop allocates no object.
 */
import { coverAfter, krTwoStage, KE_MAX, kcbOfCover, transpirationShare } from './canopy.ts'
import { ks, depletionAt, usedShare } from './crop-stress.ts'
import type { DaysAhead } from './days-ahead.ts'
import { growDay, harvestedGrowth, coverAfterYellowing } from './crop-growth.ts'

/** Weather of the days ahead. */
export interface WeatherAhead {
  et0Mm: Float64Array
  rainMm: Float64Array
}

export interface WaterNow {
  depletionMm: number // of the roots
  surfaceMm: number // of the evaporating layer
  belowMm: number // of the soil that roots will reach
}

/** The deviations of one ensemble member; the rule does not know them. */
export interface FieldAhead {
  /** difference from the mean depletion, all season */
  drierMm: number
  /** storage of its roots relative to the expected */
  tawShare: number
  heldShare: number // of the storage between the entered limits (`usedShare`)
  use: number
  late: number // days of Table 11, of its leaves
  ripe: number // and of ripening
  cover: number // today
  /** shift of its stress thresholds from the tables, share of TAW */
  tolerance: number
}

/** The rule of the following days: few numbers, each a share of TAW. */
export interface Rule {
  /** depletion at which irrigation starts: during leaf growth, during yield formation, during ripening */
  limits: readonly [growing: number, filling: number, ripening: number]
  /** rain reserve: share of that limit that is left empty */
  room: number
}

export interface IrrigationSystem {
  efficiency: number
  maxMm: number // gross, a day
  minMm: number
  wettedFraction: number
}

interface Course {
  /** share of a full yield */
  harvest: number
  grossMm: number
  runs: number
  percolationMm: number
}

/** Index into `limits` by phase. */
export const limitOfPhase = [0, 1, 1, 2] as const

/** A run need not replace water that the soil can provide at the end: it may end this dry. Share of TAW. */
const END_SHARE = 0.85

export interface Plan {
  rule: Rule
  /** for this number of days no irrigation until the depletion exceeds the limit by this share of TAW */
  hold: { days: number; more: number }
  /** net mm before the first day; null: as the rule and the hold determine */
  firstNetMm: number | null
}

/** To be passed to `rollout`, which overwrites it. */
export const emptyCourse = (): Course => ({ harvest: 0, grossMm: 0, runs: 0, percolationMm: 0 })

/**
 * Writes the result into `course` and returns it; `days.course` is overwritten too. Each day the rule decides from
 * yesterday's depletion. Depths in mm; a `harvest` of 1 is a full yield.
 */
export function rollout(
  days: DaysAhead,
  weather: WeatherAhead,
  now: WaterNow,
  field: FieldAhead,
  { rule, hold, firstNetMm }: Plan,
  system: IrrigationSystem,
  course: Course,
): Course {
  const { count, ageD, passed, tawMm, reach, phase, lift, canopy, stress, tewMm, growth } = days
  const { et0Mm, rainMm } = weather
  const { limits, room } = rule
  const { drierMm, heldShare, tolerance } = field
  const grow = days.course
  grow.growth = growth.growth
  grow.flowers = growth.flowers
  grow.filled = growth.filled
  grow.stomata = growth.stomata
  grow.leaves = growth.leaves
  let Dr = Math.min(tawMm[0]! * field.tawShare, Math.max(0, now.depletionMm + drierMm))
  let De = now.surfaceMm
  let below = now.belowMm
  let cover = field.cover
  const ages = { leavesD: 0, ripeD: 0 }
  const today = { age: 0, passed: 0, transpired: 0, used: 0, ksStomata: 1, ksLeaves: 1, cover }
  let gross = 0
  let runs = 0
  let percolation = 0
  for (let k = 0; k < count; k++) {
    const expected = tawMm[k]!
    const taw = expected * field.tawShare
    const reachedMm = below * reach[k]!
    Dr += reachedMm
    below -= reachedMm
    const et0 = et0Mm[k]!
    const rain = rainMm[k]!
    let net = 0
    if (k === 0 && firstNetMm !== null) net = firstNetMm
    else {
      const limit = limitToday(limits, phase[k]!, et0) + lift[k]!
      const believedMm = Dr - drierMm
      const believed = usedShare(believedMm, expected, days.heldShare)
      if (believed > (k < hold.days ? limit + hold.more : limit)) {
        net = Math.min(
          believedMm - room * depletionAt(limit, expected, days.heldShare),
          usefulMm(days, et0Mm, k, believedMm),
          system.maxMm * system.efficiency,
        )
        if (net < system.minMm * system.efficiency || net <= 0) net = 0
      }
    }
    if (net > 0) {
      gross += net / system.efficiency
      runs++
    }
    const used = usedShare(Dr, taw, heldShare) - tolerance
    ages.leavesD = ageD[k]! - field.late
    ages.ripeD = ageD[k]! - field.ripe
    const ksLeaves = ks(stress.leaves, used, et0)
    const ksStomata = ks(stress.stomata, used, et0)
    const ksYellow = ks(stress.yellowing, used, et0)
    cover = coverAfter(canopy, cover, ages, passed[k]!, ksLeaves)
    if (ksYellow < 1) cover = coverAfterYellowing(canopy, cover, passed[k]!, ksYellow)
    const transpired = kcbOfCover(canopy, cover, ages.leavesD) * field.use * ksStomata
    today.age = ages.ripeD
    today.passed = passed[k]!
    today.transpired = transpired
    today.used = used
    today.ksStomata = ksStomata
    today.ksLeaves = ksLeaves
    today.cover = cover
    growDay(days.times, stress, grow, today)
    const bare = KE_MAX * krTwoStage(De, days) * Math.max(0, 1 - transpirationShare(cover)) * et0
    Dr += transpired * et0 + bare - rain - net
    if (Dr < 0) {
      percolation -= Dr
      below = Math.max(0, below + Dr)
      Dr = 0
    } else if (Dr > taw) Dr = taw
    De = Math.min(tewMm, Math.max(0, De - rain - net / system.wettedFraction) + bare)
  }
  course.harvest = harvestedGrowth(stress, grow) / days.fullHarvest
  course.grossMm = gross
  course.runs = runs
  course.percolationMm = percolation
  return course
}

/**
 * The water that the crop can still turn into yield without rain, beyond the supply of the soil. mm, below 0:
 * none.
 */
export function usefulMm(
  { count, kcb, tawMm }: DaysAhead,
  et0Mm: Float64Array,
  from: number,
  depletionMm: number,
): number {
  let sum = 0
  const maxDays = 400
  for (let k = from; k < count && sum < maxDays; k++) sum += kcb[k]! * et0Mm[k]!
  return depletionMm + sum - END_SHARE * tawMm[count - 1]!
}

export const NO_HOLD: Plan['hold'] = { days: 0, more: 0 }

/**
 * A limit is for a day of 5 mm: with a higher ET0 the crop is stressed earlier at the same soil water (FAO-56
 * Table 22; FAO 66).
 */
export function limitToday(limits: Rule['limits'], phase: number, et0Mm: number): number {
  return Math.min(1, Math.max(0.05, limits[limitOfPhase[phase]!]! + 0.04 * (5 - et0Mm)))
}
