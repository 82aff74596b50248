/** Degree-day sums from a biofix, and the date of the next event. °C·d. */
import { finite } from '../finite.ts'
import { knownDegreeDaysCd, type HeatModel, type HeatRecord } from './degree-days.ts'

export interface HeatSum {
  sumCd: number // of the known days: with missing days it is a lower bound
  missingDays: number
  dailyCd: (number | null)[]
}

/**
 * The sum over consecutive days, the first one on the biofix. A day without temperatures, or with impossible ones, is counted
 * as missing and adds nothing.
 */
export function heatSum(model: HeatModel, days: readonly HeatRecord[]): HeatSum {
  const dailyCd = days.map((day, i) => knownDegreeDaysCd(model, day, days[i + 1]?.tempMinC ?? null))
  let sumCd = 0
  let missingDays = 0
  for (const cd of dailyCd) {
    if (cd === null) missingDays++
    else sumCd += cd
  }
  return { sumCd, missingDays, dailyCd }
}

/** Known days on each side of an unknown one that it is taken to be like. */
const AROUND = 5

/** The record with its unknown days as the coldest, the mean or the warmest of the nearest known days. */
function filled(dailyCd: readonly (number | null)[], as: 'coldest' | 'mean' | 'warmest'): number[] {
  return dailyCd.map((cd, i) => {
    if (cd !== null) return cd
    const isKnown = (other: number | null): other is number => other !== null
    const around = [
      ...dailyCd.slice(0, i).filter(isKnown).slice(-AROUND),
      ...dailyCd
        .slice(i + 1)
        .filter(isKnown)
        .slice(0, AROUND),
    ]
    if (around.length === 0) return 0
    if (as === 'mean') return around.reduce((sum, other) => sum + other, 0) / around.length
    return as === 'coldest' ? Math.min(...around) : Math.max(...around)
  })
}

// rounding of doubles must not miss a sum that is reached exactly
const EDGE_CD = 1e-9

/** The day, as an index of the record, on which a sum is reached; null where the record ends before. */
export function dayOfSum(dailyCd: readonly (number | null)[], needCd: number): number | null {
  let soFarCd = 0
  const at = dailyCd.findIndex((cd) => (soFarCd += cd ?? 0) >= needCd - EDGE_CD)
  return at === -1 ? null : at
}

// the mean rate of the next two weeks is usually within this band around that of the last two; unconfirmed
const PACE_BAND = 0.2
const PACE_DAYS = 10

/** °C·d a day; null when it is 0 or unknown: in cold weather no date is given */
function dailyPace(recentCd: readonly (number | null)[]): number | null {
  const knownCd = recentCd.filter((cd) => cd !== null)
  const paceCd = knownCd.reduce((sum, cd) => sum + cd, 0) / knownCd.length
  return paceCd > 0.1 ? finite(paceCd, { paceCd }) : null
}

/**
 * Whole days until `needCd` is reached at the mean rate of `recentCd` (the last week or two), as a range. Null when
 * the rate is 0 or unknown. 0 when it has been reached.
 */
export function daysToReach(
  needCd: number,
  sumCd: number,
  recentCd: readonly (number | null)[],
): { fromDays: number; toDays: number } | null {
  finite(needCd - sumCd, { needCd, sumCd })
  if (sumCd >= needCd) return { fromDays: 0, toDays: 0 }
  const paceCd = dailyPace(recentCd)
  if (paceCd === null) return null
  const leftCd = needCd - sumCd
  return {
    fromDays: Math.max(1, Math.floor(leftCd / (paceCd * (1 + PACE_BAND)))),
    toDays: Math.max(1, Math.ceil(leftCd / (paceCd * (1 - PACE_BAND)))),
  }
}

/** Days from the last one of a record; negative: reached before. */
export interface DaysAhead {
  fromDays: number
  midDays: number
  toDays: number
}

/**
 * Dates of a low, middle and high sum: within the record, and beyond it at its last rate. Unknown days make the interval
 * wider: the first date takes them as warm, the last as cold as their neighbours were.
 */
export function daysToRange(
  [loCd, midCd, hiCd]: readonly [number, number, number],
  dailyCd: readonly (number | null)[],
): DaysAhead | null {
  finite(loCd + midCd + hiCd, { loCd, midCd, hiCd })
  const paceCd = dailyPace(dailyCd.slice(-PACE_DAYS))
  const daysTo = (needCd: number, band: number, as: 'coldest' | 'mean' | 'warmest'): number | null => {
    const wholeCd = filled(dailyCd, as)
    const at = dayOfSum(wholeCd, needCd)
    if (at !== null) return at - (dailyCd.length - 1)
    const sumCd = finite(
      wholeCd.reduce((sum, cd) => sum + cd, 0),
      { dailyCd: wholeCd.find((cd) => !Number.isFinite(cd)) },
    )
    return paceCd === null ? null : Math.max(1, Math.round((needCd - sumCd) / (paceCd * (1 + band))))
  }
  const [fromDays, midDays, toDays] = [
    daysTo(loCd, PACE_BAND, 'warmest'),
    daysTo(midCd, 0, 'mean'),
    daysTo(hiCd, -PACE_BAND, 'coldest'),
  ]
  return fromDays === null || midDays === null || toDays === null ? null : { fromDays, midDays, toDays }
}
