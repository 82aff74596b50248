/**
 * Imperfect observations of a farm: sensors with errors, a gauge with a bias, failing runs, losses of water, a
 * forecast whose skill decreases with lead time. All drawn once a season, so that every policy has the same
 * conditions.
 */
import type { Day } from '../../broker/contract/time.ts'
import { random, type Random } from '../../firmware-sim/random.ts'
import { tenth } from '../../services/runtime/math.ts'
import type { WeatherDay } from './weather.ts'

export interface ForecastDay {
  day: Day
  tMinC: number
  tMaxC: number
  rainMm: number
}

/** A lasting fault of the farm's equipment. */
export const faults = ['wet-probes', 'dry-probes', 'drifting-probes', 'silent-probes', 'no-meter'] as const
export type Fault = (typeof faults)[number]

/** The random errors of one season. */
export interface Imperfections {
  /** share of the metered water that reaches the soil */
  efficiency: number
  /** by day of the season: the run of this day does not start */
  isFailing: readonly boolean[]
  /** measurements of gauge and station */
  measured: readonly WeatherDay[]
  /** per sensor and day: error added to the truth, m3/m3; null: no reading */
  sensorErrors: readonly (readonly (number | null)[])[]
  /** issued on the evening of each day for the days after it */
  forecasts: readonly (readonly ForecastDay[])[]
  fault: Fault | null
  /** noise of a probe that no longer follows the soil, m3/m3, by day */
  faultNoise: readonly number[]
}

export const SENSOR_DEPTHS_M = [0.2, 0.5] as const
const LEAD_D = 7
const FAILING = 0.05
const MISSING = 0.04
const BIAS_SD = 0.02
const NOISE_SD = 0.006
/**
 * probability that the forecast of this lead time has the actual rain; otherwise it has that of another day of the
 * season
 */
const skillAt = (lead: number): number => 0.85 - 0.09 * (lead - 1)

export function drawImperfections(
  days: readonly WeatherDay[],
  seed: string,
  fault: Fault | null = null,
): Imperfections {
  const chance = random(`${seed}/luck`)
  const efficiency = 0.75 + 0.15 * chance.next()
  const gauge = Math.exp(0.08 * chance.normal() - 0.04)
  const station = Math.exp(0.05 * chance.normal())
  const biases = SENSOR_DEPTHS_M.map(() => BIAS_SD * chance.normal())
  const measured = days.map((day) => ({
    ...day,
    tMinC: tenth(day.tMinC + 0.5 * chance.normal()),
    tMaxC: tenth(day.tMaxC + 0.5 * chance.normal()),
    rainMm: tenth(day.rainMm * gauge * Math.exp(0.1 * chance.normal())),
    et0Mm: tenth(Math.max(0.1, day.et0Mm * station * (1 + 0.06 * chance.normal()))),
  }))
  return {
    efficiency,
    isFailing: days.map(() => chance.next() < FAILING),
    measured,
    sensorErrors: biases.map((bias) => sensorErrors(days.length, bias, chance)),
    forecasts: days.map((_, i) => forecastAfter(days, i, random(`${seed}/forecast/${i}`))),
    fault,
    faultNoise: noise(days.length, random(`${seed}/fault`)),
  }
}

const noise = (count: number, chance: Random): number[] =>
  Array.from({ length: count }, () => FAULT_NOISE_SD * chance.normal())

/** The first day of a fault of the probes: the crop is up, and the field has dried once. */
export const FAULT_FROM = 25
const FAULT_NOISE_SD = 0.004
/** m3/m3 a day */
const DRIFT = 0.0015
/** from field capacity, and from the wilting point, m3/m3 */
const LIE = 0.01

/** What the fault makes of a reading on a day of the season; null: no reading. */
export function faultyReading(
  { fault, faultNoise }: Imperfections,
  i: number,
  reading: number | null,
  { fieldCapacity, wiltingPoint }: { fieldCapacity: number; wiltingPoint: number },
): number | null {
  if (fault === null || fault === 'no-meter' || i < FAULT_FROM || reading === null) return reading
  switch (fault) {
    case 'wet-probes':
      return fieldCapacity - LIE + faultNoise[i]!
    case 'dry-probes':
      return wiltingPoint + LIE + faultNoise[i]!
    case 'drifting-probes':
      return reading + DRIFT * (i - FAULT_FROM)
    case 'silent-probes':
      return null
  }
}

/** Single missing days, and occasional gaps of some days. */
function sensorErrors(count: number, bias: number, chance: Random): (number | null)[] {
  let silentLeft = 0
  return Array.from({ length: count }, () => {
    if (silentLeft > 0) silentLeft--
    else if (chance.next() < MISSING / 4) silentLeft = 1 + Math.floor(7 * chance.next())
    const error = bias + NOISE_SD * chance.normal()
    return silentLeft > 0 || chance.next() < MISSING / 2 ? null : error
  })
}

function forecastAfter(days: readonly WeatherDay[], i: number, chance: Random): ForecastDay[] {
  return days.slice(i + 1, i + 1 + LEAD_D).map((truth, k) => {
    const lead = k + 1
    const otherDay = days[Math.floor(chance.next() * days.length)]!
    const isKnown = chance.next() < skillAt(lead)
    const factor = Math.exp((0.25 + 0.07 * lead) * chance.normal())
    const errorC = (0.8 + 0.3 * lead) * chance.normal()
    return {
      day: truth.day,
      tMinC: tenth(truth.tMinC + errorC),
      tMaxC: tenth(Math.max(truth.tMinC + 1, truth.tMaxC) + errorC),
      rainMm: tenth((isKnown ? truth.rainMm : otherDay.rainMm) * factor),
    }
  })
}
