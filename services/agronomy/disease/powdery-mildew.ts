/**
 * Powdery mildew of grape, risk assessment index: Gubler, Rademacher, Vasquez & Thomas (1999), APSnet; UC IPM. Three
 * consecutive days with 6 consecutive hours at 70-85 °F start it at 60; then +20 for such a day, -10 for any other; a
 * day that reaches 95 °F for 15 minutes loses 10, but no day loses more than 10. 0-30 low, 40-50 moderate, 60-100
 * high.
 */
import { finite } from '../finite.ts'
import { levelFrom, levelWithin, type Figures, type Model } from './model.ts'
import { civilDay, highestC, missingOf } from './weather-hours.ts'

const celsius = (degreesF: number): number => ((degreesF - 32) * 5) / 9
const MILD_FROM_C = celsius(70)
const MILD_TO_C = celsius(85)
const HOT_C = celsius(95)
const MILD_H = 6
const START_DAYS = 3

export interface MildewDay {
  isMild: boolean
  isHot: boolean
}

/** `run`: consecutive mild days before the index has started, at most three; three: it has started. */
export interface MildewIndex {
  run: number
  index: number
}

export const initialIndex: MildewIndex = { run: 0, index: 0 }

/**
 * The index (0-100) after one more day; it stays 0 until the third consecutive mild day. RangeError if `before` is
 * not a number.
 */
export function mildewIndex(before: MildewIndex, day: MildewDay): MildewIndex {
  finite(before.run + before.index, { ...before })
  if (before.run >= START_DAYS) {
    const change = day.isMild ? 20 - (day.isHot ? 10 : 0) : -10
    return { run: START_DAYS, index: Math.min(100, Math.max(0, before.index + change)) }
  }
  const run = day.isMild ? before.run + 1 : 0
  return { run, index: run === START_DAYS ? 60 : 0 }
}

const levelOf = levelFrom(40, 60)
const mostFavourableDay: MildewDay = { isMild: true, isHot: false }
const leastFavourableDay: MildewDay = { isMild: false, isHot: false }

export const powderyMildew: Model<object> = {
  unit: 'index',
  needsLeafWetness: false,
  daysBack: 0,
  figures(day) {
    const hours = civilDay(day)
    const missing = missingOf(hours, ['temperature'])
    if (missing) return missing
    let run = 0
    let mildH = 0
    for (const { tempC } of hours) {
      run = tempC! >= MILD_FROM_C && tempC! <= MILD_TO_C ? run + 1 : 0
      mildH = Math.max(mildH, run)
    }
    const isHot = highestC(hours) >= HOT_C
    return { mildH, isHot: isHot ? 1 : 0 }
  },
  // Lo and Hi: a day without figures may have been the least or the most favourable
  carry(today, { carried }) {
    const mildewDay = today && { isMild: today.mildH! >= MILD_H, isHot: today.isHot === 1 }
    const lo = mildewIndex(indexOf(carried, 'Lo'), mildewDay ?? leastFavourableDay)
    const hi = mildewIndex(indexOf(carried, 'Hi'), mildewDay ?? mostFavourableDay)
    return { indexLo: lo.index, runLo: lo.run, indexHi: hi.index, runHi: hi.run }
  },
  assess(_today, _past, _params, carried) {
    const { indexLo, indexHi, runHi } = carried!
    return {
      level: levelWithin(indexLo!, indexHi!, levelOf),
      value: indexLo!,
      key: runHi! < START_DAYS ? 'mildew-not-started' : 'mildew-index',
      params: {},
    }
  },
}

const indexOf = (carried: Figures | null, end: 'Lo' | 'Hi'): MildewIndex =>
  carried ? { run: carried[`run${end}`] ?? 0, index: carried[`index${end}`] ?? 0 } : initialIndex
