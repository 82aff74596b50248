/**
 * A field through its season, one day at a time: soil water, and a crop that grows by transpiration as in AquaCrop
 * (Steduto et al. 2009; Raes et al. 2009; FAO Irrigation and Drainage Paper 66). Implemented from the published
 * equations; it uses nothing of services/agronomy, as it evaluates it.
 */
import { advected, declinedCover, grownCover } from './canopy.ts'
import type { LoopCrop } from './crops.ts'
import { flowersBetween, leafEffect, referenceIndex, stomataEffect } from './harvest.ts'
import { airDry, drain, EDGES_M, infiltrate, rootZone, runoffMm, THICKNESS_M, vwcAt } from './soil.ts'
import type { LoopSoil } from './soil.ts'
import type { FieldState } from './state.ts'
import { stress, thresholdShift } from './stress.ts'

export interface TrueDay {
  tMinC: number
  tMaxC: number
  rainMm: number
  et0Mm: number
}

export interface Field {
  soil: LoopSoil
  crop: LoopCrop
}

const SKIN_M = 0.04 // layer of free evaporation
const EVAPORATING_M = 0.15
const KE_MAX = 1.1
const KR_SHAPE = 4
/** air-filled porosity that roots need, m3/m3; days that they tolerate without it */
const AIR = 0.05
const AIR_LAG_D = 3

/** Simulates one day. Changes `state`; `irrigationMm` is the depth that reaches the soil. */
export function simulateDay(field: Field, state: FieldState, day: TrueDay, irrigationMm: number): void {
  const { crop } = field
  const heatCd = heatOf(crop, day)
  const heatBefore = state.heatCd
  state.heatCd += heatCd
  state.age += 1
  addWater(field, state, day, irrigationMm)
  evaporate(field, state, day.et0Mm)
  if (heatBefore < crop.emergenceCd) {
    if (state.heatCd >= crop.emergenceCd) emerge(crop, state)
    return
  }
  if (heatBefore >= crop.maturityCd) {
    state.isRipe = true
    state.cover = 0
    return
  }
  growCrop(field, state, day, heatCd)
}

/** Growing degrees of a day, both temperatures limited to the crop's range. */
export function heatOf(crop: LoopCrop, { tMinC, tMaxC }: TrueDay): number {
  const limited = (tempC: number) => Math.min(crop.upperC, Math.max(crop.baseC, tempC))
  return (limited(tMinC) + limited(tMaxC)) / 2 - crop.baseC
}

/** Dry yield, t/ha. */
export function yieldTHa(crop: LoopCrop, state: FieldState): number {
  return (state.biomassG * harvestIndexOf(crop, state)) / 100
}

function harvestIndexOf(crop: LoopCrop, state: FieldState): number {
  if (state.formedCd <= 0) return 0
  const flowers = crop.floweringLengthCd > 0 ? Math.min(1, state.pollinated) : 1
  const stomata = state.stomataSum / state.formedCd
  // reduced leaf growth leaves more assimilates to the fruit, during the time of leaf growth
  const leaves = 1 + (state.leafSum - state.leafCd) / Math.max(state.formedCd, state.leafCd)
  const change = Math.min(1 + crop.indexRise, leaves * stomata)
  return Math.min(state.harvestIndex, crop.harvestIndex * flowers) * change
}

function addWater({ soil }: Field, state: FieldState, day: TrueDay, irrigationMm: number): void {
  const { theta } = state
  state.drainageMm += drain(soil, theta)
  const ranOff = runoffMm(soil, theta, day.rainMm)
  const entering = day.rainMm - ranOff + irrigationMm
  const { refusedMm, drainageMm } = infiltrate(soil, theta, entering)
  state.drainageMm += drainageMm
  state.runoffMm += ranOff + refusedMm
  state.rainMm += day.rainMm
  state.irrigationMm += irrigationMm
  const skinMost = 1000 * SKIN_M * (soil.fieldCapacity - airDry(soil))
  state.skinMm = Math.min(skinMost, state.skinMm + entering - refusedMm)
}

/**
 * Two stages: free evaporation of the surface layer, then a decreasing rate as the top dries. FAO Paper 66, Eqs
 * 3.10-3.13.
 */
function evaporate({ soil }: Field, state: FieldState, et0Mm: number): void {
  const { theta } = state
  const dry = airDry(soil)
  let demandMm = KE_MAX * Math.max(0, 1 - advected(state.cover)) * et0Mm
  const free = Math.min(demandMm, state.skinMm)
  const fromSkin = takeFromTop(theta, dry, free)
  state.skinMm -= free
  demandMm -= fromSkin
  const relative = Math.min(1, Math.max(0, (meanTop(theta) - dry) / (soil.fieldCapacity - dry)))
  const kr = Math.expm1(KR_SHAPE * relative) / Math.expm1(KR_SHAPE)
  const later = takeFromTop(theta, dry, demandMm * kr)
  state.evaporationMm += fromSkin + later
}

const meanTop = (theta: Float64Array): number => (theta[0]! * 0.1 + theta[1]! * 0.05) / EVAPORATING_M

function takeFromTop(theta: Float64Array, dry: number, mm: number): number {
  let remainingMm = mm
  for (let i = 0; i < 2 && remainingMm > 0; i++) {
    // the upper half of the second compartment
    const reach = Math.min(THICKNESS_M[i]!, EVAPORATING_M - EDGES_M[i]!)
    const evaporatedMm = Math.min(remainingMm, Math.max(0, theta[i]! - dry) * 1000 * reach)
    theta[i] = theta[i]! - evaporatedMm / (1000 * THICKNESS_M[i]!)
    remainingMm -= evaporatedMm
  }
  return mm - remainingMm
}

function emerge(crop: LoopCrop, state: FieldState): void {
  state.cover = crop.coverStart
  state.coverReached = crop.coverStart
  state.rootM = crop.rootStartM
}

function growCrop(field: Field, state: FieldState, day: TrueDay, heatCd: number): void {
  const { crop } = field
  const depletion = relativeDepletion(field, state)
  const ks = (curve: typeof crop.stomata) => stress(curve, depletion, thresholdShift(curve.upper, day.et0Mm))
  const ksExpansion = ks(crop.expansion)
  const ksStomata = ks(crop.stomata)
  const ksSenescence = ks(crop.senescence)
  const ksAir = aerationStress(field, state)
  changeCover(crop, state, heatCd, ksExpansion, ksSenescence)
  growRoots(field, state)

  state.fullDays =
    state.cover >= 0.98 * state.coverReached && state.heatCd > crop.fullCoverCd
      ? state.fullDays + 1
      : state.fullDays
  const kcTr = crop.kcTr * (1 - crop.ageing * Math.max(0, state.fullDays - 5))
  const demandMm = Math.max(0, kcTr) * coldStress(crop, heatCd) * advected(state.cover) * day.et0Mm
  const uptakeMm = takeUpWater(field, state, demandMm * Math.min(ksStomata, ksAir))
  state.transpirationMm += uptakeMm
  if (ksStomata < 0.9) state.stressDays += 1

  const sinceCd = state.heatCd - crop.floweringCd
  const index = referenceIndex(crop, sinceCd)
  const productivity =
    crop.waterProductivity *
    (sinceCd > 0 ? 1 - (1 - crop.productivityInYield) * Math.min(1, index / crop.harvestIndex) : 1)
  if (day.et0Mm > 0) state.biomassG += (productivity * uptakeMm) / day.et0Mm
  if (sinceCd > 0 && heatCd > 0)
    formYield(crop, state, sinceCd, heatCd, { depletion, ksExpansion, ksStomata })
}

interface Stresses {
  depletion: number
  ksExpansion: number
  ksStomata: number
}

function formYield(crop: LoopCrop, state: FieldState, sinceCd: number, heatCd: number, ks: Stresses): void {
  if (sinceCd - heatCd < crop.floweringLengthCd) {
    const share = flowersBetween(
      (sinceCd - heatCd) / crop.floweringLengthCd,
      sinceCd / crop.floweringLengthCd,
    )
    state.pollinated += (1 + crop.sparedFlowers) * share * stress(crop.pollination, ks.depletion, 0)
  }
  if (sinceCd > crop.yieldLengthCd + heatCd || state.cover <= 0.05 * state.coverReached) return
  state.harvestIndex = referenceIndex(crop, sinceCd)
  state.formedCd += heatCd
  state.stomataSum += heatCd * stomataEffect(crop, ks.ksStomata)
  if (state.heatCd <= crop.canopyEndCd) {
    state.leafCd += heatCd
    state.leafSum += heatCd * leafEffect(crop, ks.ksExpansion)
  }
}

/**
 * Depletion as a share of TAW: of the root zone, or of its top when that is wetter, as a shower is taken up first.
 */
function relativeDepletion({ soil }: Field, state: FieldState): number {
  const rootZoneWater = rootZone(soil, state.theta, state.rootM)
  const top = rootZone(soil, state.theta, 0.1)
  return Math.max(0, Math.min(rootZoneWater.depletionMm / rootZoneWater.tawMm, top.depletionMm / top.tawMm))
}

/**
 * A cold day reduces transpiration, from 0.02 without growing degrees to 0.98 at the crop's limit (FAO Paper 66, Ch.
 * 3.2.4).
 */
function coldStress({ coldCd }: LoopCrop, heatCd: number): number {
  if (heatCd >= coldCd) return 1
  const k = 2 * Math.log(49)
  return 1 / (1 + Math.exp(-k * (heatCd / coldCd - 0.5)))
}

function changeCover(
  crop: LoopCrop,
  state: FieldState,
  heatCd: number,
  ksExpansion: number,
  ksSenescence: number,
): void {
  if (state.cover <= 0) return
  const isOld = state.heatCd >= crop.senescenceCd
  // early senescence by stress starts from the cover at its onset
  const hastened = ksSenescence < 1 ? 1 - ksSenescence ** 8 : 0
  const pace = Math.max(isOld ? 1 : 0, hastened)
  if (pace > 0) {
    if (state.declineFrom === 0) state.declineFrom = state.cover
    state.cover = declinedCover(crop, state.cover, state.declineFrom, heatCd, pace)
    return
  }
  state.declineFrom = 0
  if (state.heatCd < crop.canopyEndCd)
    state.cover = grownCover(crop, Math.max(state.cover, crop.coverStart), heatCd, ksExpansion)
  state.coverReached = Math.max(state.coverReached, state.cover)
}

/** Root deepening over time (FAO Paper 66, Eq. 3.8 with n = 1.5); roots do not enter dry soil. */
function growRoots({ crop, soil }: Field, state: FieldState): void {
  const from = crop.emergenceCd / 2
  const share = Math.min(1, Math.max(0, (state.heatCd - from) / (crop.rootsDoneCd - from)))
  const targetM = crop.rootStartM + (crop.rootMaxM - crop.rootStartM) * share ** (1 / 1.5)
  if (targetM <= state.rootM) return
  const wet = (vwcAt(state.theta, targetM) - soil.wiltingPoint) / (soil.fieldCapacity - soil.wiltingPoint)
  if (wet > 0.1) state.rootM = Math.min(targetM, state.rootM + 0.04)
}

/** Takes water from the top down, at most the capacity of the roots in each compartment. Returns the uptake, mm. */
function takeUpWater({ crop, soil }: Field, state: FieldState, wantedMm: number): number {
  const { theta, rootM } = state
  let remainingMm = wantedMm
  for (let i = 0; i < theta.length && remainingMm > 0 && EDGES_M[i]! < rootM; i++) {
    const reach = Math.min(EDGES_M[i + 1]!, rootM) - EDGES_M[i]!
    const middle = EDGES_M[i]! + reach / 2
    const maxUptake = crop.uptakeTop + ((crop.uptakeBottom - crop.uptakeTop) * middle) / rootM
    const taw = soil.fieldCapacity - soil.wiltingPoint
    const ks = stress(crop.stomata, (soil.fieldCapacity - theta[i]!) / taw, 0)
    const availableMm = Math.max(0, theta[i]! - soil.wiltingPoint) * 1000 * reach
    const uptakeMm = Math.min(remainingMm, maxUptake * ks * 1000 * reach, availableMm)
    theta[i] = theta[i]! - uptakeMm / (1000 * THICKNESS_M[i]!)
    remainingMm -= uptakeMm
  }
  return wantedMm - remainingMm
}

/** Roots without air take up less after some days. */
function aerationStress({ soil }: Field, state: FieldState): number {
  const { depletionMm } = rootZone(soil, state.theta, state.rootM)
  const vwc = soil.fieldCapacity - depletionMm / (1000 * state.rootM)
  const lacking = vwc - (soil.saturation - AIR)
  state.wetDays = lacking > 0 ? state.wetDays + 1 : 0
  if (lacking <= 0) return 1
  return 1 - (lacking / AIR) * Math.min(1, state.wetDays / AIR_LAG_D)
}
