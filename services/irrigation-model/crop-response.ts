/**
 * Crop tables of the FAO other than FAO-56 (water stress is in `crop-stress.ts`):
 * - Ky by phase: Doorenbos & Kassam 1979, FAO Irrigation and Drainage Paper 33, Table 24: the sensitive phases.
 *   Unconfirmed for a variety.
 * - rooting depth: FAO-56 Table 22; the larger of its range, which footnote 1 has for modelling stress (the
 *   smaller is for scheduling by table, with no sensor).
 * - a good commercial yield under irrigation: Doorenbos & Kassam 1979, FAO-33 chapter V, as harvested. Only
 *   where the farm has entered none.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { rowsOf } from '../agronomy/fao56/find-row.ts'
import { table22 } from '../agronomy/fao56/table22-rooting-depth.ts'

export const phases = ['vegetative', 'flowering', 'yield-formation', 'ripening'] as const

export interface CropResponse {
  /** loss of yield by relative shortage of the phase's transpiration, in the order of `phases` */
  ky: readonly [number, number, number, number]
  rootM: number
  /** a good commercial yield, as harvested: t/ha */
  yieldTHa: number
  isOwn: boolean // the table has this crop; else general values
}

type Row = readonly [ky: CropResponse['ky'], yieldTHa: number]

const table: Readonly<Record<string, Row>> = {
  maize: [[0.4, 1.5, 0.5, 0.2], 8],
  wheat: [[0.2, 0.65, 0.55, 0.2], 5],
  'winter-wheat': [[0.2, 0.6, 0.5, 0.2], 5],
  barley: [[0.2, 0.6, 0.5, 0.2], 5],
  potato: [[0.45, 0.8, 0.7, 0.2], 30],
  cotton: [[0.2, 0.5, 0.5, 0.25], 4.5],
  soybean: [[0.2, 0.8, 1, 0.3], 3],
  tomato: [[0.4, 1.1, 0.8, 0.4], 55],
  sunflower: [[0.35, 1, 0.8, 0.2], 3],
  sorghum: [[0.2, 0.55, 0.45, 0.2], 4],
  'sugar-beet': [[0.5, 0.6, 0.6, 0.3], 50],
  bean: [[0.2, 1.1, 0.75, 0.2], 2],
  pea: [[0.2, 0.9, 0.7, 0.2], 2.5],
  groundnut: [[0.2, 0.8, 0.6, 0.2], 4],
  onion: [[0.45, 0.8, 0.8, 0.3], 40],
  cabbage: [[0.2, 0.45, 0.45, 0.6], 30],
  watermelon: [[0.6, 0.8, 0.8, 0.3], 30],
  pepper: [[0.5, 1.1, 0.8, 0.4], 18],
  sugarcane: [[0.75, 0.5, 0.5, 0.1], 130],
  alfalfa: [[0.7, 0.9, 0.9, 0.9], 15],
  grape: [[0.4, 0.85, 0.85, 0.4], 20],
  citrus: [[0.5, 1, 0.9, 0.5], 30],
  apple: [[0.5, 1, 0.9, 0.5], 35], // as citrus, unconfirmed
  safflower: [[0.3, 0.55, 0.6, 0.2], 3],
}

/** Words in FAO-56's longer names, for the rows above. */
const wordRows: readonly (readonly [word: string, row: string])[] = [
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

/** Without a row: FAO-33's phases of a crop whose seasonal Ky is 1. */
const GENERAL_KY = [0.4, 1.1, 0.7, 0.3] as const
const GENERAL_YIELD_T_HA = 10

/** The response of a crop from its tables, else from its seasonal Ky and a general yield. */
export function cropResponse(crop: Crop): CropResponse {
  const key = Object.hasOwn(table, crop.id) ? crop.id : wordRows.find(([word]) => crop.id.includes(word))?.[1]
  const row = key === undefined ? undefined : table[key]
  const rootM = rootDepthOf(crop)
  if (row) return { ky: row[0], yieldTHa: row[1], rootM, isOwn: true }
  const season = crop.ky ?? 1
  const [a, b, c, d] = GENERAL_KY
  return {
    ky: [a * season, b * season, c * season, d * season],
    yieldTHa: GENERAL_YIELD_T_HA,
    rootM,
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

/**
 * Where FAO 66 has roots well below Table 22: potato to 1.5 m, maize to 2.3 m; between the two. Unconfirmed for
 * a soil
 */
const deeper: Readonly<Record<string, number>> = { potato: 0.9, maize: 2 }

/** The larger of the range of Table 22, m; a crop with constant roots keeps the smaller value. */
function rootDepthOf(crop: Crop): number {
  const measured = deeper[crop.id]
  if (measured !== undefined) return measured
  const row = rowsOf(table22, rootNames[crop.id] ?? crop.id.replaceAll('-', ' '))[0]
  if (!row || crop.rootMinM >= crop.rootMaxM || row[1] !== crop.rootMaxM) return crop.rootMaxM
  return row[2]
}

/**
 * Share of the mid-season with flowering and fruit set; the yield fills afterwards. FAO-33's phases on Table
 * 11.
 */
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
