/**
 * Crops of the closed loop. Conservative parameters as published for AquaCrop (FAO Irrigation and Drainage Paper 66
 * and the Reference Manual, Annex I), in growing degrees (°C·d) from sowing; parameters of a cultivar and a place
 * (lengths, rooting depth) are set with the climate.
 */
import { stressCurve as curve, type StressCurve } from './stress.ts'

export interface LoopCrop {
  /** name in the setup of `npm run decide` */
  name: string
  baseC: number
  upperC: number
  emergenceCd: number
  /** full canopy without stress; a stressed one may continue to grow until `canopyEndCd` */
  fullCoverCd: number
  canopyEndCd: number
  senescenceCd: number
  maturityCd: number
  /** flowering, or tuber initiation */
  floweringCd: number
  floweringLengthCd: number
  yieldLengthCd: number
  coverStart: number
  coverMost: number
  growthPerCd: number // CGC
  declinePerCd: number // CDC
  rootStartM: number
  rootMaxM: number
  rootsDoneCd: number
  /** maximum root uptake a day, m3/m3, at the top and at the tips */
  uptakeTop: number
  uptakeBottom: number
  /** growing degrees of a day below which cold reduces transpiration */
  coldCd: number
  kcTr: number
  /** decrease of kcTr a day after full cover, share */
  ageing: number
  /** g/m2 on a day with transpiration equal to ET0 */
  waterProductivity: number
  /** share of it during yield formation (oil and protein need more) */
  productivityInYield: number
  harvestIndex: number
  form: 'grain' | 'tuber'
  expansion: StressCurve
  stomata: StressCurve
  senescence: StressCurve
  pollination: StressCurve
  /** excess flowers, share */
  sparedFlowers: number
  /** harvest index: gain by leaf stress (larger: less), loss by stomatal closure (larger: less) */
  leafGain: number | null
  stomataLoss: number | null
  /** maximum rise of the index, share */
  indexRise: number
}

export const maize: LoopCrop = {
  name: 'maize',
  baseC: 8,
  upperC: 30,
  emergenceCd: 80,
  fullCoverCd: 660,
  canopyEndCd: 890,
  senescenceCd: 1330,
  maturityCd: 1570,
  floweringCd: 800,
  floweringLengthCd: 180,
  yieldLengthCd: 730,
  coverStart: 0.0049,
  coverMost: 0.96,
  growthPerCd: 0.012494,
  declinePerCd: 0.01,
  rootStartM: 0.3,
  rootMaxM: 2.3,
  rootsDoneCd: 1320,
  uptakeTop: 0.048,
  uptakeBottom: 0.0117,
  coldCd: 12,
  kcTr: 1.05,
  ageing: 0.003,
  waterProductivity: 33.7,
  productivityInYield: 1,
  harvestIndex: 0.48,
  form: 'grain',
  expansion: curve(0.14, 0.72, 2.9),
  stomata: curve(0.69, 1, 6),
  senescence: curve(0.69, 1, 2.7),
  pollination: curve(0.8, 1, 0),
  sparedFlowers: 0.5,
  leafGain: 7,
  stomataLoss: 3,
  indexRise: 0.15,
}

export const wheat: LoopCrop = {
  name: 'wheat',
  baseC: 0,
  upperC: 26,
  emergenceCd: 150,
  fullCoverCd: 1100,
  canopyEndCd: 1350,
  senescenceCd: 1700,
  maturityCd: 2400,
  floweringCd: 1250,
  floweringLengthCd: 200,
  yieldLengthCd: 1100,
  coverStart: 0.0675,
  coverMost: 0.96,
  growthPerCd: 0.005001,
  declinePerCd: 0.004,
  rootStartM: 0.3,
  rootMaxM: 1.5,
  rootsDoneCd: 864,
  uptakeTop: 0.039,
  uptakeBottom: 0.011,
  coldCd: 14,
  kcTr: 1.1,
  ageing: 0.0015,
  waterProductivity: 15,
  productivityInYield: 1,
  harvestIndex: 0.48,
  form: 'grain',
  expansion: curve(0.2, 0.65, 5),
  stomata: curve(0.65, 1, 2.5),
  senescence: curve(0.7, 1, 2.5),
  pollination: curve(0.85, 1, 0),
  sparedFlowers: 1,
  leafGain: 10,
  stomataLoss: 7,
  indexRise: 0.15,
}

export const potato: LoopCrop = {
  name: 'potato',
  baseC: 2,
  upperC: 26,
  emergenceCd: 160,
  fullCoverCd: 760,
  canopyEndCd: 1420,
  senescenceCd: 1420,
  maturityCd: 1700,
  floweringCd: 600,
  floweringLengthCd: 0,
  yieldLengthCd: 1000,
  coverStart: 0.006,
  coverMost: 0.92,
  growthPerCd: 0.01617,
  declinePerCd: 0.008,
  rootStartM: 0.3,
  rootMaxM: 1.1,
  rootsDoneCd: 1200,
  uptakeTop: 0.0495,
  uptakeBottom: 0.0135,
  coldCd: 7,
  kcTr: 1.1,
  ageing: 0.0015,
  waterProductivity: 18,
  productivityInYield: 1,
  harvestIndex: 0.75,
  form: 'tuber',
  expansion: curve(0.2, 0.6, 3),
  stomata: curve(0.6, 1, 3),
  senescence: curve(0.7, 1, 3),
  pollination: curve(1, 1, 0),
  sparedFlowers: 0,
  leafGain: null,
  stomataLoss: 10,
  indexRise: 0.05,
}

export const cotton: LoopCrop = {
  name: 'cotton',
  baseC: 12,
  upperC: 35,
  emergenceCd: 80,
  fullCoverCd: 1050,
  canopyEndCd: 1900,
  senescenceCd: 1900,
  maturityCd: 2250,
  floweringCd: 850,
  floweringLengthCd: 700,
  yieldLengthCd: 1300,
  coverStart: 0.0072,
  coverMost: 0.95,
  growthPerCd: 0.0072,
  declinePerCd: 0.003,
  rootStartM: 0.3,
  rootMaxM: 1.5,
  rootsDoneCd: 1300,
  uptakeTop: 0.038,
  uptakeBottom: 0.012,
  coldCd: 8,
  kcTr: 1.1,
  ageing: 0.003,
  waterProductivity: 15,
  productivityInYield: 0.7,
  harvestIndex: 0.35,
  form: 'grain',
  expansion: curve(0.2, 0.7, 3),
  stomata: curve(0.65, 1, 2.5),
  senescence: curve(0.75, 1, 2.5),
  pollination: curve(0.85, 1, 0),
  // AquaCrop's own values (2, 10, 0.3) let stress raise the yield by a fifth: a benchmark must not reward deficit
  sparedFlowers: 2,
  leafGain: 7,
  stomataLoss: 10,
  indexRise: 0.15,
}

/**
 * A crop that stands in no table: roots of three quarters, leaves and stomata that react earlier, and a longer season. The
 * farm knows it by the name of the crop that it resembles.
 */
export function otherCrop(crop: LoopCrop): LoopCrop {
  const earlier = ({ upper, lower, shape }: StressCurve, by: number): StressCurve =>
    curve(Math.max(0.05, upper - by), lower, shape)
  const later = <K extends keyof LoopCrop>(...keys: K[]) =>
    Object.fromEntries(keys.map((key) => [key, LONGER * (crop[key] as number)]))
  return {
    ...crop,
    ...later('fullCoverCd', 'canopyEndCd', 'senescenceCd', 'maturityCd', 'floweringCd', 'yieldLengthCd'),
    rootMaxM: 0.75 * crop.rootMaxM,
    expansion: earlier(crop.expansion, 0.05),
    stomata: earlier(crop.stomata, 0.12),
    senescence: earlier(crop.senescence, 0.1),
  }
}
const LONGER = 1.08
