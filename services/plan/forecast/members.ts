/**
 * A forecast as an ensemble: `count` equally likely weather courses, for a decision that weighs them. The
 * quantiles of each day are spread evenly over the members, so that a few are representative. The order depends
 * on the seed and the day alone, so that a small change of the forecast changes each member little. Pure.
 */
import { dayOf, daysBetween, type Day } from '../../../broker/contract/time.ts'
import type { ForecastResponse } from '../../ports/forecast.ts'
import { rainAtShare } from './rain-spread.ts'
import { skillAt, type ForecastSkill } from './skill.ts'

interface MemberDay {
  day: Day
  rainMm: number
  et0Mm: number | null
  tempMinC: number
  tempMaxC: number
}
export type WeatherCourse = MemberDay[]

const COUNT = 25
// of a day's ET0 where its source has no record yet: Maricopa, mean of a week, one to seven days ahead
// 1.00-1.14 mm/d
const ET0_SD_MM = 1
const TEMP_SD_C = 2
// half of the error of a day's ET0 and temperatures persists over the days ahead (a warm spell). Unconfirmed
const PERSISTENT_SHARE = Math.SQRT1_2
const MAE_TO_SD = Math.sqrt(Math.PI / 2) // of a normal distribution

/**
 * `forecast`: the corrected forecast (farm-forecasts.ts); `skill` widens ET0 and temperatures by the error of that
 * source. The same seed and forecast give the same members.
 */
export function drawMembers(
  forecast: ForecastResponse,
  skill: ForecastSkill | null,
  { seed, timeZone, count = COUNT }: { seed: number; timeZone: string; count?: number },
): WeatherCourse[] {
  const issuedDay = dayOf(forecast.issuedMs, timeZone)
  const lasting = shuffled(count, seed, 'lasting').map(normalAt)
  const courses: WeatherCourse[] = Array.from({ length: count }, () => [])
  for (const day of forecast.days) {
    const record = skillAt(skill?.source === forecast.source ? skill : null, daysBetween(issuedDay, day.day))
    const rain = shuffled(count, seed, `${day.day} rain`)
    const daily = shuffled(count, seed, `${day.day} heat`).map(normalAt)
    const et0SdMm = sdOf(record?.et0Mm, ET0_SD_MM)
    const tempSdC = sdOf(record?.tempMaxC, TEMP_SD_C)
    courses.forEach((member, i) => {
      const warmth = PERSISTENT_SHARE * lasting[i]! + Math.sqrt(1 - PERSISTENT_SHARE ** 2) * daily[i]!
      member.push({
        day: day.day,
        rainMm: rainAtShare(day, rain[i]!),
        et0Mm: day.et0Mm === null ? null : Math.max(0, day.et0Mm + et0SdMm * warmth),
        tempMinC: day.tempMinC + tempSdC * warmth,
        tempMaxC: day.tempMaxC + tempSdC * warmth,
      })
    })
  }
  return courses
}

const MIN_DAYS = 10
const sdOf = (error: { days: number; mae: number | null } | undefined, defaultSd: number): number =>
  error && error.mae !== null && error.days >= MIN_DAYS ? MAE_TO_SD * error.mae : defaultSd

/** The middles of `count` equal shares of 0-1, in a separate order for each seed and label. */
function shuffled(count: number, seed: number, label: string): number[] {
  const draw = createRandom(hashText(`${seed} ${label}`))
  const shares = Array.from({ length: count }, (_, i) => (i + 0.5) / count)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1))
    ;[shares[i], shares[j]] = [shares[j]!, shares[i]!]
  }
  return shares
}

/**
 * FNV-1a of 32 bits, mixed once more (the end of MurmurHash3), so that similar labels draw different numbers.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Numbers from 0 to below 1: xorshift32 (Marsaglia 2003), never from 0. */
export function createRandom(seed: number): () => number {
  let x = seed || 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

/** The standard normal deviate that a share stays below (Abramowitz & Stegun 26.2.23, within 0.00045). */
function normalAt(share: number): number {
  const tail = Math.min(share, 1 - share)
  const t = Math.sqrt(-2 * Math.log(tail))
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) /
      (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t)
  return share < 0.5 ? -z : z
}
