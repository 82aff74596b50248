/**
 * A crop on one day of its season: stage, Kc, rooting depth. FAO-56 chapter 6 and Annex 8. Day 0 is the day of
 * sowing, transplanting or bud break.
 */
import { finite } from '../finite.ts'
import { clamp } from '../math.ts'
import type { Crop } from './crop.ts'

/** The stages of Table 11, in their order. */
export const stages = ['initial', 'development', 'mid-season', 'late-season'] as const
export type Stage = (typeof stages)[number]

/** The stage by the lengths of Table 11; after the last day the crop remains in its late season. */
export function stageOf(crop: Crop, daysSincePlanting: number): Stage {
  return stages.find((stage) => daysSincePlanting < endOfStageD(crop, stage)) ?? 'late-season'
}

/** Days from planting to the end of the late season. */
export const seasonLengthD = (crop: Crop): number => crop.lengthsD.reduce((sum, length) => sum + length, 0)

/**
 * The day of Table 11's season that corresponds to a degree-day sum: between the stages with a known sum, age is
 * proportional to it. Null where no such stage is known.
 */
export function daysByHeat(crop: Pick<Crop, 'lengthsD' | 'heatStages'>, sumCd: number): number | null {
  let [fromCd, fromD, daysACd] = [0, 0, 0]
  for (const { sumCd: toCd, ends } of crop.heatStages) {
    if (ends === undefined) continue
    daysACd = (endOfStageD(crop, ends) - fromD) / (toCd - fromCd)
    if (sumCd < toCd) break
    ;[fromCd, fromD] = [toCd, endOfStageD(crop, ends)]
  }
  return daysACd > 0 ? finite(fromD + (sumCd - fromCd) * daysACd, { sumCd }) : null
}

const endOfStageD = ({ lengthsD }: Pick<Crop, 'lengthsD'>, stage: Stage): number =>
  lengthsD.slice(0, stages.indexOf(stage) + 1).reduce((sum, length) => sum + length, 0)

export interface KcClimate {
  windMps: number // mean at 2 m
  humidityMinPct: number // mean of the daily minima
}

/**
 * Kc of one day: constant, rising, constant, falling (FAO-56 Fig. 34, Eq. 66). With `climate`, Kc mid and Kc end are
 * adjusted first; without it the table's values are used.
 */
export function kcOf(crop: Crop, daysSincePlanting: number, climate?: KcClimate): number {
  return interpolateStages(crop, [crop.kcIni, crop.kcMid, crop.kcEnd], daysSincePlanting, climate)
}

/** Kcb of one day, along the same line (FAO-56 Eq. 66, 70); null when Table 17 has no row for this crop. */
export function kcbOf(
  crop: Pick<Crop, 'lengthsD' | 'heightM' | 'kcb'>,
  daysSincePlanting: number,
  climate?: KcClimate,
): number | null {
  return crop.kcb && interpolateStages(crop, crop.kcb, daysSincePlanting, climate)
}

function interpolateStages(
  { lengthsD: [ini, dev, mid, late], heightM }: Pick<Crop, 'lengthsD' | 'heightM'>,
  [kIni, kMidTable, kEndTable]: readonly [ini: number, mid: number, end: number],
  days: number,
  climate: KcClimate | undefined,
): number {
  finite(days, { days })
  if (days < ini) return kIni
  const kMid = kcClimatic(kMidTable, heightM, climate)
  if (days < ini + dev) return interpolate(kIni, kMid, (days - ini) / dev)
  if (days < ini + dev + mid) return kMid
  const lateDays = days - ini - dev - mid
  const kEnd = kcClimatic(kEndTable, heightM, climate)
  return interpolate(kMid, kEnd, lateDays < late ? lateDays / late : 1)
}

/**
 * Share of its final height that a crop has reached: it grows with Kcb, and does not decrease as Kcb falls. FAO-56
 * Annex 8.
 */
export function heightShare(
  { lengthsD: [ini, dev] }: Pick<Crop, 'lengthsD'>,
  daysSincePlanting: number,
): number {
  finite(daysSincePlanting, { daysSincePlanting })
  if (daysSincePlanting < ini) return 0
  return daysSincePlanting < ini + dev ? (daysSincePlanting - ini) / dev : 1
}

// an emerging crop. m
const SEEDLING_M = 0.05

/** Height of the crop, m. A tree or a vine (with full roots from the start) has its final height. */
export function heightM(crop: Crop, daysSincePlanting: number): number {
  if (crop.rootMinM >= crop.rootMaxM) return crop.heightM
  return interpolate(Math.min(SEEDLING_M, crop.heightM), crop.heightM, heightShare(crop, daysSincePlanting))
}

/**
 * Kc adjusted for wind and minimum humidity. FAO-56 Eq. 62 and 65, within their stated bounds: wind 1-6 m/s, minimum
 * humidity 20-80 %, height 0.1-10 m. A Kc below 0.45 is a drying crop and is not adjusted.
 */
export function kcClimatic(kc: number, heightM: number, climate: KcClimate | undefined): number {
  if (!climate || kc < 0.45) return finite(kc, { kc })
  const u2 = clamp(climate.windMps, 1, 6)
  const RHmin = clamp(climate.humidityMinPct, 20, 80)
  const h = clamp(heightM, 0.1, 10)
  const climatic = kc + (0.04 * (u2 - 2) - 0.004 * (RHmin - 45)) * (h / 3) ** 0.3
  return finite(climatic, { kc, heightM, windMps: climate.windMps, humidityMinPct: climate.humidityMinPct })
}

/** Rooting depth Zr, m: increases linearly from planting to the start of the mid-season. FAO-56 Annex 8, Eq. 8.1. */
export function rootDepthM(crop: Crop, daysSincePlanting: number): number {
  const [ini, dev] = crop.lengthsD
  const share = clamp(daysSincePlanting / Math.max(1, ini + dev), 0, 1)
  return finite(interpolate(crop.rootMinM, crop.rootMaxM, share), { daysSincePlanting })
}

const interpolate = (from: number, to: number, share: number): number => from + (to - from) * share
