/**
 * Two consecutive humid days, for late blight. Smith (1956), Plant Pathology 5:83: at least 11 h of RH >= 90 % and a
 * minimum of 10 °C on both. Hutton: Dancey, Skelsey & Cooke (2017): 6 h. A day runs from noon to noon.
 */
import type { Figures, Model } from './model.ts'
import { hoursEndingAt, lowestC, missingOf } from './weather-hours.ts'

export interface HumidDaysParams {
  humidH: number // of RH >= 90 %
  tempMinC: number
}

export interface HumidDay {
  tempMinC: number
  humidH: number
}

/** The criterion for one day, noon to noon; both limits are included. */
export const isHumidDay = (day: HumidDay, params: HumidDaysParams): boolean =>
  day.tempMinC >= params.tempMinC && day.humidH >= params.humidH

/** Both days must meet the criterion, and the caller must pass consecutive days. */
export const isHumidPeriod = (yesterday: HumidDay, today: HumidDay, params: HumidDaysParams): boolean =>
  isHumidDay(yesterday, params) && isHumidDay(today, params)

export const smith: HumidDaysParams = { humidH: 11, tempMinC: 10 }
export const hutton: HumidDaysParams = { humidH: 6, tempMinC: 10 }

export const humidDays: Model<HumidDaysParams> = {
  unit: 'h',
  needsLeafWetness: false,
  daysBack: 1,
  figures(day) {
    const hours = hoursEndingAt(day, 12)
    const missing = missingOf(hours, ['temperature', 'humidity'])
    if (missing) return missing
    return {
      humidH: hours.filter((hour) => hour.humidityPct! >= 90).length,
      tempMinC: lowestC(hours),
    }
  },
  assess(today, { days }, params) {
    const verdict = { value: today.humidH!, params: {} }
    if (!isHumidDay(humidDayOf(today), params)) return { ...verdict, level: 'low', key: 'humid-none' }
    const yesterday = days.at(-1)
    if (yesterday === null) return { ...verdict, level: null, key: 'humid-first' }
    const isSecond = yesterday !== undefined && isHumidDay(humidDayOf(yesterday), params)
    return isSecond
      ? { ...verdict, level: 'high', key: 'humid-period' }
      : { ...verdict, level: 'moderate', key: 'humid-first' }
  },
}

const humidDayOf = (day: Figures): HumidDay => ({ tempMinC: day.tempMinC!, humidH: day.humidH! })
