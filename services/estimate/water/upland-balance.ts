/**
 * The water of an upland field over a day, or over the elapsed part of it: by the dual crop coefficient, or by the
 * single one where FAO-56 Table 17 has no row for the crop. Pure.
 */
import { capillaryRiseMm } from '../../agronomy/water/capillary.ts'
import type { Crop } from '../../agronomy/crops/crop.ts'
import { dualDay, type DualInput, type DualState } from '../../agronomy/water/dual-day.ts'
import {
  KC_MIN,
  STANDARD_CLIMATE,
  consistentSurfaceMm,
  tewMm,
  combinedWettedFraction,
} from '../../agronomy/water/dual-kc.ts'
import { heightM, kcbOf, kcOf, type KcClimate } from '../../agronomy/crops/growth.ts'
import { curveNumberOf, runoffMm } from '../../agronomy/water/runoff.ts'
import { balanceDay, pAdjusted, rawMm, tawMm } from '../../agronomy/water/soil-water.ts'
import { soils, textureOf } from '../../agronomy/water/soils.ts'
import type { FieldDayRow } from '../../tables.ts'
import type { Wetting } from './irrigation-depth.ts'

/** Depth of the evaporating layer Ze, m, for which Table 19 gives REW. FAO-56 chapter 7: 0.10-0.15. */
const LAYER_M = 0.1

/** The soil of a field and its crop, on one day. */
export interface Ground {
  crop: Crop
  days: number // since planting
  rootDepthM: number
  texture: string
  limits: { fieldCapacity: number; wiltingPoint: number }
  wetting: Wetting
  climate: KcClimate | undefined
}

export interface Weather {
  et0Mm: number // of the whole day
  dayShare: number // share of it that counts
  rainMm: number
  irrigationMm: number
  waterTableM: number | null // below the surface
}

/** State at the end of the day before; null where unknown. */
export type StateBefore = { depletionMm: number } & Pick<FieldDayRow, 'surfaceDepletionMm' | 'wettedFraction'>

export interface Water {
  kc: number // Kcb + Ke, or the single Kc
  kcb: number | null
  ke: number | null
  ks: number
  etcMm: number
  etaMm: number
  evaporationMm: number | null
  rawMm: number
  depletionMm: number
  surfaceDepletionMm: number | null
  wettedFraction: number | null
  runoffMm: number
  capillaryMm: number | null
  deepPercolationMm: number
}

/** `kcb`: replaces the table's. */
export function uplandWaterDay(
  ground: Ground,
  before: StateBefore,
  weather: Weather,
  kcb = kcbOf(ground.crop, ground.days, ground.climate),
): Water {
  const { crop, texture, rootDepthM } = ground
  const taw = tawMm(ground.limits, rootDepthM)
  const name = textureOf(texture) ?? 'loam'
  const dailyRiseMm = capillaryRiseMm(name, weather.waterTableM, rootDepthM, before.depletionMm, taw)
  const capillaryMm = dailyRiseMm === null ? null : dailyRiseMm * weather.dayShare
  // a basin or a border retains its rain
  const curveNumber = ground.wetting.isBunded ? null : curveNumberOf(name, crop.cover)
  if (kcb === null) return bySingleKc(ground, before, weather, taw, capillaryMm, curveNumber)
  const tew = tewMm(ground.limits, LAYER_M)
  const input: DualInput = {
    before: stateOf(before, tew, taw),
    kcb,
    kcMin: KC_MIN,
    heightM: heightM(crop, ground.days),
    climate: ground.climate ?? STANDARD_CLIMATE,
    tawMm: taw,
    pTable: crop.p,
    tewMm: tew,
    rewMm: Math.min(soils[name].rewMm, tew),
    layerShare: LAYER_M / rootDepthM,
    curveNumber,
    et0Mm: weather.et0Mm,
    dayShare: weather.dayShare,
    rainMm: weather.rainMm,
    irrigation: {
      mm: weather.irrigationMm,
      wettedFraction: combinedWettedFraction(weather.rainMm, {
        mm: weather.irrigationMm,
        wettedFraction: ground.wetting.wettedFraction,
      }),
      isUnderCanopy: ground.wetting.isUnderCanopy,
    },
    capillaryMm: capillaryMm ?? 0,
  }
  const day = dualDay(input)
  return {
    kc: kcb + day.ke,
    kcb,
    ke: day.ke,
    ks: day.ks,
    etcMm: day.etcMm,
    etaMm: day.etaMm,
    evaporationMm: day.evaporationMm,
    rawMm: day.rawMm,
    depletionMm: day.depletionMm,
    surfaceDepletionMm: day.surfaceDepletionMm,
    wettedFraction: day.wettedFraction,
    runoffMm: day.runoffMm,
    capillaryMm: capillaryMm === null ? null : day.capillaryMm,
    deepPercolationMm: day.deepPercolationMm,
  }
}

/** A surface layer of unknown depletion has the relative depletion of the root zone. */
function stateOf(before: StateBefore, tew: number, taw: number): DualState {
  return {
    depletionMm: before.depletionMm,
    surfaceDepletionMm: Math.min(
      tew,
      before.surfaceDepletionMm ?? (taw > 0 ? (tew * before.depletionMm) / taw : tew),
    ),
    wettedFraction: before.wettedFraction ?? 1,
  }
}

function bySingleKc(
  ground: Ground,
  before: StateBefore,
  weather: Weather,
  taw: number,
  capillaryMm: number | null,
  curveNumber: number | null,
): Water {
  const kc = kcOf(ground.crop, ground.days, ground.climate)
  const p = pAdjusted(ground.crop.p, kc * weather.et0Mm)
  const etcMm = kc * weather.et0Mm * weather.dayShare
  const runoff = curveNumber === null ? 0 : runoffMm(weather.rainMm, curveNumber)
  const day = balanceDay({
    depletionMm: before.depletionMm,
    tawMm: taw,
    p,
    etcMm,
    rainMm: weather.rainMm - runoff,
    irrigationMm: weather.irrigationMm + (capillaryMm ?? 0),
  })
  return {
    kc,
    kcb: null,
    ke: null,
    ks: day.ks,
    etcMm,
    etaMm: day.etaMm,
    evaporationMm: null,
    rawMm: rawMm(taw, p),
    depletionMm: day.depletionMm,
    surfaceDepletionMm: null,
    wettedFraction: null,
    runoffMm: runoff,
    capillaryMm,
    deepPercolationMm: day.deepPercolationMm,
  }
}

/** The surface layer that is consistent with a depletion corrected by a probe. */
export function correctedSurfaceMm(
  { limits, rootDepthM }: Pick<Ground, 'limits' | 'rootDepthM'>,
  water: Pick<Water, 'surfaceDepletionMm' | 'wettedFraction'>,
  depletionMm: number,
): number | null {
  if (water.surfaceDepletionMm === null) return null
  return consistentSurfaceMm(
    {
      depletionMm: water.surfaceDepletionMm,
      toWiltingMm: tawMm(limits, LAYER_M),
      wettedFraction: water.wettedFraction ?? 1,
    },
    { depletionMm, tawMm: tawMm(limits, rootDepthM) },
  )
}

const DRY_DAYS = 5

/**
 * Kc of the next days without water: evaporation from a wet surface decreases within days, so that today's Kc after a
 * wetting would overestimate the demand. The mean of the next days, each with today's ET0.
 */
export function meanKcAhead(ground: Ground, before: StateBefore, et0Mm: number, kcb: number | null): number {
  let state = before
  let sum = 0
  for (let day = 0; day < DRY_DAYS; day++) {
    const water = uplandWaterDay(
      ground,
      state,
      { et0Mm, dayShare: 1, rainMm: 0, irrigationMm: 0, waterTableM: null },
      kcb,
    )
    sum += water.kc
    state = water
  }
  return sum / DRY_DAYS
}
