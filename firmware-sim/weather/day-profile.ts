/**
 * One civil day of weather as curves over time: temperature through the day's minimum and maximum, the sun's running
 * total, the showers. `weather.ts` reads its values from here.
 */
import { addDays, HOUR_MS, startOfDay, type AtMs, type Day } from '../../broker/contract/time.ts'
import { random } from '../random.ts'
import { sinElevation, SOLAR_CONSTANT_WM2 } from './sun.ts'
import type { DayWeather, Site, WeatherSource } from './weather-types.ts'

type Storm = { fromMs: AtMs; toMs: AtMs; mm: number }

export type Profile = {
  weather: DayWeather
  startMs: AtMs
  endMs: AtMs
  temp: [atMs: AtMs, tempC: number][] // midnight, minimum, maximum, midnight
  sunJm2: Float64Array // running total at each node
  sunScale: number // W/m2 per unit of sin(elevation)
  topMJm2: number // extraterrestrial radiation
  storms: Storm[]
}

const NODE_MS = 600_000
const WARMEST_HOUR = 15
const WIND_SWING = 0.5

/** Extraterrestrial radiation of a civil day, MJ/m2, by numerical integration. */
export function topRadiationMJm2(day: Day, site: Site): number {
  const startMs = startOfDay(day, site.timeZone)
  return integrateSun(startMs, startOfDay(addDays(day, 1), site.timeZone), site).topMJm2
}

/** The weather of a day from the source. RangeError outside its days. */
export function dayWeather(source: WeatherSource, day: Day): DayWeather {
  const weather = source.day(day)
  if (!weather)
    throw new RangeError(
      `${source.name} has no weather for ${day}: it covers ${source.firstDay} to ${source.lastDay ?? 'ever'}`,
    )
  return weather
}

/** Builds the curves of a day; `seed` places its showers. */
export function buildProfile(source: WeatherSource, site: Site, seed: string, day: Day): Profile {
  const weather = dayWeather(source, day)
  const startMs = startOfDay(day, site.timeZone)
  const endMs = startOfDay(addDays(day, 1), site.timeZone)
  const { sums, topMJm2, riseMs } = integrateSun(startMs, endMs, site)
  const totalShape = sums.at(-1)!
  const totalJm2 = weather.radiationMJm2 * 1e6
  const sunScale = totalShape > 0 ? totalJm2 / totalShape : 0
  const lengthMs = endMs - startMs
  // on whole hours, so that an hourly logger sees the extremes
  const coldestHour = Math.min(9, Math.max(3, Math.round((riseMs - startMs) / HOUR_MS)))
  return {
    weather,
    startMs,
    endMs,
    temp: [
      [startMs, midnightC(source.day(addDays(day, -1)), weather, weather)],
      [startMs + (coldestHour / 24) * lengthMs, weather.tempMinC],
      [startMs + (WARMEST_HOUR / 24) * lengthMs, weather.tempMaxC],
      [endMs, midnightC(weather, source.day(addDays(day, 1)), weather)],
    ],
    // when the sun does not rise, the small amount is spread evenly
    sunJm2: sums.map((sum, i) => (totalShape > 0 ? sum * sunScale : (totalJm2 * i) / (sums.length - 1))),
    sunScale,
    topMJm2,
    storms: buildStorms(weather, startMs, seed),
  }
}

function integrateSun(startMs: AtMs, endMs: AtMs, { latDeg, lonDeg }: Site) {
  const nodes = Math.round((endMs - startMs) / NODE_MS)
  const sums = new Float64Array(nodes + 1)
  let riseMs = startMs + 6 * HOUR_MS
  let previousSin = Math.max(0, sinElevation(startMs, latDeg, lonDeg))
  for (let i = 1; i <= nodes; i++) {
    const now = Math.max(0, sinElevation(startMs + i * NODE_MS, latDeg, lonDeg))
    if (previousSin === 0 && now > 0) riseMs = startMs + i * NODE_MS
    sums[i] = sums[i - 1]! + ((previousSin + now) / 2) * (NODE_MS / 1000)
    previousSin = now
  }
  return { sums, riseMs, topMJm2: (sums[nodes]! * SOLAR_CONSTANT_WM2) / 1e6 }
}

/**
 * Temperature at the midnight between two days, within the range of `today`, so that its extremes stay the extremes.
 */
function midnightC(a: DayWeather | undefined, b: DayWeather | undefined, today: DayWeather): number {
  const [evening, morning] = [a ?? today, b ?? today]
  const guess = morning.tempMinC + 0.35 * (evening.tempMaxC - morning.tempMinC)
  const low = Math.max(evening.tempMinC, morning.tempMinC)
  const high = Math.min(evening.tempMaxC, morning.tempMaxC)
  const shared = low <= high ? clamp(guess, low, high) : guess
  return clamp(shared, today.tempMinC, today.tempMaxC)
}

/** °C; half cosines between midnight, the minimum, the maximum and midnight. */
export function tempAt({ temp }: Profile, atMs: AtMs): number {
  let i = 1
  while (i < 3 && atMs > temp[i]![0]) i++
  const [fromMs, fromC] = temp[i - 1]!
  const [toMs, toC] = temp[i]!
  const share = clamp((atMs - fromMs) / (toMs - fromMs), 0, 1)
  return fromC + ((toC - fromC) * (1 - Math.cos(Math.PI * share))) / 2
}

/** A day's rain as one to three showers that add up to its total and end by 23:00, so that they count for this day. */
function buildStorms({ rainMm, day }: DayWeather, startMs: AtMs, seed: string): Storm[] {
  if (!(rainMm > 0)) return []
  const chance = random(`${seed}/rain/${day}`)
  const count = rainMm < 4 ? 1 : 1 + Math.floor(chance.next() * 3)
  const weights = Array.from({ length: count }, () => 0.3 + chance.next())
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => {
    const mm = (rainMm * weight) / total
    const mmPerHour = 1.5 + chance.gamma(1.5, 4) + mm / 8
    const lengthH = clamp(mm / mmPerHour, 0.2, 20)
    const fromH = chance.next() * (23 - lengthH)
    return { mm, fromMs: startMs + fromH * HOUR_MS, toMs: startMs + (fromH + lengthH) * HOUR_MS }
  })
}

/** 0 at the start of the day, 1 at its end; outside the day below 0 or above 1. */
export const fraction = ({ startMs, endMs }: Profile, atMs: AtMs): number =>
  (atMs - startMs) / (endMs - startMs)
const windPhase = (share: number): number => 2 * Math.PI * (share - WARMEST_HOUR / 24)
/** Multiple of the day's mean wind at a fraction of the day: 1.5 at 15:00, 0.5 at 03:00. */
export const windFactor = (share: number): number => 1 + WIND_SWING * Math.cos(windPhase(share))

/** m/s x ms over a part of the day: the integral of `windFactor`, which is 1 over the whole day. */
export function windRun(profile: Profile, fromMs: AtMs, toMs: AtMs): number {
  const run = (share: number) => share + (WIND_SWING * Math.sin(windPhase(share))) / (2 * Math.PI)
  const lengthMs = profile.endMs - profile.startMs
  return profile.weather.windMps * lengthMs * (run(fraction(profile, toMs)) - run(fraction(profile, fromMs)))
}

/** Radiation from the start of the day to an instant within it, J/m²; linear between nodes of ten minutes. */
export function sunUntil({ startMs, sunJm2 }: Profile, atMs: AtMs): number {
  const position = (atMs - startMs) / NODE_MS
  const i = Math.min(Math.floor(position), sunJm2.length - 2)
  return sunJm2[i]! + (sunJm2[i + 1]! - sunJm2[i]!) * (position - i)
}

/** A shower swells and fades: its running total is a half cosine. */
export function rainUntil({ storms }: Profile, atMs: AtMs): number {
  let mm = 0
  for (const storm of storms) {
    const share = clamp((atMs - storm.fromMs) / (storm.toMs - storm.fromMs), 0, 1)
    mm += (storm.mm * (1 - Math.cos(Math.PI * share))) / 2
  }
  return mm
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))
