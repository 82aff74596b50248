/**
 * One field through one season, day by day: the farm's own balance and the farm's own checkbook. What is missing is
 * stood in for by the next best thing, and named in the answer.
 */
import { addDays, dayOfYear, daysBetween, startOfDay, type Day } from '../../broker/contract/time.ts'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import { cropOf, crops, type Crop } from '../agronomy/crops.ts'
import { hargreavesMm } from '../agronomy/et0.ts'
import { kcOf, rootDepthM, seasonLengthD } from '../agronomy/growth.ts'
import { assimilate, carried, type Assimilated } from '../agronomy/assimilate.ts'
import { probeDepletion, type ProbeEstimate } from '../agronomy/probe.ts'
import { balanceDay, balanceSdMm, pAdjusted, rawMm, unknownSdMm } from '../agronomy/soil-water.ts'
import type { ForecastAnswer } from '../ports.ts'
import type { WhyTerm } from '../tables.ts'
import { checkbook } from './checkbook.ts'
import type { DayLine, SetupLine } from './decide-lines.ts'
import { deficitMm, layersOf, overDepth, storeMm, type Layer } from './decide-soil.ts'
import { tenth } from './tenths.ts'
import { windowOf, wholeDay } from './windows.ts'
import { checkbookTerms } from './why.ts'

type Weather = NonNullable<DayLine['weather']>

export interface Season {
  setup: SetupLine
  crop: Crop
  layers: readonly Layer[]
  notes: string[] // that hold all season
  timeZone: string
  lastDay: Day | null
  rootsM: number
  depletionMm: number
  sdMm: number
  seen: Assimilated | null // the probes' last word, with their lasting error
  belowMm: number // depletion of the soil that roots will reach
  recentEt0Mm: number[] // newest last
}

export interface Decision {
  type: 'decision'
  day: Day
  irrigateMm: number
  why: (Omit<WhyTerm, 'mm'> & { mm?: number | null })[]
}

const MOST_MM = 60
// errors, one standard deviation: of Kc, of a day's ET0, of a depth of rain or irrigation that is told
const KC_SHARE = 0.15
const ET0_SHARE = 0.1
const APPLIED_SHARE = 0.1
const UNKNOWN_RAIN_SD_MM = 5
const RECENT_DAYS = 7
const AROUND_DAYS = 10
/** A forecast that gives no range is believed by half: that much nine of ten such days bring. */
const SURE_SHARE = 0.5

export function beginSeason(setup: SetupLine): Result<Season> {
  const { soil, plantingDay } = setup.field
  const read = layersOf(soil)
  if (!read.ok) return read
  const layers = read.value
  const timeZone = setup.site.timeZone ?? 'UTC'
  try {
    startOfDay(plantingDay, timeZone)
  } catch {
    return err(`site.timeZone: a time zone was expected, got ${timeZone}`)
  }
  const known = cropOf(setup.field.crop)
  const crop = known ?? crops.generic
  const season: Season = {
    setup,
    crop,
    layers,
    notes: [
      ...(known ? [] : ['crop-generic']),
      ...(setup.history?.length ? [] : ['no-history']),
      ...(setup.economics == null ? ['no-economics'] : ['economics-not-used']),
      ...(setup.field.initialVwc == null ? ['no-initial-water'] : []),
    ],
    timeZone,
    lastDay: null,
    rootsM: rootDepthM(crop, 0),
    depletionMm: 0,
    sdMm: 0,
    seen: null,
    belowMm: 0,
    recentEt0Mm: [],
  }
  const vwc = setup.field.initialVwc ?? null
  if (vwc !== null) {
    season.depletionMm = deficitMm(season.layers, vwc, 0, season.rootsM)
    season.belowMm = deficitMm(season.layers, vwc, season.rootsM, crop.rootMaxM)
  }
  const taw = storeMm(season.layers, 0, season.rootsM)
  season.sdMm = vwc === null ? unknownSdMm(taw) : 0.1 * taw
  return ok(season)
}

/** Takes in the day that has ended and answers for the next. Err when the day does not follow. */
export function decideDay(season: Season, line: DayLine): Result<Decision> {
  const { day } = line
  if (Number.isNaN(Date.parse(day))) return err(`day: a day of the calendar was expected, got ${day}`)
  if (season.lastDay !== null && day <= season.lastDay)
    return err(`day: a day after ${season.lastDay} was expected, got ${day}`)
  const notes = [...season.notes]
  const missingDays = season.lastDay === null ? 0 : daysBetween(season.lastDay, day) - 1
  if (missingDays > 400) return err(`day: at most 400 days after ${season.lastDay} were expected, got ${day}`)
  for (let i = 1; i <= missingDays; i++) passDay(season, addDays(season.lastDay!, 1), {}, 0, null, [])
  if (missingDays > 0) notes.push('days-missing')

  if (line.appliedMm == null) notes.push('no-applied')
  passDay(season, day, line.weather ?? {}, line.appliedMm ?? 0, probeOf(season, line, notes), notes)
  return ok(answer(season, addDays(day, 1), line.forecast ?? null, notes))
}

function passDay(
  season: Season,
  day: Day,
  weather: Weather,
  appliedMm: number,
  probe: ((rootsM: number) => ProbeEstimate | null) | null,
  notes: string[],
): void {
  const { crop, setup } = season
  const age = daysBetween(setup.field.plantingDay, day)
  growRoots(season, rootDepthM(crop, Math.max(0, age)))
  const taw = storeMm(season.layers, 0, season.rootsM)
  const et0 = et0Of(season, day, weather, notes)
  if (weather.rainMm == null) notes.push('no-rain')
  const etcMm = et0 * kcOf(crop, age)
  const rainMm = weather.rainMm ?? 0
  const irrigationMm = appliedMm * (setup.field.irrigation?.efficiency ?? 1)
  const balance = balanceDay({
    depletionMm: season.depletionMm,
    tawMm: taw,
    p: pAdjusted(crop.p, etcMm),
    etcMm,
    rainMm,
    irrigationMm,
  })
  // what drains wets the soil below, until it drains as well
  season.belowMm = Math.max(0, season.belowMm - balance.deepPercolationMm)
  const sdMm = balanceSdMm(
    {
      sdMm: season.sdMm,
      kcSdMm: KC_SHARE * etcMm,
      et0SdMm: ET0_SHARE * etcMm,
      rainSdMm: weather.rainMm == null ? UNKNOWN_RAIN_SD_MM : APPLIED_SHARE * rainMm,
      irrigationSdMm: APPLIED_SHARE * irrigationMm,
    },
    balance,
    taw,
  )
  const seen = probe?.(season.rootsM) ?? null
  const model = { mm: balance.depletionMm, sdMm }
  const corrected = seen && assimilate(model, seen, season.seen, season.rootsM, taw)
  season.seen = corrected ?? (season.seen && { ...season.seen, ...carried(season.seen, sdMm), ...model })
  const state = corrected ?? model
  season.depletionMm = Math.min(taw, Math.max(0, state.mm))
  season.sdMm = Math.min(state.sdMm, unknownSdMm(taw))
  season.lastDay = day
  season.recentEt0Mm = [...season.recentEt0Mm, et0].slice(-RECENT_DAYS)
}

function answer(season: Season, day: Day, ahead: DayLine['forecast'] | null, notes: string[]): Decision {
  const { crop, setup, timeZone } = season
  const age = daysBetween(setup.field.plantingDay, day)
  const taw = storeMm(season.layers, 0, season.rootsM)
  const forecast = ahead?.length ? asForecast(season, day, ahead) : null
  if (!forecast) notes.push('no-forecast')
  const kc = kcOf(crop, age)
  const et0Mm = forecast?.days.find((one) => one.day === day)?.et0Mm ?? expectedEt0Mm(season, day)
  const etcMm = kc * et0Mm
  const fromMs = startOfDay(day, timeZone)
  const book = checkbook({
    state: {
      atMs: fromMs,
      kc,
      etcTodayMm: 0,
      etcWholeDayMm: etcMm,
      depletionMm: season.depletionMm,
      depletionSdMm: season.sdMm,
      tawMm: taw,
      rawMm: rawMm(taw, pAdjusted(crop.p, etcMm)),
      rainTodayMm: 0,
    },
    madFraction: null,
    window: windowOf(wholeDay, day, timeZone),
    nextWindow: windowOf(wholeDay, addDays(day, 1), timeZone),
    forecast,
    timeZone,
    comingMm: 0,
    hasRun: false,
  })
  // the balance of this file always carries a decision
  if (!book.ok) throw new RangeError(`decision: ${book.error}`)
  const isGrowing = age >= 0 && age < seasonLengthD(crop)
  if (!isGrowing) notes.push('not-in-season')
  const irrigateMm = isGrowing ? depthMm(season, book.value.netMm, notes) : 0
  return {
    type: 'decision',
    day: addDays(day, -1),
    irrigateMm,
    why: [
      { key: 'depletion', mm: tenth(season.depletionMm) },
      ...checkbookTerms(book.value, null, null),
      { key: 'depth', mm: irrigateMm, params: { netMm: book.value.netMm } },
      ...[...new Set(notes)].map((key) => ({ key })),
    ],
  }
}

/** Gross mm inside the limits of the system. */
function depthMm({ setup }: Season, netMm: number, notes: string[]): number {
  const { efficiency, maxMmPerDay, minMm } = setup.field.irrigation ?? {}
  const wantedMm = netMm / (efficiency ?? 1)
  const mostMm = maxMmPerDay ?? MOST_MM
  if (wantedMm > mostMm) notes.push('max-depth')
  const mm = Math.min(wantedMm, mostMm)
  if (mm > 0 && mm < (minMm ?? 0)) {
    notes.push('too-little')
    return 0
  }
  return Math.min(mostMm, tenth(mm))
}

/** ET0 of a day: as told, else from its temperatures, else as the same days of other years, else as of late. */
function et0Of(season: Season, day: Day, weather: Weather, notes: string[]): number {
  if (weather.et0Mm != null) return weather.et0Mm
  const byTemperature = byHargreaves(season, day, weather)
  notes.push(byTemperature === null ? 'et0-expected' : 'et0-hargreaves')
  return byTemperature ?? expectedEt0Mm(season, day)
}

function byHargreaves(season: Season, day: Day, { tMinC, tMaxC }: Weather): number | null {
  if (tMinC == null || tMaxC == null || tMaxC < tMinC) return null
  return hargreavesMm(
    { dayOfYear: dayOfYear(day), tempMinC: tMinC, tempMaxC: tMaxC },
    season.setup.site.latDeg,
  )
}

// of a summer day in a temperate climate; only until the first day is told
const ET0_GUESS_MM = 4

function expectedEt0Mm(season: Season, day: Day): number {
  if (season.recentEt0Mm.length > 0) return mean(season.recentEt0Mm)
  const doy = dayOfYear(day)
  const past = (season.setup.history ?? []).filter((row) => {
    const apart = Math.abs(dayOfYear(row.day) - doy)
    return Math.min(apart, 365 - apart) <= AROUND_DAYS
  })
  const et0 = past
    .map((row) => row.et0Mm ?? byHargreaves(season, row.day, row))
    .filter((mm): mm is number => mm !== null)
  return et0.length > 0 ? mean(et0) : ET0_GUESS_MM
}

function asForecast(season: Season, day: Day, ahead: NonNullable<DayLine['forecast']>): ForecastAnswer {
  return {
    source: 'line',
    issuedMs: startOfDay(day, season.timeZone),
    days: ahead
      .filter((one) => one.day >= day)
      .map((one) => ({
        day: one.day,
        tempMinC: one.tMinC ?? 0,
        tempMaxC: one.tMaxC ?? 0,
        rainMm: {
          lo: SURE_SHARE * (one.rainMm ?? 0),
          mid: one.rainMm ?? 0,
          hi: one.rainMm ?? 0,
        },
        et0Mm: one.et0Mm ?? byHargreaves(season, one.day, one),
        windMps: null,
      })),
  }
}

/** What the sensors say of a rooting depth; a reading outside 0-1 is none. */
function probeOf(
  season: Season,
  line: DayLine,
  notes: string[],
): ((rootsM: number) => ProbeEstimate | null) | null {
  const readings = (season.setup.sensors ?? []).flatMap(({ id, depthM }) => {
    const vwc = line.soilMoisture?.[id]
    return vwc != null && vwc > 0 && vwc < 1 ? [{ depthCm: depthM * 100, vwc }] : []
  })
  if (readings.length === 0) {
    notes.push('no-soil-moisture')
    return null
  }
  return (rootsM) => {
    const taw = storeMm(season.layers, 0, rootsM)
    const fieldCapacity = overDepth(season.layers, 0, rootsM, (layer) => layer.fieldCapacity) / rootsM
    return probeDepletion(
      readings,
      { fieldCapacity, wiltingPoint: fieldCapacity - taw / (1000 * rootsM) },
      rootsM,
    )
  }
}

/** Roots that reach deeper take over what is missing there. */
function growRoots(season: Season, toM: number): void {
  if (toM <= season.rootsM) return
  const belowM = season.crop.rootMaxM - season.rootsM
  const takenMm = belowM > 0 ? (season.belowMm * (toM - season.rootsM)) / belowM : 0
  season.depletionMm += takenMm
  season.belowMm -= takenMm
  season.rootsM = toM
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
