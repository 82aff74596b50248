/** Speed of one core: field-days of the dual crop coefficient, and of degree days. */
import { crops } from '../../services/agronomy/crops/catalogue.ts'
import { degreeDaysCd, type HeatModel } from '../../services/agronomy/crops/degree-days.ts'
import { dualDay, type DualInput, type DualState } from '../../services/agronomy/water/dual-day.ts'
import { KC_MIN, tewMm } from '../../services/agronomy/water/dual-kc.ts'
import { heightM, kcbOf, rootDepthM, seasonLengthD } from '../../services/agronomy/crops/growth.ts'
import { curveNumberOf } from '../../services/agronomy/water/runoff.ts'
import { tawMm } from '../../services/agronomy/water/soil-water.ts'
import { soils } from '../../services/agronomy/water/soils.ts'
import type { Bench } from '../support/bench.ts'
import { atLeast, count, infoFigure, type Figure } from '../support/report.ts'

const FIELD_DAYS = 1_000_000
const BALANCE_A_S = 300_000
const DEGREE_DAYS_A_S = 1_000_000
// compiled and warm, like a running service
const WARM_UP = 0.1

export async function science(bench: Bench): Promise<Figure[]> {
  const days = Math.round(FIELD_DAYS * bench.scale)
  bench.log(`science: ${count(days)} field-days of the balance, and of degree days`)
  balanceDays(days * WARM_UP)
  const balance = timed(() => balanceDays(days))
  heatDays(days * WARM_UP)
  const heat = timed(() => heatDays(days))
  return Promise.resolve([
    atLeast(
      'science',
      `${count(days)} field-days of the dual crop coefficient`,
      days / balance.s,
      BALANCE_A_S,
      aSecond,
    ),
    atLeast(
      'science',
      `${count(days)} field-days of degree days (single sine)`,
      days / heat.s,
      DEGREE_DAYS_A_S,
      aSecond,
    ),
    // the results are printed, or the compiler could drop the computation
    infoFigure('science', 'mean ETa of the balance', `${(balance.value / days).toFixed(2)} mm`),
    infoFigure('science', 'mean heat', `${(heat.value / days).toFixed(2)} °C·d`),
  ])
}

function timed(run: () => number): { s: number; value: number } {
  const startMs = performance.now()
  const value = run()
  return { s: (performance.now() - startMs) / 1000, value }
}

/** Consecutive seasons of maize on loam, irrigated when RAW is depleted. Returns the sum of ETa. */
function balanceDays(days: number): number {
  const crop = crops.maize
  const season = seasonLengthD(crop)
  const soil = soils.loam
  const field: DualInput = {
    before: { depletionMm: 0, surfaceDepletionMm: 0, wettedFraction: 1 },
    kcb: 0,
    kcMin: KC_MIN,
    heightM: 0,
    climate: { windMps: 2, humidityMinPct: 45 },
    tawMm: 0,
    pTable: crop.p,
    tewMm: tewMm(soil, 0.1),
    rewMm: soil.rewMm,
    layerShare: 0,
    curveNumber: curveNumberOf('loam', crop.cover),
    et0Mm: 0,
    dayShare: 1,
    rainMm: 0,
    irrigation: { mm: 0, wettedFraction: 1, isUnderCanopy: false },
    capillaryMm: 0,
  }
  let state: DualState = field.before
  let rawMm = 0
  let etaMm = 0
  for (let i = 0; i < days; i++) {
    const age = i % season
    const weather = weatherOf(i)
    const rootsM = rootDepthM(crop, age)
    field.before = state
    field.climate.windMps = weather.windMps
    field.climate.humidityMinPct = weather.humidityMinPct
    field.kcb = kcbOf(crop, age, field.climate)!
    field.heightM = heightM(crop, age)
    field.tawMm = tawMm(soil, rootsM)
    field.layerShare = 0.1 / rootsM
    field.et0Mm = weather.et0Mm
    field.rainMm = weather.rainMm
    field.irrigation.mm = state.depletionMm > rawMm ? state.depletionMm : 0
    // a new season starts with the soil of the last one, with shallow roots
    if (age === 0) field.before = { ...state, depletionMm: Math.min(state.depletionMm, field.tawMm) }
    const day = dualDay(field)
    etaMm += day.etaMm
    rawMm = day.rawMm
    state = day
  }
  return etaMm
}

/** Returns the sum. */
function heatDays(days: number): number {
  const model: HeatModel = { method: 'single-sine', cutoff: 'horizontal', lowerC: 10, upperC: 30 }
  let sumCd = 0
  for (let i = 0; i < days; i++) sumCd += degreeDaysCd(model, weatherOf(i))
  return sumCd
}

/** Some 400 different days, the same in each run. */
const weathers = Array.from({ length: 401 }, (_, i) => ({
  et0Mm: 4 + 3 * Math.sin(i / 7),
  rainMm: i % 9 === 0 ? (i % 5) * 7 : 0,
  windMps: 1.5 + (i % 7) / 2,
  humidityMinPct: 25 + (i % 31),
  tempMinC: 8 + 6 * Math.sin(i / 11),
  tempMaxC: 22 + 6 * Math.sin(i / 11) + 7 * Math.sin(i / 13),
}))
const weatherOf = (i: number) => weathers[i % weathers.length]!

const aSecond = (rate: number): string => `${count(rate)} /s`
