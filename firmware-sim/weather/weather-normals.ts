/**
 * Endless weather from monthly normals and a seed: wet and dry spells by a two-state Markov chain (Richardson 1981),
 * autocorrelated temperature around its normal, typhoons in their season. Each day depends on the days before it, so
 * the source has a first day, and the same seed gives the same years.
 */
import { addDays, dayOfYear, daysBetween, type Day } from '../../broker/contract/time.ts'
import { random, type Random } from '../random.ts'
import type { DayWeather, Site, WeatherSource } from './weather-types.ts'

/** Twelve values, January to December, valid in the middle of their months. Wind at 2 m. */
type Monthly = readonly number[]

interface Normals {
  site: Site
  tempMaxC: Monthly
  tempMinC: Monthly
  dewPointC: Monthly
  radiationMJm2: Monthly
  windMps: Monthly
  /** share of days with rain, and mm on such a day */
  wetShare: Monthly
  wetDayMm: Monthly
  /** persistence of a spell: correlation from one day to the next */
  spell: number
  /** the rainy season, when every second day is wet or more */
  rainySeason: { fromDayOfYear: number; toDayOfYear: number; wetShare: number } | null
  /** probability of a typhoon on a day, August to October */
  typhoonPerDay: number
}

export const normals: Record<string, Normals> = {
  // like the plains of Niigata: snow-grey winter, rainy season from mid June, hot August, typhoons to October
  'rice-plain': {
    site: { latDeg: 37.9, lonDeg: 139.0, elevationM: 5, timeZone: 'Asia/Tokyo' },
    tempMaxC: [5.5, 6.3, 10.4, 16.4, 21.4, 25.2, 28.9, 31.0, 26.7, 20.7, 14.4, 8.5],
    tempMinC: [-0.3, -0.3, 2.0, 6.9, 12.6, 17.7, 21.9, 23.3, 19.2, 12.6, 6.7, 2.1],
    dewPointC: [-1.5, -1.3, 0.6, 5.5, 11.6, 17.0, 21.6, 22.4, 18.0, 11.7, 5.6, 0.8],
    radiationMJm2: [5.3, 8.1, 12.0, 16.2, 18.6, 17.7, 17.2, 18.4, 13.5, 10.2, 6.5, 4.8],
    windMps: [3.0, 2.9, 2.7, 2.6, 2.3, 2.0, 1.9, 2.0, 2.1, 2.2, 2.5, 2.9],
    wetShare: [0.72, 0.62, 0.52, 0.36, 0.3, 0.33, 0.42, 0.28, 0.38, 0.42, 0.55, 0.7],
    wetDayMm: [8, 6.5, 7, 8, 9, 12, 15, 17, 13.5, 12, 12, 10],
    spell: 0.32,
    rainySeason: { fromDayOfYear: 163, toDayOfYear: 203, wetShare: 0.55 },
    typhoonPerDay: 0.007,
  },
  // like the plains of western Kansas: cold dry winter, thunderstorms in early summer, drought from July on
  'semi-arid-plain': {
    site: { latDeg: 38.5, lonDeg: -100.9, elevationM: 880, timeZone: 'America/Chicago' },
    tempMaxC: [7.0, 9.2, 14.5, 19.6, 24.7, 30.6, 33.6, 32.3, 28.0, 21.0, 13.4, 7.3],
    tempMinC: [-9.0, -7.5, -2.9, 2.3, 8.6, 14.5, 17.2, 16.3, 11.1, 3.6, -3.4, -8.2],
    dewPointC: [-8.8, -7.6, -4.4, 0.6, 7.6, 12.2, 14.0, 13.6, 9.0, 2.4, -4.0, -8.0],
    radiationMJm2: [10.0, 12.8, 17.0, 20.8, 23.2, 26.2, 25.8, 23.0, 19.0, 14.6, 10.8, 9.0],
    windMps: [3.7, 3.9, 4.4, 4.7, 4.3, 4.1, 3.7, 3.4, 3.6, 3.7, 3.7, 3.6],
    wetShare: [0.11, 0.13, 0.18, 0.22, 0.29, 0.27, 0.25, 0.24, 0.17, 0.14, 0.11, 0.11],
    wetDayMm: [3.5, 4, 6, 6.5, 8.5, 9.5, 9.5, 8.5, 7.5, 8, 5, 4.5],
    spell: 0.25,
    rainySeason: null,
    typhoonPerDay: 0,
  },
}

/** Weather of a named place of `normals` from `firstDay` on. RangeError for an unknown name. */
export function weatherFromNormals(name: string, firstDay: Day, seed: string): WeatherSource {
  const place = normals[name]
  if (!place)
    throw new RangeError(
      `normals must be one of ${Object.keys(normals).join(', ')}, got ${name.slice(0, 60)}`,
    )
  const days: DayWeather[] = []
  const chance = random(`${seed}/normals/${name}`)
  const memory: Memory = { isWet: false, warmthC: 0, typhoonDaysLeft: 0 }
  return {
    name: `normals:${name}`,
    windHeightM: 2,
    firstDay,
    lastDay: null,
    day(day) {
      const index = daysBetween(firstDay, day)
      if (index < 0) return undefined
      while (days.length <= index) days.push(nextDay(addDays(firstDay, days.length), place, memory, chance))
      return days[index]
    },
  }
}

type Memory = { isWet: boolean; warmthC: number; typhoonDaysLeft: number }

function nextDay(day: Day, place: Normals, memory: Memory, chance: Random): DayWeather {
  const ofYear = dayOfYear(day)
  const monthlyValue = (monthly: Monthly) => midMonth(monthly, ofYear)
  const season = place.rainySeason
  const isRainySeason = season !== null && ofYear >= season.fromDayOfYear && ofYear <= season.toDayOfYear
  const wetShare = isRainySeason ? season.wetShare : monthlyValue(place.wetShare)

  // the chain keeps `wetShare` in the long run, whatever the length of its spells
  const wetChance = wetShare * (1 - place.spell) + (memory.isWet ? place.spell : 0)
  const typhoon = ofYear >= 220 && ofYear <= 295 && chance.next() < place.typhoonPerDay
  if (typhoon) memory.typhoonDaysLeft = 2
  const isTyphoon = memory.typhoonDaysLeft > 0
  memory.typhoonDaysLeft = Math.max(0, memory.typhoonDaysLeft - 1)
  memory.isWet = chance.next() < wetChance || isTyphoon
  memory.warmthC = 0.65 * memory.warmthC + chance.normal() * 1.8

  // clouds: a wet day has less than half the light of a dry one; both together keep the month's normal
  const light = (memory.isWet ? 0.45 : 1) / (1 - 0.55 * wetShare)
  const radiationMJm2 = monthlyValue(place.radiationMJm2) * light * Math.exp(chance.normal() * 0.12 - 0.007)
  const range = monthlyValue(place.tempMaxC) - monthlyValue(place.tempMinC)
  const meanC = (monthlyValue(place.tempMaxC) + monthlyValue(place.tempMinC)) / 2 + memory.warmthC
  const halfRange = (range / 2) * (0.55 + 0.45 * Math.min(1.5, light))
  const tempMinC = meanC - halfRange
  const dewPointC = Math.min(
    monthlyValue(place.dewPointC) +
      0.6 * memory.warmthC +
      (memory.isWet ? 1.2 : -0.6) +
      chance.normal() * 1.2,
    meanC - 0.3,
  )
  const gust = isTyphoon ? 3.2 : Math.exp(chance.normal() * 0.3 - 0.045)
  const heavy = isTyphoon ? 35 + chance.gamma(2, 22) : 0
  return {
    day,
    tempMinC: roundTo(tempMinC, 1),
    tempMaxC: roundTo(meanC + halfRange, 1),
    dewPointC: roundTo(dewPointC, 1),
    windMps: roundTo(monthlyValue(place.windMps) * gust, 1),
    radiationMJm2: roundTo(radiationMJm2, 2),
    // at least half a millimetre: less is not recorded by a gauge
    rainMm: memory.isWet
      ? roundTo(0.5 + heavy + chance.gamma(0.7, (monthlyValue(place.wetDayMm) - 0.5) / 0.7), 1)
      : 0,
    et0Mm: null,
  }
}

/** Linear interpolation between the middles of the months. */
function midMonth(monthly: Monthly, ofYear: number): number {
  const position = (ofYear - 15.2) / 30.44
  const i = Math.floor(position)
  const share = position - i
  return monthly[(i + 12) % 12]! * (1 - share) + monthly[(i + 13) % 12]! * share
}

const roundTo = (x: number, decimals: number): number => Number(x.toFixed(decimals))
