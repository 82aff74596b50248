/**
 * One season of one field under one policy: the true state advances day by day, the policy receives the observations
 * of a farm.
 */
import { addDays, daysBetween, type Day } from '../../broker/contract/time.ts'
import { random } from '../../firmware-sim/random.ts'
import { sum } from '../../services/runtime/math.ts'
import type { Climate } from './climates.ts'
import { simulateDay, yieldTHa, type Field } from './field.ts'
import {
  drawImperfections,
  FAULT_FROM,
  faultyReading,
  SENSOR_DEPTHS_M,
  type Fault,
  type ForecastDay,
  type Imperfections,
} from './imperfect.ts'
import { rootZone, vwcAt } from './soil.ts'
import { bareField, copyOf, type FieldState } from './state.ts'
import { weatherFrom, type WeatherDay } from './weather.ts'

/** Limits of the system, known to the policies. */
export const LIMITS = { mostMm: 60, leastMm: 5, nominalEfficiency: 0.85 } as const
const MAX_D = 260
/** m3/m3: a farm's guess of the water at sowing */
const START_SD = 0.03
/** Years that are known before sowing: one for a new station, ten for an old one. */
const MOST_HISTORY_YEARS = 10
/** Days that a station loses: single ones, and one gap of weeks. */
const LOST = 0.02
const GAP_D = 50
const EVALUATED_FROM = 2001
const TUNED_FROM = 1971
const TUNING = 10

export interface Season {
  climate: Climate
  field: Field
  sowingDay: Day
  start: FieldState
  /** the farm's estimate of soil water at sowing, m3/m3 */
  reportedStartVwc: number
  days: readonly WeatherDay[]
  imperfections: Imperfections
  history: readonly WeatherDay[]
}

/** The observations of a day, in the evening. */
export interface Observation {
  index: number
  weather: WeatherDay
  /** by sensor, m3/m3 */
  soilMoisture: readonly (number | null)[]
  appliedMm: number | null // at the meter; null: the farm has none
  forecast: readonly ForecastDay[]
}

/** The true state, unknown to a farm; for the policies with a perfect state. */
export interface Truth {
  depletionMm: number
  tawMm: number
  heatCd: number
  isRipe: boolean
}

/** Receives the day that has ended; returns mm at the meter for the next one. */
export type Policy = (observation: Observation, truth: Truth) => number

export interface Outcome {
  /** mm at the meter by day of the season, as applied */
  appliedMm: Float64Array
  yieldTHa: number
  irrigationMm: number
  runs: number
  profit: number
  percolationMm: number
  stressDays: number
  end: FieldState
}

/** A played season. `faultVisibleOn`: the first day on which the fault shows in what the farm sees; null: on none. */
export interface Played extends Outcome {
  faultVisibleOn: number | null
}

export function seasonOf(climate: Climate, year: number, seed: string, fault: Fault | null = null): Season {
  const seasonSeed = `${seed}/${climate.name}/${year}`
  const sowingDay = `${year}-${climate.sowing}`
  const days = climate.record
    ? slice(climate.record, sowingDay, addDays(sowingDay, MAX_D))
    : weatherFrom(climate.normals, sowingDay, MAX_D, seasonSeed)
  const { fieldCapacity, wiltingPoint } = climate.soil
  const chance = random(`${seasonSeed}/start`)
  const share = Math.min(1, Math.max(0.1, climate.startShare + 0.1 * chance.normal()))
  const vwc = wiltingPoint + share * (fieldCapacity - wiltingPoint)
  return {
    climate,
    field: { soil: climate.soil, crop: climate.crop },
    sowingDay,
    start: bareField(vwc, climate.crop.rootMaxM),
    reportedStartVwc: Math.max(0.01, vwc + START_SD * chance.normal()),
    days,
    imperfections: drawImperfections(days, seasonSeed, fault),
    history: historyOf(climate, sowingDay, `${seed}/${climate.name}`),
  }
}

/** Years with a whole season: those that are evaluated, and others for tuning. */
export function yearsOf(
  { record, sowing }: Climate,
  count: number,
): { evaluated: number[]; others: number[] } {
  const years = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)
  if (!record) return { evaluated: years(EVALUATED_FROM, count), others: years(TUNED_FROM, TUNING) }
  const complete = years(Number(record[0]!.day.slice(0, 4)), record.length / 365).filter(
    (year) =>
      `${year}-${sowing}` >= record[0]!.day && addDays(`${year}-${sowing}`, MAX_D - 1) <= record.at(-1)!.day,
  )
  const half = Math.floor(complete.length / 2)
  return { evaluated: complete.slice(half, half + count), others: complete.slice(0, half) }
}

/**
 * Weather of the years before sowing, as a station of the farm has kept it: a year more with each season, from one to ten,
 * with lost days. Of the record, or generated once for a farm.
 */
function historyOf(climate: Climate, sowingDay: Day, seed: string): WeatherDay[] {
  const year = Number(sowingDay.slice(0, 4))
  const years =
    1 + ((((year - EVALUATED_FROM) % MOST_HISTORY_YEARS) + MOST_HISTORY_YEARS) % MOST_HISTORY_YEARS)
  const firstDay = `${year - years}-01-01`
  const days = climate.record
    ? slice(climate.record, firstDay, sowingDay)
    : weatherFrom(climate.normals, firstDay, daysBetween(firstDay, sowingDay), `${seed}/${year}/past`)
  const chance = random(`${seed}/${year}/station`)
  const gapFrom = Math.floor(chance.next() * days.length)
  return days.filter((_, i) => chance.next() >= LOST && (i < gapFrom || i >= gapFrom + GAP_D))
}

const slice = (record: readonly WeatherDay[], fromDay: Day, toDay: Day) =>
  record.filter(({ day }) => day >= fromDay && day < toDay)

/** m3/m3 between a reading and the soil: more than calibration and position explain */
const VISIBLE = 0.08

/** Simulates a policy from sowing to harvest. */
export function runSeason(season: Season, policy: Policy): Played {
  const { climate, field, imperfections: luck } = season
  const state = copyOf(season.start)
  const appliedMm = new Float64Array(season.days.length)
  let wantedMm = 0
  let faultVisibleOn: number | null = null
  for (const [i, day] of season.days.entries()) {
    const mm = luck.isFailing[i] ? 0 : allowed(wantedMm)
    appliedMm[i] = mm
    simulateDay(field, state, day, mm * luck.efficiency)
    if (state.isRipe) break
    const observation = observationOn(season, i, state, mm)
    if (faultVisibleOn === null && isFaultVisible(luck, state, observation, mm)) faultVisibleOn = i
    wantedMm = policy(observation, truthOf(field, state))
  }
  return { ...outcomeOf(climate, field, state, appliedMm), faultVisibleOn }
}

/** Whether the readings of this evening contradict the soil, are all missing, or a run was not measured. */
function isFaultVisible(
  { fault }: Imperfections,
  { theta }: FieldState,
  { index, soilMoisture }: Observation,
  appliedMm: number,
): boolean {
  if (fault === null) return false
  if (fault === 'no-meter') return appliedMm > 0
  if (fault === 'silent-probes') return index >= FAULT_FROM
  return soilMoisture.some(
    (vwc, s) => vwc !== null && Math.abs(vwc - vwcAt(theta, SENSOR_DEPTHS_M[s]!)) >= VISIBLE,
  )
}

/** Dry yield of the season with a soil that is kept near field capacity, t/ha. */
export function unstressedYieldTHa({ days, field, start }: Season): number {
  const state = copyOf(start)
  for (const day of days) {
    const { depletionMm, tawMm } = truthOf(field, state)
    simulateDay(field, state, day, depletionMm > KEPT * tawMm ? depletionMm : 0)
    if (state.isRipe) break
  }
  return yieldTHa(field.crop, state)
}
const KEPT = 0.15

export const allowed = (mm: number): number => (mm < LIMITS.leastMm ? 0 : Math.min(LIMITS.mostMm, mm))

export function outcomeOf(climate: Climate, field: Field, end: FieldState, appliedMm: Float64Array): Outcome {
  const irrigationMm = sum(appliedMm)
  const runs = appliedMm.filter((mm) => mm > 0).length
  const { cropPricePerT, waterCostPerMm, costPerIrrigation } = climate.economics
  const tHa = yieldTHa(field.crop, end)
  return {
    appliedMm,
    yieldTHa: tHa,
    irrigationMm,
    runs,
    profit: cropPricePerT * tHa - waterCostPerMm * irrigationMm - costPerIrrigation * runs,
    percolationMm: end.drainageMm,
    stressDays: end.stressDays,
    end,
  }
}

function observationOn(
  { imperfections: luck, field }: Season,
  i: number,
  { theta }: FieldState,
  appliedMm: number,
): Observation {
  return {
    index: i,
    weather: luck.measured[i]!,
    soilMoisture: SENSOR_DEPTHS_M.map((depthM, s) => {
      const error = luck.sensorErrors[s]![i]!
      const reading = error === null ? null : Math.max(0.005, vwcAt(theta, depthM) + error)
      return faultyReading(luck, i, reading, field.soil)
    }),
    appliedMm: luck.fault === 'no-meter' ? null : appliedMm,
    forecast: luck.forecasts[i]!,
  }
}

function truthOf({ soil, crop }: Field, state: FieldState): Truth {
  const rootM = Math.max(state.rootM, crop.rootStartM)
  return { ...rootZone(soil, state.theta, rootM), heatCd: state.heatCd, isRipe: state.isRipe }
}
