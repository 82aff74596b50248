/**
 * Weather of the closed loop: wet and dry days by a Markov chain and gamma depths (Richardson 1981), autocorrelated
 * temperatures, wetter or warmer years, and ET0 by Hargreaves and Samani (1985) scaled to the month's normal. The
 * same seed gives the same years.
 */
import { addDays, dayOfYear, type Day } from '../../broker/contract/time.ts'
import { random } from '../../firmware-sim/random.ts'
import { tenth } from '../../services/runtime/math.ts'
import type { TrueDay } from './field.ts'

/** January to December. */
export type Monthly = readonly [
  number, number, number, number, number, number, number, number, number, number, number, number,
] // prettier-ignore

export interface Normals {
  latDeg: number
  tMinC: Monthly
  tMaxC: Monthly
  et0Mm: Monthly
  /** probability of rain after a dry day, and after a wet one */
  wetAfterDry: Monthly
  wetAfterWet: Monthly
  /** mm on a wet day, and the shape of their gamma distribution */
  wetDayMm: Monthly
  wetDayShape: Monthly
  /** standard deviation of a day's temperature around its normal, °C; reduction of the maximum on a wet day */
  dayC: number
  wetCoolerC: number
  /** standard deviation of a year's temperature, °C, and of the logarithm of its rain */
  yearC: number
  yearRain: number
}

export interface WeatherDay extends TrueDay {
  day: Day
}

const MEMORY = 0.65
/** of a day's ET0 around that by its temperatures: wind and dry air */
const ET0_SPREAD = 0.12
const CLOUDY = 0.85
const TRACE_MM = 0.3

/** `count` days from `firstDay`. */
export function weatherFrom(normals: Normals, firstDay: Day, count: number, seed: string): WeatherDay[] {
  const years = new Map<string, { warmC: number; rain: number }>()
  const chance = random(`${seed}/days`)
  let isWet = false
  let warmC = 0
  return Array.from({ length: count }, (_, i) => {
    const day = addDays(firstDay, i)
    const month = Number(day.slice(5, 7)) - 1
    const doy = dayOfYear(day)
    const year = yearOf(years, normals, day.slice(0, 4), seed)
    const wetChance = (isWet ? normals.wetAfterWet : normals.wetAfterDry)[month]!
    isWet = chance.next() < wetChance * Math.sqrt(year.rain)
    const shape = normals.wetDayShape[month]!
    const depth = chance.gamma(shape, (normals.wetDayMm[month]! * Math.sqrt(year.rain)) / shape)
    warmC = MEMORY * warmC + Math.sqrt(1 - MEMORY ** 2) * normals.dayC * chance.normal()
    // the normal is of all days: dry days are warmer by the reduction on wet ones
    const cloudC = normals.wetCoolerC * ((isWet ? 1 : 0) - wetShare(normals, month))
    const tMaxC = midMonth(normals.tMaxC, doy) + year.warmC + warmC - cloudC
    const tMinC = Math.min(
      tMaxC - 1.5,
      midMonth(normals.tMinC, doy) + year.warmC + 0.7 * warmC + chance.normal(),
    )
    const air = Math.exp(ET0_SPREAD * chance.normal() - ET0_SPREAD ** 2 / 2)
    const sky = isWet ? CLOUDY : 1
    const meanLight = 1 - (1 - CLOUDY) * wetShare(normals, month)
    const et0Mm = (et0Of(normals, doy, tMinC, tMaxC) * air * sky) / meanLight
    const rainMm = isWet ? Math.max(TRACE_MM, depth) : 0
    return { day, tMinC: tenth(tMinC), tMaxC: tenth(tMaxC), rainMm: tenth(rainMm), et0Mm: tenth(et0Mm) }
  })
}

/** Stationary share of wet days of the chain. */
function wetShare({ wetAfterDry, wetAfterWet }: Normals, month: number): number {
  return wetAfterDry[month]! / (1 - wetAfterWet[month]! + wetAfterDry[month]!)
}

function yearOf(
  years: Map<string, { warmC: number; rain: number }>,
  normals: Normals,
  year: string,
  seed: string,
): { warmC: number; rain: number } {
  const cached = years.get(year)
  if (cached) return cached
  const chance = random(`${seed}/year/${year}`)
  const rain = Math.exp(normals.yearRain * chance.normal() - normals.yearRain ** 2 / 2)
  const yearDraw = { warmC: normals.yearC * chance.normal(), rain }
  years.set(year, yearDraw)
  return yearDraw
}

function et0Of(normals: Normals, doy: number, tMinC: number, tMaxC: number): number {
  const usualEt0 = hargreaves(normals.latDeg, doy, midMonth(normals.tMinC, doy), midMonth(normals.tMaxC, doy))
  const now = hargreaves(normals.latDeg, doy, tMinC, tMaxC)
  return Math.max(0.2, (midMonth(normals.et0Mm, doy) * now) / Math.max(0.2, usualEt0))
}

/** Hargreaves and Samani (1985): 0.0023 Ra (T + 17.8) √ΔT, Ra in mm/d. */
function hargreaves(latDeg: number, doy: number, tMinC: number, tMaxC: number): number {
  const mean = (tMinC + tMaxC) / 2
  return 0.0023 * topMmD(latDeg, doy) * Math.max(1, mean + 17.8) * Math.sqrt(Math.max(1, tMaxC - tMinC))
}

/** Extraterrestrial radiation as water equivalent, mm/d (Spencer 1971 for the sun's position). */
function topMmD(latDeg: number, doy: number): number {
  const angle = (2 * Math.PI * (doy - 1)) / 365
  const declination =
    0.006918 - 0.399912 * Math.cos(angle) + 0.070257 * Math.sin(angle) - 0.006758 * Math.cos(2 * angle)
  const distance = 1.00011 + 0.034221 * Math.cos(angle) + 0.00128 * Math.sin(angle)
  const lat = (latDeg * Math.PI) / 180
  const sunset = Math.acos(Math.min(1, Math.max(-1, -Math.tan(lat) * Math.tan(declination))))
  const share =
    sunset * Math.sin(lat) * Math.sin(declination) + Math.cos(lat) * Math.cos(declination) * Math.sin(sunset)
  return ((118.1 / Math.PI) * distance * share) / 2.45
}

/**
 * Linear between the middles of months, with the normals as monthly means: without a correction the lines would
 * flatten summer.
 */
function midMonth(monthly: Monthly, doy: number): number {
  const position = (doy - 15.5) / 30.4375
  const lowerIndex = Math.floor(position)
  const share = position - lowerIndex
  return sharpened(monthly, lowerIndex) * (1 - share) + sharpened(monthly, lowerIndex + 1) * share
}

function sharpened(monthly: Monthly, month: number): number {
  const valueOf = (i: number) => monthly[(i + 24) % 12]!
  return valueOf(month) + (2 * valueOf(month) - valueOf(month - 1) - valueOf(month + 1)) / 8
}
