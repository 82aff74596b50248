/**
 * Tar spot of maize, V10 to R3: Webster et al. (2023), as coded by the University of Wisconsin: the mean of two
 * logistic models. Levels of the same source: 20 % and 35 %. Night: 20:00 to 7:00.
 */
import { finite } from '../finite.ts'
import { mean } from '../math.ts'
import { levelFrom, type Model } from './model.ts'
import { civilDay, hoursEndingAt, hundredths, missingOf } from './weather-hours.ts'

export interface TarSpotWeather {
  temp30C: number // mean of 30 days
  humidityMax30Pct: number // mean of the daily maxima of 30 days
  nightHumidH: number // of RH >= 90 %, mean of 14 nights
}

/** Probability of spores, 0-1. */
export function tarSpotProbability({ temp30C, humidityMax30Pct, nightHumidH }: TarSpotWeather): number {
  const day = 32.06987 - 0.89471 * temp30C - 0.14373 * humidityMax30Pct
  const logit2 = 20.3595 - 0.91093 * temp30C - 0.2924 * nightHumidH
  return finite((logistic(day) + logistic(logit2)) / 2, { temp30C, humidityMax30Pct, nightHumidH })
}

const logistic = (logit: number): number => 1 / (1 + Math.exp(-logit))

const DAYS = 30
const NIGHTS = 14
const MIN_SHARE = 0.8 // of the days: WMO-8's share for a mean

export interface TarSpotParams {
  moderatePct: number
  highPct: number
}

export const tarSpot: Model<TarSpotParams> = {
  unit: '%',
  needsLeafWetness: false,
  daysBack: DAYS - 1,
  figures(day) {
    const hours = civilDay(day)
    const night = hoursEndingAt(day, 7).filter(({ hour }) => hour >= 20 || hour < 7)
    const missing = missingOf(hours, ['temperature', 'humidity']) ?? missingOf(night, ['humidity'])
    if (missing) return missing
    return {
      tempC: hundredths(mean(hours.map((hour) => hour.tempC!))),
      humidityMaxPct: Math.max(...hours.map((hour) => hour.humidityPct!)),
      nightHumidH: night.filter((hour) => hour.humidityPct! >= 90).length,
    }
  },
  assess(today, { days }, { moderatePct, highPct }) {
    const knownDays = [...days, today].filter((day) => day !== null)
    const meanOf = (key: string, count: number) => mean(knownDays.slice(-count).map((day) => day[key]!))
    const chance = tarSpotProbability({
      temp30C: meanOf('tempC', DAYS),
      humidityMax30Pct: meanOf('humidityMaxPct', DAYS),
      nightHumidH: meanOf('nightHumidH', NIGHTS),
    })
    const percent = Math.round(100 * chance)
    const isEnough = knownDays.length >= MIN_SHARE * DAYS
    return {
      level: isEnough ? levelFrom(moderatePct, highPct)(percent) : null,
      value: isEnough ? percent : null,
      key: 'tar-spot-chance',
      params: { unknownDays: DAYS - knownDays.length },
    }
  },
}
