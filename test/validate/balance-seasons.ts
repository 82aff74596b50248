/** One season of a crop by each model of the balance: the error of its account, and states outside their range. */
import type { Crop } from '../../services/agronomy/crops/crop.ts'
import { dualDay, type DualState } from '../../services/agronomy/water/dual-day.ts'
import { KC_MIN, STANDARD_CLIMATE, tewMm } from '../../services/agronomy/water/dual-kc.ts'
import { heightM, kcbOf, kcOf, rootDepthM } from '../../services/agronomy/crops/growth.ts'
import { depthsOf } from '../../services/agronomy/paddy/depths.ts'
import { stageByCalendar } from '../../services/agronomy/paddy/stages.ts'
import { paddyDay, percolationMm } from '../../services/agronomy/paddy/balance.ts'
import { curveNumberOf } from '../../services/agronomy/water/runoff.ts'
import { layersAround, layersDay, layerTawMm } from '../../services/agronomy/water/soil-layers.ts'
import { balanceDay, pAdjusted, rawMm, tawMm } from '../../services/agronomy/water/soil-water.ts'
import { soils } from '../../services/agronomy/water/soils.ts'
import { cropResponse } from '../../services/irrigation-model/crop-response.ts'
import { stressOf } from '../../services/irrigation-model/crop-stress.ts'
import { meanMember } from '../../services/irrigation-model/ensemble-members.ts'
import { maxDeficitsMm, param } from '../../services/irrigation-model/field-ensemble.ts'
import { advanceWater, layersOf, startWater, surfaceOf } from '../../services/irrigation-model/field-water.ts'
import { sum } from '../../services/runtime/math.ts'

export interface WaterDay {
  et0Mm: number
  rainMm: number
}

export interface SeasonAccount {
  openMm: number // in - out - change of storage
  daysOutside: number
  etaMm: number
  drainedMm: number
}

/** All on loam from field capacity; watered: refilled when the readily available water is used up. */
export type SeasonModel = (crop: Crop, days: readonly WaterDay[], isWatered: boolean) => SeasonAccount

interface Step {
  irrigationMm: number
  etaMm: number
  etcMm: number
  drainedMm: number // including run-off
  storedMm: number // relative to the start of the season, at the end of the day
  isInside: boolean
}

function account(days: readonly WaterDay[], step: (day: WaterDay, age: number) => Step): SeasonAccount {
  const sum: SeasonAccount = { openMm: 0, daysOutside: 0, etaMm: 0, drainedMm: 0 }
  let [inMm, storedMm] = [0, 0]
  days.forEach((day, age) => {
    const done = step(day, age)
    const isInside = done.isInside && done.etaMm >= 0 && done.etaMm <= done.etcMm + 1e-9
    if (!isInside) sum.daysOutside++
    inMm += day.rainMm + done.irrigationMm
    sum.etaMm += done.etaMm
    sum.drainedMm += done.drainedMm
    storedMm = done.storedMm
  })
  return { ...sum, openMm: inMm - sum.etaMm - sum.drainedMm - storedMm }
}

const within = (value: number, most: number): boolean => value >= 0 && value <= most + 1e-9

export const dualSeason: SeasonModel = (crop, days, isWatered) => {
  let state: DualState = { depletionMm: 0, surfaceDepletionMm: 0, wettedFraction: 1 }
  let raw = Infinity
  return account(days, ({ et0Mm, rainMm }, age) => {
    const roots = rootDepthM(crop, age)
    const taw = tawMm(soils.loam, roots)
    const tew = tewMm(soils.loam, 0.1)
    const irrigationMm = isWatered && state.depletionMm >= raw ? state.depletionMm : 0
    const day = dualDay({
      before: state,
      kcb: kcbOf(crop, age)!,
      kcMin: KC_MIN,
      heightM: heightM(crop, age),
      climate: STANDARD_CLIMATE,
      tawMm: taw,
      pTable: crop.p,
      tewMm: tew,
      rewMm: soils.loam.rewMm,
      layerShare: 0.1 / roots,
      curveNumber: curveNumberOf('loam', crop.cover),
      et0Mm,
      dayShare: 1,
      rainMm,
      irrigation: { mm: irrigationMm, wettedFraction: 1, isUnderCanopy: false },
      capillaryMm: 0,
    })
    state = day
    raw = day.rawMm
    return {
      irrigationMm,
      etaMm: day.etaMm,
      etcMm: day.etcMm,
      drainedMm: day.deepPercolationMm + day.runoffMm,
      storedMm: -day.depletionMm,
      isInside:
        within(day.depletionMm, taw) &&
        within(day.surfaceDepletionMm, tew) &&
        [day.ks, day.kr, day.cover, day.exposedWet].every((share) => within(share, 1)) &&
        within(day.ke, day.kcMax),
    }
  })
}

export const singleSeason: SeasonModel = (crop, days, isWatered) => {
  let depletionMm = 0
  return account(days, ({ et0Mm, rainMm }, age) => {
    const taw = tawMm(soils.loam, rootDepthM(crop, age))
    const etcMm = kcOf(crop, age) * et0Mm
    const p = pAdjusted(crop.p, etcMm)
    const irrigationMm = isWatered && depletionMm >= rawMm(taw, p) ? depletionMm : 0
    const day = balanceDay({ depletionMm, tawMm: taw, p, etcMm, rainMm, irrigationMm })
    depletionMm = day.depletionMm
    return {
      irrigationMm,
      etaMm: day.etaMm,
      etcMm,
      drainedMm: day.deepPercolationMm,
      storedMm: -depletionMm,
      isInside: within(depletionMm, taw) && within(day.ks, 1),
    }
  })
}

/** The product's own: one member without errors, whose roots reach the end of the soil. */
export const fieldWaterSeason: SeasonModel = (crop, days, isWatered) => {
  const response = cropResponse(crop)
  const layers = layersOf(response, [{ toM: 1, ...soils.loam }], null)
  const site = {
    crop,
    response,
    stress: stressOf(crop),
    surface: surfaceOf('loam', [{ toM: 1, ...soils.loam }]),
    waterEcDsM: null,
  }
  const water = startWater(site, {
    layers,
    sensors: [],
    start: { vwc: soils.loam.fieldCapacity, sd: 0 },
    prior: null,
    seed: crop.id,
    waterTableM: null,
    levelSd: 0,
  })
  const { ensemble } = water
  const member = ensemble.states[0]!
  const capacitiesMm = maxDeficitsMm(layers, 0)
  const deepM = layers.at(-1)!.toM
  member[layers.length + param.arrival] = 1
  ensemble.states = [member]
  ensemble.draws = () => 0
  water.rootDepthAt = () => deepM
  return account(days, ({ et0Mm, rainMm }, age) => {
    const mean = meanMember(ensemble, water)
    const irrigationMm = isWatered && mean.used >= crop.p ? mean.depletionMm : 0
    const day = advanceWater(
      water,
      site,
      {
        ageD: age + 1,
        et0Mm,
        rainMm,
        irrigation: { mm: irrigationMm, wettedFraction: 1, isMetered: true },
        readings: null,
      },
      [],
    )
    const lacksMm = member.subarray(0, layers.length)
    return {
      irrigationMm,
      etaMm: day.transpiredMm + day.evaporatedMm,
      etcMm: day.basalMm + day.evaporatedMm,
      drainedMm: day.percolatedMm + day.runoffMm,
      storedMm: -sum([...lacksMm]),
      isInside: lacksMm.every((mm, i) => within(mm, capacitiesMm[i]!)) && day.percolatedMm >= -1e-9,
    }
  })
}

/** Sensors at 10, 30, 60 and 90 cm, the lower two in sand. */
export const layeredSeason: SeasonModel = (crop, days, isWatered) => {
  const layers = layersAround([10, 30, 60, 90], 1.2, (cm) => (cm > 50 ? soils.sand : soils.loam))
  let depletionMm: readonly number[] = layers.map(() => 0)
  const total = () => sum(depletionMm)
  return account(days, ({ et0Mm, rainMm }, age) => {
    const etcMm = kcOf(crop, age) * et0Mm
    const irrigationMm = isWatered && depletionMm[1]! >= 0.5 * layerTawMm(layers[1]!) ? total() : 0
    const day = layersDay({
      layers,
      depletionMm,
      rootDepthM: rootDepthM(crop, age),
      p: pAdjusted(crop.p, etcMm),
      inMm: rainMm + irrigationMm,
      evaporationMm: 0.1 * etcMm,
      transpirationMm: 0.9 * etcMm,
    })
    depletionMm = day.depletionMm
    return {
      irrigationMm,
      etaMm: day.evaporationMm + day.transpirationMm,
      etcMm,
      drainedMm: day.deepPercolationMm,
      storedMm: -total(),
      isInside: within(day.ks, 1) && layers.every((layer, i) => within(depletionMm[i]!, layerTawMm(layer))),
    }
  })
}

const BUND_MM = 150

/** Filled to the top of its stage's target band when the level is below it. */
export const paddySeason: SeasonModel = (crop, days, isWatered) => {
  const pores = soils.clay.saturation - soils.clay.fieldCapacity
  const stored = (level: number) => (level >= 0 ? level : level * pores)
  let levelMm = 0
  return account(days, ({ et0Mm, rainMm }, age) => {
    const { targetBandMm, mayFill } = depthsOf(stageByCalendar(age))
    const isLow = isWatered && mayFill && levelMm < targetBandMm![0]
    const irrigationMm = isLow ? stored(targetBandMm![1]) - stored(levelMm) : 0
    const etcMm = kcOf(crop, age) * et0Mm
    const maxMm = percolationMm('clay')
    const day = paddyDay({
      levelMm,
      rainMm,
      irrigationMm,
      etcMm,
      percolationMm: maxMm,
      bundMm: BUND_MM,
      drainablePores: pores,
    })
    levelMm = day.levelMm
    return {
      irrigationMm,
      etaMm: etcMm,
      etcMm,
      drainedMm: day.percolatedMm + day.overflowMm,
      storedMm: stored(levelMm),
      isInside: levelMm <= BUND_MM + 1e-9 && within(day.percolatedMm, maxMm),
    }
  })
}
