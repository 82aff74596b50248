/**
 * Leaf blast of rice, BLASTAM: Koshimizu (1988), as the plant protection offices of Mie, Miyazaki, Oita and Shiga
 * prefectures publish its criteria. A day runs from 16:00 to 16:00. The classes 1-4 are labels of the unmet
 * criterion, not ranks.
 */
import { blastamWet } from './blastam-wetness.ts'
import type { Model } from './model.ts'
import { mean } from '../math.ts'
import {
  civilDay,
  hoursEndingAt,
  hundredths,
  missingOf,
  type DayHours,
  type Hour,
  type Missing,
} from './weather-hours.ts'
import { wetFigures, wetPeriods, type WetFigures } from './wet-periods.ts'

// hours at 15 °C, 16 °C, ... 25 °C (Mie, Table 2)
const NEEDED_H = [17, 15, 14, 13, 12, 11, 11, 10, 10, 10, 10]
const MIN_H = 10

/** Hours of wetness required for an infection at a mean temperature of wet leaves; null outside 15-25 °C. */
export const blastWetHours = (wetC: number): number | null =>
  wetC < 15 || wetC > 25 ? null : NEEDED_H[Math.round(wetC) - 15]!

export type BlastClass = 'favourable' | '1' | '2' | '3' | '4' | '-'

/** `mean5C`: of the five days up to the day itself. Below 10 h a day counts as unfavourable ("-"). */
export function blastClass(wetH: number, wetC: number | null, mean5C: number): BlastClass {
  if (wetC === null || wetH < MIN_H) return '-'
  if (mean5C < 20) return '1'
  if (mean5C > 25) return '2'
  const needH = blastWetHours(wetC)
  if (needH === null) return '3'
  return wetH >= needH ? 'favourable' : '4'
}

const FIVE_DAYS = 5

export const leafBlast: Model<object> = {
  unit: 'h',
  needsLeafWetness: true,
  daysBack: FIVE_DAYS - 1,
  figures(day) {
    const wet = longestWetPeriod(day)
    if ('missing' in wet) return wet
    const hours = civilDay(day)
    const missing = missingOf(hours, ['temperature'])
    return missing ?? { ...wet, tempC: hundredths(mean(hours.map((hour) => hour.tempC!))) }
  },
  assess({ wetH, wetC, tempC }, { days }) {
    const temps = days.map((day) => day?.tempC ?? null)
    const knownTemps = [...temps, tempC!].filter((temp) => temp !== null)
    const mean5C = hundredths(mean(knownTemps))
    const mark = blastClass(wetH!, wetC!, mean5C)
    const verdict = {
      value: wetH!,
      key: `blast-${mark === '-' ? 'none' : mark}` as const,
      params: { mean5C },
    }
    if (mark === '-') return { ...verdict, level: 'low' }
    // an unknown hot or cold day could decide between the classes
    if (knownTemps.length <= temps.length) return { ...verdict, level: null }
    return { ...verdict, level: mark === 'favourable' ? 'high' : 'moderate' }
  },
}

/** The longest wet period up to 16:00: by a sensor where there is one, otherwise by the model's own rule. */
function longestWetPeriod(day: DayHours): WetFigures | Missing {
  const hours = hoursEndingAt(day, 16)
  const isMeasured = hours.length > 0 && hours.every((hour) => hour.method === 'sensor')
  const missing = missingOf(hours, isMeasured ? ['temperature'] : ['temperature', 'rain', 'wind', 'sunshine'])
  if (missing) return missing
  const isWet = isMeasured
    ? hours.map((hour) => hour.isWet!)
    : blastamWet(
        hours.map(({ hour, rainMm, windMps, sunH }) => ({
          hour,
          rainMm: rainMm!,
          windMps: windMps!,
          sunH: sunH!,
        })),
      )
  const longest = wetPeriods(isWet, 1).reduce<Hour[]>(
    (best, period) => (period.length > best.length ? period.map((i) => hours[i]!) : best),
    [],
  )
  return wetFigures(longest)
}
