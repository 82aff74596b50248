/**
 * Crops: FAO-56 Table 11 (lengths of stages), Table 12 (Kc, height), Table 22 (rooting depth, p). Of the range of
 * rooting depths the smaller value is taken: Table 22, footnote 1, names it for irrigation scheduling. Kc holds for
 * wind of 2 m/s and a minimum humidity of 45 % (`kcClimatic` in growth.ts adjusts). A variety or a region may differ.
 */
import type { HeatModel } from './degree-days.ts'

export interface Crop {
  id: string
  /** days: initial, development, mid-season, late (Table 11) */
  lengthsD: readonly [number, number, number, number]
  kcIni: number
  kcMid: number
  kcEnd: number
  heightM: number
  rootMinM: number // at planting: FAO-56 Annex 8 names 0.15-0.20 m
  rootMaxM: number
  p: number // fraction of TAW before stress, at ETc = 5 mm/d
  heat: HeatModel // of its development
  /** heat sums from planting, °C·d; empty where no sum is known well enough */
  heatStages: readonly { stage: string; sumCd: number }[]
  heatSource: string
  source: string
}

const base = (lowerC: number, upperC: number | null): HeatModel => ({
  method: 'modified-average',
  cutoff: upperC === null ? 'none' : 'horizontal',
  lowerC,
  upperC,
})

const ONLY_BASE = 'base temperature by common use; no sums' // unconfirmed

export const crops = {
  rice: {
    id: 'rice',
    lengthsD: [30, 30, 60, 30],
    kcIni: 1.05,
    kcMid: 1.2,
    kcEnd: 0.75,
    heightM: 1,
    rootMinM: 0.15,
    rootMaxM: 0.5,
    p: 0.2,
    heat: base(10, null),
    heatStages: [],
    heatSource: ONLY_BASE,
    source: 'FAO-56 Table 11 rice, tropics and Mediterranean; Tables 12, 22 (p = 0.20 of saturation)',
  },
  soybean: {
    id: 'soybean',
    lengthsD: [20, 25, 75, 30],
    kcIni: 0.5,
    kcMid: 1.15,
    kcEnd: 0.5,
    heightM: 0.75,
    rootMinM: 0.15,
    rootMaxM: 0.6,
    p: 0.5,
    heat: base(10, 30),
    heatStages: [], // day length leads soybean: a sum of heat alone misleads
    heatSource: ONLY_BASE,
    source: 'FAO-56 Table 11 soybeans, Japan, June; Tables 12, 22',
  },
  maize: {
    id: 'maize',
    lengthsD: [30, 40, 50, 30],
    kcIni: 0.3,
    kcMid: 1.2,
    kcEnd: 0.35,
    heightM: 2,
    rootMinM: 0.15,
    rootMaxM: 1,
    p: 0.55,
    heat: base(10, 30),
    heatStages: [
      { stage: 'emergence', sumCd: 67 },
      { stage: 'tasselling', sumCd: 631 },
      { stage: 'silking', sumCd: 778 },
      { stage: 'maturity', sumCd: 1500 },
    ],
    heatSource:
      'US Corn Belt extension, a hybrid of 2,700 °F·d: 120, 1,135, 1,400, 2,700 °F·d (50/86 °F); unconfirmed',
    source: 'FAO-56 Table 11 maize (grain), Spain and California, April; Tables 12 (18 % moisture), 22',
  },
  tomato: {
    id: 'tomato',
    lengthsD: [30, 40, 45, 30],
    kcIni: 0.6,
    kcMid: 1.15,
    kcEnd: 0.8,
    heightM: 0.6,
    rootMinM: 0.2,
    rootMaxM: 0.7,
    p: 0.4,
    heat: base(10, 30),
    heatStages: [],
    heatSource: ONLY_BASE,
    source: 'FAO-56 Table 11 tomato, Mediterranean, April-May; Tables 12, 22',
  },
  apple: {
    id: 'apple',
    lengthsD: [20, 70, 90, 30],
    kcIni: 0.5,
    kcMid: 1.2,
    kcEnd: 0.95,
    heightM: 4,
    rootMinM: 1, // an orchard has its roots before its leaves
    rootMaxM: 1,
    p: 0.5,
    heat: base(4.5, null),
    heatStages: [],
    heatSource: ONLY_BASE,
    source:
      'FAO-56 Table 11 deciduous orchard, high latitudes; Table 12 active ground cover, killing frost; 22',
  },
  cotton: {
    id: 'cotton',
    lengthsD: [30, 50, 60, 55],
    kcIni: 0.35,
    kcMid: 1.17,
    kcEnd: 0.6,
    heightM: 1.35,
    rootMinM: 0.15,
    rootMaxM: 1,
    p: 0.65,
    heat: base(15.6, null),
    heatStages: [
      { stage: 'emergence', sumCd: 31 },
      { stage: 'first-square', sumCd: 250 },
      { stage: 'first-flower', sumCd: 451 },
      { stage: 'open-boll', sumCd: 923 },
    ],
    heatSource: 'US Cotton Belt extension, DD60: 50-60, 425-475, 775-850, then 850 °F·d more; unconfirmed',
    source: 'FAO-56 Table 11 cotton, Egypt, Pakistan, California, March-May; Tables 12, 22',
  },
  wheat: {
    id: 'wheat',
    lengthsD: [20, 25, 60, 30],
    kcIni: 0.3,
    kcMid: 1.15,
    kcEnd: 0.25,
    heightM: 1,
    rootMinM: 0.15,
    rootMaxM: 1,
    p: 0.55,
    heat: base(0, null),
    heatStages: [],
    heatSource: ONLY_BASE,
    source: 'FAO-56 Table 11 barley, oats, wheat, 35-45 degrees, March-April; Tables 12, 22 (spring wheat)',
  },
  'winter-wheat': {
    id: 'winter-wheat',
    lengthsD: [160, 75, 75, 25],
    kcIni: 0.4,
    kcMid: 1.15,
    kcEnd: 0.25,
    heightM: 1,
    rootMinM: 0.15,
    rootMaxM: 1.5,
    p: 0.55,
    heat: base(0, null),
    heatStages: [],
    heatSource: ONLY_BASE,
    source: 'FAO-56 Table 11 winter wheat, Idaho, October; Tables 12 (frozen soils), 22',
  },
  potato: {
    id: 'potato',
    lengthsD: [25, 30, 45, 30],
    kcIni: 0.5,
    kcMid: 1.15,
    kcEnd: 0.75,
    heightM: 0.6,
    rootMinM: 0.15,
    rootMaxM: 0.4,
    p: 0.35,
    heat: base(7, 30),
    heatStages: [],
    heatSource: ONLY_BASE,
    source: 'FAO-56 Table 11 potato, continental climate, May; Tables 12, 22',
  },
  grape: {
    id: 'grape',
    lengthsD: [20, 50, 75, 60],
    kcIni: 0.3,
    kcMid: 0.85,
    kcEnd: 0.45,
    heightM: 2,
    rootMinM: 1,
    rootMaxM: 1,
    p: 0.35,
    heat: base(10, null),
    heatStages: [],
    heatSource: 'Winkler et al. 1974: base 10 °C; no sums',
    source: 'FAO-56 Table 11 grapes, California, March; Tables 12 (table grapes), 22',
  },
  generic: {
    id: 'generic',
    lengthsD: [25, 35, 45, 25],
    kcIni: 0.7,
    kcMid: 1.05,
    kcEnd: 0.95,
    heightM: 0.4,
    rootMinM: 0.15,
    rootMaxM: 0.4,
    p: 0.4,
    heat: base(10, null),
    heatStages: [],
    heatSource: ONLY_BASE,
    source: 'FAO-56 Table 12 small vegetables (group values); lengths, roots and p unconfirmed',
  },
} satisfies Record<string, Crop>

export type CropName = keyof typeof crops

const others: Record<string, CropName> = {
  paddy: 'rice',
  soya: 'soybean',
  soybeans: 'soybean',
  corn: 'maize',
  apples: 'apple',
  orchard: 'apple',
  grapes: 'grape',
}

/** The row of a crop's name, or of a name used for it ('paddy', 'corn'); undefined when the table has none. */
export function cropOf(name: string): Crop | undefined {
  const key = name.trim().toLowerCase()
  return (crops as Record<string, Crop>)[others[key] ?? key]
}
