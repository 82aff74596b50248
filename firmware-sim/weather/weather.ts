/**
 * The true weather of one place at any instant, from daily weather. The curves match the day: temperature reaches its
 * minimum and maximum, radiation and rain its total, wind its mean.
 */
import { dayOf, type AtMs, type Day } from '../../broker/contract/time.ts'
import {
  dayWeather,
  fraction,
  buildProfile,
  rainUntil,
  sunUntil,
  tempAt,
  windFactor,
  windRun,
  type Profile,
} from './day-profile.ts'
import { random } from '../random.ts'
import { sinElevation } from './sun.ts'
import type { DayWeather, Site, WeatherSource } from './weather-types.ts'

/** The air at an instant. */
export interface Air {
  tempC: number
  humidityPct: number
  dewPointC: number
  windMps: number
  windDirectionDeg: number
  radiationWm2: number
  pressureHPa: number
}

export interface Weather {
  site: Site
  name: string
  firstDay: Day
  lastDay: Day | null
  windHeightM: number
  at(atMs: AtMs): Air
  /** Means over an interval, as in a station's logger. */
  mean(fromMs: AtMs, toMs: AtMs): { windMps: number; radiationWm2: number }
  /** mm that fell in an interval. */
  rainMm(fromMs: AtMs, toMs: AtMs): number
  /** The source's own day. RangeError outside its days. */
  day(day: Day): DayWeather
  /** Clearness of the day's sky, 0 (overcast) to 1 (clear). */
  clearness(atMs: AtMs): number
}

const KELVIN = 273.15

/**
 * Days are calculated when first used and kept, the same for the same seed. RangeError for an instant outside the
 * days of `source`.
 */
export function weatherAt(source: WeatherSource, site: Site, seed: string): Weather {
  const profiles = new Map<Day, Profile>()
  let last: Profile | null = null

  function profileAt(atMs: AtMs): Profile {
    if (last && atMs >= last.startMs && atMs < last.endMs) return last
    const day = dayOf(atMs, site.timeZone)
    let profile = profiles.get(day)
    if (!profile) {
      if (profiles.size > 800) profiles.clear()
      profiles.set(day, (profile = buildProfile(source, site, seed, day)))
    }
    return (last = profile)
  }

  /** Sums a quantity over the days of an interval. */
  function sumDays(fromMs: AtMs, toMs: AtMs, part: (p: Profile, from: AtMs, to: AtMs) => number): number {
    let sum = 0
    for (let from = fromMs; from < toMs;) {
      const profile = profileAt(from)
      const to = Math.min(toMs, profile.endMs)
      sum += part(profile, from, to)
      from = to
    }
    return sum
  }

  return {
    site,
    name: source.name,
    firstDay: source.firstDay,
    lastDay: source.lastDay,
    windHeightM: source.windHeightM,
    at(atMs) {
      const profile = profileAt(atMs)
      const { dewPointC, windMps } = profile.weather
      const tempC = tempAt(profile, atMs)
      const directionOffset = random(`${seed}/wind/${profile.weather.day}`).next() * 360
      return {
        tempC,
        dewPointC,
        humidityPct: Math.min(100, (100 * saturationKPa(dewPointC)) / saturationKPa(tempC)),
        windMps: windMps * windFactor(fraction(profile, atMs)),
        // veers by a quarter turn through the day
        windDirectionDeg: (directionOffset + 90 * fraction(profile, atMs)) % 360,
        radiationWm2: profile.sunScale * Math.max(0, sinElevation(atMs, site.latDeg, site.lonDeg)),
        pressureHPa:
          1013 * (1 - (0.0065 * site.elevationM) / 293) ** 5.26 + 4 * Math.sin(directionOffset + atMs / 3e8),
      }
    },
    mean(fromMs, toMs) {
      if (!(toMs > fromMs)) {
        const { windMps, radiationWm2 } = this.at(fromMs)
        return { windMps, radiationWm2 }
      }
      return {
        windMps: sumDays(fromMs, toMs, windRun) / (toMs - fromMs),
        radiationWm2:
          (sumDays(fromMs, toMs, (p, a, b) => sunUntil(p, b) - sunUntil(p, a)) * 1000) / (toMs - fromMs),
      }
    },
    rainMm: (fromMs, toMs) => sumDays(fromMs, toMs, (p, a, b) => rainUntil(p, b) - rainUntil(p, a)),
    day: (day) => dayWeather(source, day),
    clearness(atMs) {
      const { weather, topMJm2 } = profileAt(atMs)
      // a clear sky transmits three quarters of the extraterrestrial radiation (Angstrom coefficients of FAO-56)
      return topMJm2 > 0.5 ? Math.min(1, weather.radiationMJm2 / (0.75 * topMJm2)) : 0.5
    },
  }
}

/** Saturation vapour pressure over water, kPa (Tetens; Murray 1967). */
export const saturationKPa = (tempC: number): number => 0.6108 * Math.exp((17.27 * tempC) / (tempC + 237.3))

/** Wind at 2 m from another height over short vegetation, log profile. m/s. */
export const windAt2m = (windMps: number, heightM: number): number =>
  (windMps * Math.log((2 - 0.08) / 0.015)) / Math.log((heightM - 0.08) / 0.015)

/** Air temperature in K. */
export const kelvin = (tempC: number): number => tempC + KELVIN
