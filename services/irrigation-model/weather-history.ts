/** The weather of other years by day since planting, and the substitute for a missing ET0. */
import { addDays, dayOfYear, daysBetween, type Day } from '../../broker/contract/time.ts'
import { mean } from '../runtime/math.ts'
import { hargreavesMm } from '../agronomy/evapotranspiration/et0-with-fallbacks.ts'
import type { CropClock } from './crop-clock.ts'
import type { PastSeason } from './weather-ahead.ts'

export type DayWeather = {
  tMinC?: number | null | undefined
  tMaxC?: number | null | undefined
  rainMm?: number | null | undefined
  et0Mm?: number | null | undefined
}

/** A past season needs this share of its days. */
const MIN_SHARE = 0.9
const AROUND_DAYS = 10
// of a summer day in a temperate climate; only until the first ET0 is known
const ET0_DEFAULT_MM = 4

export interface History {
  seasons: PastSeason[]
  /** days of Table 11 that pass on each day since planting, the mean of the years; empty: one per day */
  usualDays: readonly number[]
  /** mean ET0 around a day of the year, mm */
  usualEt0Mm: (day: Day) => number | null
}

/** ET0 from the day's temperatures, mm; null without them. */
export function et0ByHargreaves(latDeg: number, day: Day, { tMinC, tMaxC }: DayWeather): number | null {
  if (tMinC == null || tMaxC == null || tMaxC < tMinC) return null
  return hargreavesMm({ dayOfYear: dayOfYear(day), tempMinC: tMinC, tempMaxC: tMaxC }, latDeg)
}

/** The field and the weather rows of other years. */
interface HistorySetup {
  history?: readonly ({ day: Day } & DayWeather)[] | null | undefined
  site: { latDeg: number }
  field: { plantingDay: Day }
}

/** The past seasons of the field, aligned by days since planting. */
export function weatherHistory(setup: HistorySetup, clock: CropClock, lengthD: number): History {
  const rows = new Map((setup.history ?? []).map((row) => [row.day, row]))
  const { latDeg } = setup.site
  const et0Of = (day: Day, row: DayWeather): number | null => row.et0Mm ?? et0ByHargreaves(latDeg, day, row)

  const byDoy = new Map<number, { sum: number; n: number }>()
  for (const row of rows.values()) {
    const et0Mm = et0Of(row.day, row)
    if (et0Mm === null) continue
    const total = byDoy.get(dayOfYear(row.day)) ?? { sum: 0, n: 0 }
    byDoy.set(dayOfYear(row.day), { sum: total.sum + et0Mm, n: total.n + 1 })
  }
  const cache = new Map<number, number | null>()
  const usualEt0Mm = (day: Day): number | null => {
    const doy = dayOfYear(day)
    let cached = cache.get(doy)
    if (cached !== undefined) return cached
    let [sum, n] = [0, 0]
    for (let off = -AROUND_DAYS; off <= AROUND_DAYS; off++) {
      const total = byDoy.get(((doy + off - 1 + 365) % 365) + 1)
      sum += total?.sum ?? 0
      n += total?.n ?? 0
    }
    cached = n > 0 ? sum / n : null
    cache.set(doy, cached)
    return cached
  }

  const seasons: PastSeason[] = []
  const advance: number[][] = []
  for (const planted of pastPlantings(setup.field.plantingDay, [...rows.keys()])) {
    const et0Mm = new Float64Array(lengthD)
    const rainMm = new Float64Array(lengthD)
    const passed: number[] = []
    let knownDays = 0
    let ageD = 0
    for (let i = 0; i < lengthD; i++) {
      const day = addDays(planted, i)
      const row = rows.get(day)
      const et0 = row ? et0Of(day, row) : null
      if (row && et0 !== null) knownDays++
      et0Mm[i] = et0 ?? usualEt0Mm(day) ?? ET0_DEFAULT_MM
      rainMm[i] = row?.rainMm ?? 0
      passed.push(clock.daysIn(ageD, row ?? null))
      ageD += passed.at(-1)!
    }
    if (knownDays < MIN_SHARE * lengthD) continue
    seasons.push({ et0Mm, rainMm })
    advance.push(passed)
  }
  const usualDays =
    advance.length === 0 ? [] : advance[0]!.map((_, i) => mean(advance.map((days) => days[i]!))!)
  return { seasons, usualDays, usualEt0Mm }
}

/** The same planting day in the years of the rows, without the season itself. */
function pastPlantings(plantingDay: Day, days: readonly Day[]): Day[] {
  if (days.length === 0) return []
  const [first, last] = [days.reduce((a, b) => (a < b ? a : b)), days.reduce((a, b) => (a > b ? a : b))]
  const monthDay = plantingDay.slice(5) === '02-29' ? '02-28' : plantingDay.slice(5)
  const plantings: Day[] = []
  for (let year = Number(first.slice(0, 4)); year <= Number(last.slice(0, 4)); year++) {
    const planted = `${year}-${monthDay}`
    if (planted >= first && planted <= last && Math.abs(daysBetween(planted, plantingDay)) > 300)
      plantings.push(planted)
  }
  return plantings
}

/** ET0 without a value of the day or of other years: the recent mean, mm. */
export const expectedEt0Mm = (history: History, recentMm: readonly number[], day: Day): number =>
  mean(recentMm) ?? history.usualEt0Mm(day) ?? ET0_DEFAULT_MM
