/**
 * How the yield of a crop answers to a shortage of water, phase by phase. Four tables of the FAO:
 * - Ky by phase: Doorenbos & Kassam 1979, FAO Irrigation and Drainage Paper 33, Table 24. Unconfirmed for a variety.
 * - p of the stomata and the shape of Ks beyond it: Steduto, Hsiao, Fereres & Raes 2012, FAO 66, and the AquaCrop
 *   reference manual, Annex I (conservative parameters). Leaves stop growing earlier, which p of FAO-56 covers.
 * - rooting depth: FAO-56 Table 22; the larger of its range, which footnote 1 has for modelling stress (the smaller is
 *   for scheduling by table, with no sensor).
 * - a good commercial yield under irrigation: FAO-33 chapter V, as harvested. Only where the farm names none.
 */
import type { Crop } from '../../agronomy/crops.ts'
import { rowsOf } from '../../agronomy/fao56/find-row.ts'
import { table22 } from '../../agronomy/fao56/table22.ts'

export const phases = ['vegetative', 'flowering', 'yield-formation', 'ripening'] as const
export type Phase = (typeof phases)[number]

export interface CropResponse {
  /** loss of yield by relative shortage of the phase's transpiration, in the order of `phases` */
  ky: readonly [number, number, number, number]
  /** share of TAW that is used before the stomata close, at 5 mm/d */
  pStomata: number
  /** curvature of Ks beyond p; FAO-66 has about 3 for most crops, 0 would be the straight line of FAO-56 Eq. 84 */
  shape: number
  rootM: number
  yieldTHa: number
  isOwn: boolean // the tables have this crop; else general values
}

type Row = readonly [ky: CropResponse['ky'], pStomata: number, yieldTHa: number]

const table: Readonly<Record<string, Row>> = {
  maize: [[0.4, 1.5, 0.5, 0.2], 0.69, 8],
  wheat: [[0.2, 0.65, 0.55, 0.2], 0.65, 5],
  'winter-wheat': [[0.2, 0.6, 0.5, 0.2], 0.65, 5],
  barley: [[0.2, 0.6, 0.5, 0.2], 0.6, 5],
  potato: [[0.45, 0.8, 0.7, 0.2], 0.6, 30],
  cotton: [[0.2, 0.5, 0.5, 0.25], 0.65, 4.5],
  soybean: [[0.2, 0.8, 1, 0.3], 0.6, 3],
  tomato: [[0.4, 1.1, 0.8, 0.4], 0.5, 55],
  sunflower: [[0.35, 1, 0.8, 0.2], 0.6, 3],
  sorghum: [[0.2, 0.55, 0.45, 0.2], 0.75, 4],
  'sugar-beet': [[0.5, 0.6, 0.6, 0.3], 0.65, 50],
  bean: [[0.2, 1.1, 0.75, 0.2], 0.6, 2],
  pea: [[0.2, 0.9, 0.7, 0.2], 0.5, 2.5],
  groundnut: [[0.2, 0.8, 0.6, 0.2], 0.55, 4],
  onion: [[0.45, 0.8, 0.8, 0.3], 0.35, 40],
  cabbage: [[0.2, 0.45, 0.45, 0.6], 0.5, 30],
  watermelon: [[0.6, 0.8, 0.8, 0.3], 0.5, 30],
  pepper: [[0.5, 1.1, 0.8, 0.4], 0.4, 18],
  sugarcane: [[0.75, 0.5, 0.5, 0.1], 0.5, 130],
  alfalfa: [[0.7, 0.9, 0.9, 0.9], 0.6, 15],
  grape: [[0.4, 0.85, 0.85, 0.4], 0.5, 20],
  citrus: [[0.5, 1, 0.9, 0.5], 0.55, 30],
  apple: [[0.5, 1, 0.9, 0.5], 0.55, 35], // as citrus, unconfirmed
  safflower: [[0.3, 0.55, 0.6, 0.2], 0.65, 3],
}

/** Words of FAO-56's longer names, for the rows above. */
const names: readonly (readonly [word: string, row: string])[] = [
  ['beans', 'bean'],
  ['bean', 'bean'],
  ['peas', 'pea'],
  ['pea', 'pea'],
  ['groundnut', 'groundnut'],
  ['peanut', 'groundnut'],
  ['onions', 'onion'],
  ['cabbage', 'cabbage'],
  ['watermelon', 'watermelon'],
  ['peppers', 'pepper'],
  ['sugarcane', 'sugarcane'],
  ['alfalfa', 'alfalfa'],
  ['grapes', 'grape'],
  ['citrus', 'citrus'],
  ['sugar-beet', 'sugar-beet'],
  ['sunflower', 'sunflower'],
  ['sorghum', 'sorghum'],
  ['barley', 'barley'],
  ['safflower', 'safflower'],
]

/** Convexity of most crops of FAO-66. */
const SHAPE = 3
/** Without a row: FAO-33's phases of a crop whose Ky of the season is 1. */
const GENERAL_KY = [0.4, 1.1, 0.7, 0.3] as const
const GENERAL_YIELD_T_HA = 10
/** A crop by its tables, else by its Ky of the season, its own p and general shares of the phases. */
export function responseOf(crop: Crop): CropResponse {
  const key = Object.hasOwn(table, crop.id) ? crop.id : names.find(([word]) => crop.id.includes(word))?.[1]
  const row = key === undefined ? undefined : table[key]
  const rootM = rootOf(crop)
  if (row) {
    const [ky, pStomata, yieldTHa] = row
    // FAO-56 is careful for every variety, FAO 66 measured a few: half way
    return { ky, pStomata: (pStomata + crop.p) / 2, shape: SHAPE, rootM, yieldTHa, isOwn: true }
  }
  const season = crop.ky ?? 1
  const [a, b, c, d] = GENERAL_KY
  return {
    ky: [a * season, b * season, c * season, d * season],
    pStomata: crop.p,
    shape: SHAPE,
    rootM,
    yieldTHa: GENERAL_YIELD_T_HA,
    isOwn: false,
  }
}

const rootNames: Readonly<Record<string, string>> = {
  maize: 'maize field grain corn',
  wheat: 'spring wheat',
  'winter-wheat': 'winter wheat',
  soybean: 'soybeans',
  apple: 'apples cherries pears',
  grape: 'grapes table raisin',
}

/** The larger of the range of Table 22; a crop that has its roots from the start keeps the smaller value. */
function rootOf(crop: Crop): number {
  const row = rowsOf(table22, rootNames[crop.id] ?? crop.id.replaceAll('-', ' '))[0]
  if (!row || crop.rootMinM >= crop.rootMaxM || row[1] !== crop.rootMaxM) return crop.rootMaxM
  return row[2]
}

/** Share of the mid-season in which a crop flowers and sets; what follows fills the yield. FAO-33's phases on Table 11. */
const FLOWERING_SHARE = 0.35

/** The phase by days of Table 11. */
export function phaseIndexOf(
  { lengthsD: [ini, dev, mid] }: Pick<Crop, 'lengthsD'>,
  ageD: number,
): 0 | 1 | 2 | 3 {
  if (ageD < ini + dev) return 0
  if (ageD < ini + dev + FLOWERING_SHARE * mid) return 1
  return ageD < ini + dev + mid ? 2 : 3
}

/** Relative transpiration, 0-1, at a share of TAW that is used. FAO-66: convex, so that a little beyond p costs little. */
export function ksConvex(used: number, p: number, shape: number): number {
  if (used <= p) return 1
  if (used >= 1) return 0
  const x = (used - p) / (1 - p)
  return 1 - (Math.exp(shape * x) - 1) / (Math.exp(shape) - 1)
}
