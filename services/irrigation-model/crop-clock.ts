/**
 * The age of an upland crop, the one clock of its field: by heat where the sums of its stages and the temperatures are known, else by
 * the days since planting. Days are those of FAO-56 Table 11; warm weather makes them pass quicker and cold slower, and the
 * clock of a field whose harvest is planned reaches the end of the season on that day.
 */
import { daysBetween, type Day } from '../../broker/contract/time.ts'
import type { Crop } from '../agronomy/crops/crop.ts'
import { degreeDaysCd } from '../agronomy/crops/degree-days.ts'
import { daysByHeat, seasonLengthD, stageOf, type Stage } from '../agronomy/crops/growth.ts'
import { sum } from '../runtime/math.ts'

export interface CropClock {
  /** Days of Table 11 that pass in a day at an age; `unknownD` on one without temperatures. */
  daysIn(
    ageD: number,
    temp: { tMinC?: number | null | undefined; tMaxC?: number | null | undefined } | null,
    unknownD?: number,
  ): number
  isByHeat: boolean
}

/** Varieties are chosen for the heat of a place: a season runs ahead of Table 11 by no more than this. */
const MAX_DAYS = 1.3
/** Cotton continues to flower while it is warm. Unconfirmed */
const maxDaysByCrop: Readonly<Record<string, number>> = { cotton: 1.25 }

/** The clock of a crop: by heat where its heat sums are known, else one day of Table 11 per day. */
export function cropClock(crop: Crop): CropClock {
  const known = clocks.get(crop)
  if (known) return known
  const clock = createClock(crop)
  clocks.set(crop, clock)
  return clock
}
const clocks = new WeakMap<Crop, CropClock>()

function createClock(crop: Crop): CropClock {
  if (daysByHeat(crop, 0) === null) return { isByHeat: false, daysIn: () => 1 }
  // °C·d of each day of Table 11, from the same sums
  const sums = Array.from({ length: Math.ceil(seasonLengthD(crop)) + 2 }, (_, age) => heatOfAge(crop, age))
  return {
    isByHeat: true,
    daysIn(ageD, temp, unknownD = 1) {
      const { tMinC, tMaxC } = temp ?? {}
      if (tMinC == null || tMaxC == null || !(tMaxC >= tMinC)) return unknownD
      const i = Math.min(sums.length - 2, Math.max(0, Math.floor(ageD)))
      const perDay = Math.max(0.1, sums[i + 1]! - sums[i]!)
      const heatCd = degreeDaysCd(crop.heat, { tempMinC: tMinC, tempMaxC: tMaxC })
      return Math.min(maxDaysByCrop[crop.id] ?? MAX_DAYS, heatCd / perDay)
    },
  }
}

/** The degree-day sum that an age stands for, °C·d. */
export function heatOfAge(crop: Crop, ageD: number): number {
  let [lo, hi] = [0, 10_000]
  for (let i = 0; i < 40; i++) {
    const middle = (lo + hi) / 2
    if ((daysByHeat(crop, middle) ?? 0) < ageD) lo = middle
    else hi = middle
  }
  return hi
}

/** The clock of a field's own variety, relative to that of its crop. */
export interface FieldClock {
  /** the planned harvest that it follows; null: none */
  harvestDay: Day | null
  factor: number
  /** false: every day counts the same, since the heat until the harvest is unknown */
  isByHeat: boolean
}

export const tableClock: FieldClock = { harvestDay: null, factor: 1, isByHeat: true }

/** Varieties of a crop differ by no more than this in the length of their season. Unconfirmed */
const MAX_FACTOR = 1.6

/** The age on a day, and the days of Table 11 that pass on each day from then on in other years; empty: unknown. */
export interface ClockStart {
  fromDay: Day
  ageD: number
  usualDays: readonly number[]
}

/** The clock that reaches the end of Table 11's season on the day of the harvest. */
export function clockUntil(
  harvestDay: Day | null,
  crop: Crop,
  { fromDay, ageD, usualDays }: ClockStart,
): FieldClock {
  const days = harvestDay === null ? 0 : daysBetween(fromDay, harvestDay)
  const leftD = seasonLengthD(crop) - ageD
  if (days <= 0 || leftD <= 0) return { ...tableClock, harvestDay }
  // without other years the heat until then is unknown: days count
  const isByHeat = cropClock(crop).isByHeat && usualDays.length > 0
  const usualD = isByHeat ? sum(Array.from({ length: days }, (_, i) => usualDays[i] ?? 1)) : days
  return { harvestDay, isByHeat, factor: Math.min(MAX_FACTOR, Math.max(1 / MAX_FACTOR, leftD / usualD)) }
}

/** The clock of a field at its age. */
export interface AgingField {
  ageD: number
  clock: FieldClock
  /** days of Table 11 that have passed a day by heat, the mean of the last week or two */
  paceD: number
}

/** Days of Table 11 that pass in a day of a field; one without temperatures counts as the days before it. */
export const passedD = (
  { ageD, clock, paceD }: AgingField,
  crop: Crop,
  temp: Parameters<CropClock['daysIn']>[1],
): number => clock.factor * (clock.isByHeat ? cropClock(crop).daysIn(ageD, temp, paceD) : 1)

/** Those that are expected to pass on a coming day, of which other years have the usual number. */
export const expectedD = ({ clock, paceD }: Omit<AgingField, 'ageD'>, usualD?: number): number =>
  clock.factor * (clock.isByHeat ? (usualD ?? paceD) : 1)

const PACE_DAYS = 10

/** The mean pace after another day. */
export const paceAfter = (
  { ageD, paceD }: AgingField,
  crop: Crop,
  temp: Parameters<CropClock['daysIn']>[1],
): number => paceD + (cropClock(crop).daysIn(ageD, temp, paceD) - paceD) / PACE_DAYS

/** The season of a late variety, relative to Table 11. */
const LATEST = 1.15
/** Growth never stands still. */
const LEAST_PASSED_D = 0.2

/**
 * The age at the end of each of the coming days, from `fromDay` to the end of a late variety's season, or to the day before its
 * planned harvest. Empty when the harvest is due. `passed`: days of Table 11 that pass on each.
 */
export function agesAhead(
  crop: Crop,
  x: { ageD: number; fromDay: Day; harvestDay: Day | null; passed: (k: number) => number },
): number[] {
  const endD = LATEST * seasonLengthD(crop)
  const longest = 2 * endD
  const count = x.harvestDay === null ? longest : Math.min(longest, daysBetween(x.fromDay, x.harvestDay))
  const agesD: number[] = []
  for (let { ageD } = x; ageD < endD && agesD.length < count;)
    agesD.push((ageD += Math.max(LEAST_PASSED_D, x.passed(agesD.length))))
  return agesD
}

/** The ages of a crop whose leaves and whose ripening differ from the tables, days of Table 11. */
export interface CropAges {
  leavesD: number
  ripeD: number
}

/** The ages at an age of the clock, with the estimated delays. */
export const agesOf = (ageD: number, { late, ripe }: { late: number; ripe: number }): CropAges => ({
  leavesD: ageD - late,
  ripeD: ageD - ripe,
})

/** The day of Table 11 that a crop stands for: by its leaves until they cover the ground, by its ripening from then on. */
export function tableDay({ lengthsD: [ini, dev] }: Pick<Crop, 'lengthsD'>, ages: CropAges): number {
  const fullD = ini + dev
  return ages.leavesD < fullD ? ages.leavesD : Math.max(fullD, ages.ripeD)
}

/** The stage of Table 11 that a field shows. */
export const stageAt = (crop: Crop, ages: CropAges): Stage => stageOf(crop, tableDay(crop, ages))
