/**
 * Crops: FAO-56 Table 11 (lengths of stages), Table 12 (Kc, height), Table 17 (Kcb), Table 22 (rooting depth, p),
 * Table 24 (Ky). Of the range of rooting depths the smaller value is taken: Table 22, footnote 1, specifies it for
 * irrigation scheduling. Kc and Kcb are valid for wind of 2 m/s and a minimum humidity of 45 % (`kcClimatic` in
 * growth.ts adjusts). A variety or a region may differ.
 */
import type { Crop } from './crop.ts'
import type { HeatModel } from './degree-days.ts'
import { rowsOf } from '../fao56/find-row.ts'
import { table11 } from '../fao56/table11-stage-lengths.ts'
import { table12 } from '../fao56/table12-crop-coefficients.ts'
import { table17 } from '../fao56/table17-basal-coefficients.ts'
import { table22 } from '../fao56/table22-rooting-depth.ts'
import type { Cover } from '../water/runoff.ts'
import { cropFromTables } from './from-tables.ts'
import { kyOf } from './yield-response.ts'

const degreesAbove = (lowerC: number, upperC: number | null): HeatModel => ({
  method: 'modified-average',
  cutoff: upperC === null ? 'none' : 'horizontal',
  lowerC,
  upperC,
})

const BASE_TEMPERATURE_ONLY = 'base temperature by common use; no sums' // unconfirmed

/** Rows of the tables, by their names there. */
interface TableRows {
  stages: readonly [crop: string, planted: string, region: string]
  kc: string
  roots: string
  rootMinM?: number
  cover?: Cover
  heat: HeatModel
  heatStages?: Crop['heatStages']
  heatSource?: string
}

function cropFromRows(id: string, rows: TableRows): Crop {
  const [stagesOf, planted, region] = rows.stages
  const stages = table11.find((row) => row[0] === stagesOf && row[5] === planted && row[6] === region)!
  const kc = table12.find(([name]) => name === rows.kc)!
  const roots = table22.find(([name]) => name === rows.roots)!
  const kcb = rowsOf(table17, rows.kc)[0]
  return {
    id,
    lengthsD: [stages[1], stages[2], stages[3], stages[4]],
    kcIni: kc[1],
    kcMid: kc[2],
    kcEnd: kc[3],
    kcb: kcb ? [kcb[1], kcb[2], kcb[3]] : null,
    heightM: kc[4]!,
    rootMinM: rows.rootMinM ?? 0.15,
    rootMaxM: roots[1],
    p: roots[3],
    ky: kyOf(rows.kc),
    cover: rows.cover ?? 'row',
    heat: rows.heat,
    heatStages: rows.heatStages ?? [],
    heatSource: rows.heatSource ?? BASE_TEMPERATURE_ONLY,
    source: `FAO-56 Table 11 ${stagesOf}, ${region}, ${planted}; Tables 12 and 17 ${rows.kc}; Table 22 ${rows.roots}`,
  }
}

/**
 * AquaCrop reference manual, Annex I (heading about 1,100, yellowing 1,700, ripe 2,400 °C·d); the rows of Table 11 for wheat,
 * 120-240 days, give 2,300-2,600 °C·d in their climates.
 */
const wheatHeat = {
  heat: degreesAbove(0, null),
  heatStages: [
    { stage: 'heading', sumCd: 1100, ends: 'development' },
    { stage: 'yellowing', sumCd: 1750, ends: 'mid-season' },
    { stage: 'maturity', sumCd: 2400, ends: 'late-season' },
  ],
  heatSource: 'AquaCrop reference manual, Annex I, base 0 °C; unconfirmed for a variety',
} as const satisfies Partial<TableRows>

export const crops = {
  rice: cropFromRows('rice', {
    stages: ['rice', 'dec may', 'tropics mediterranean'],
    kc: 'rice',
    roots: 'rice', // p = 0.20 of saturation
    heat: degreesAbove(10, null),
  }),
  soybean: cropFromRows('soybean', {
    stages: ['soybeans', 'jun', 'japan'],
    kc: 'soybeans',
    roots: 'soybeans',
    heat: degreesAbove(10, 30), // soybean depends on day length: a degree-day sum alone misleads
  }),
  maize: cropFromRows('maize', {
    stages: ['maize grain', 'apr', 'spain spring summer california'],
    kc: 'maize field grain corn 18% moisture',
    roots: 'maize field grain corn',
    heat: degreesAbove(10, 30),
    heatStages: [
      { stage: 'emergence', sumCd: 67 },
      { stage: 'tasselling', sumCd: 631, ends: 'development' },
      { stage: 'silking', sumCd: 778 },
      // irrigating a ripe crop is expensive: one of the earlier hybrids
      { stage: 'maturity', sumCd: 1360, ends: 'late-season' },
    ],
    heatSource:
      'US Corn Belt extension: 120, 1,135, 1,400 °F·d (50/86 °F), hybrids of 2,400-2,800 °F·d, of which 2,450; unconfirmed',
  }),
  tomato: cropFromRows('tomato', {
    stages: ['tomato', 'apr may', 'mediterranean'],
    kc: 'tomato',
    roots: 'tomato',
    rootMinM: 0.2,
    heat: degreesAbove(10, 30),
  }),
  apple: cropFromRows('apple', {
    stages: ['deciduous orchard', 'mar', 'high latitudes'],
    kc: 'apples cherries pears active ground cover killing frost',
    roots: 'apples cherries pears',
    rootMinM: 1, // an orchard has its roots before its leaves
    cover: 'orchard',
    heat: degreesAbove(4.5, null),
  }),
  cotton: cropFromRows('cotton', {
    stages: ['cotton', 'mar may', 'egypt pakistan california'],
    kc: 'cotton',
    roots: 'cotton',
    heat: degreesAbove(15.6, null),
    heatStages: [
      { stage: 'emergence', sumCd: 31 },
      { stage: 'first-square', sumCd: 250 },
      { stage: 'first-flower', sumCd: 451, ends: 'development' },
      { stage: 'open-boll', sumCd: 923, ends: 'mid-season' },
    ],
    heatSource: 'US Cotton Belt extension, DD60: 50-60, 425-475, 775-850, then 850 °F·d more; unconfirmed',
  }),
  wheat: cropFromRows('wheat', {
    stages: ['barley oats wheat', 'mar apr', '35-45 degrees latitude'],
    kc: 'spring wheat',
    roots: 'spring wheat',
    cover: 'grain',
    ...wheatHeat,
  }),
  'winter-wheat': cropFromRows('winter-wheat', {
    stages: ['winter wheat', 'oct', 'idaho usa'],
    kc: 'winter wheat frozen soils',
    roots: 'winter wheat',
    cover: 'grain',
    ...wheatHeat,
  }),
  potato: cropFromRows('potato', {
    stages: ['potato', 'may', 'continental climate'],
    kc: 'potato',
    roots: 'potato',
    heat: degreesAbove(7, 30),
  }),
  grape: cropFromRows('grape', {
    stages: ['grapes', 'mar', 'california usa'],
    kc: 'grapes table raisin',
    roots: 'grapes table raisin',
    rootMinM: 1,
    cover: 'orchard',
    heat: degreesAbove(10, null),
    heatSource: 'Winkler et al. 1974: base 10 °C; no sums',
  }),
  generic: {
    id: 'generic',
    lengthsD: [25, 35, 45, 25],
    kcIni: 0.7,
    kcMid: 1.05,
    kcEnd: 0.95,
    kcb: [0.15, 0.95, 0.85],
    heightM: 0.4,
    rootMinM: 0.15,
    rootMaxM: 0.4,
    p: 0.4,
    ky: null,
    cover: 'row',
    heat: degreesAbove(10, null),
    heatStages: [],
    heatSource: BASE_TEMPERATURE_ONLY,
    source:
      'FAO-56 Tables 12 and 17 small vegetables (group values); lengths, height, roots and p unconfirmed',
  },
} satisfies Record<string, Crop>

export type CropName = keyof typeof crops

const aliases: Record<string, string> = {
  paddy: 'rice',
  soya: 'soybean',
  soybeans: 'soybean',
  corn: 'maize',
  apples: 'apple',
  orchard: 'apple',
  grapes: 'grape',
  sugarbeet: 'sugar beet',
  'spring wheat': 'wheat',
  'winter wheat': 'winter-wheat',
}

/**
 * The crop of a name or of a synonym ('paddy', 'corn'); otherwise the crop of the FAO-56 tables with such a name
 * ('onion', 'sugar beet'). Undefined when no table has it.
 */
export function cropOf(name: string): Crop | undefined {
  const key = name.trim().toLowerCase()
  const canonical = Object.hasOwn(aliases, key) ? aliases[key]! : key
  if (Object.hasOwn(crops, canonical)) return crops[canonical as CropName]
  // a season looks up its crop every day, and reading the tables takes a millisecond
  const crop =
    tableCropCache.get(canonical) ?? cropFromTables(canonical, degreesAbove(10, null), BASE_TEMPERATURE_ONLY)
  if (crop) tableCropCache.set(canonical, crop)
  return crop
}
const tableCropCache = new Map<string, Crop>()
