/** Crops of the FAO-56 tables without an entry in the catalogue. */
import type { Crop } from './crop.ts'
import type { HeatModel } from './degree-days.ts'
import { isWithin, rowsOf, wordsOf } from '../fao56/find-row.ts'
import { table11, type StageRow } from '../fao56/table11-stage-lengths.ts'
import { table12 } from '../fao56/table12-crop-coefficients.ts'
import { table17 } from '../fao56/table17-basal-coefficients.ts'
import { table22 } from '../fao56/table22-rooting-depth.ts'
import { kyOf } from './yield-response.ts'

/** Undefined when Table 12 has no such crop, or no table has its stage lengths or rooting depth. */
export function cropFromTables(name: string, heat: HeatModel, heatSource: string): Crop | undefined {
  const kc = findKcRow(name)
  if (!kc) return undefined
  const id = kc[0]
  const stages = findStages(id)
  const roots = rowsOf(table22, id)[0]
  if (!stages || !roots) return undefined
  const kcb = rowsOf(table17, id)[0]
  const isPerennial = perennials.some((word) => isWithin(wordsOf(word), wordsOf(id)))
  return {
    id: id.replaceAll(' ', '-'),
    lengthsD: [stages.row[1], stages.row[2], stages.row[3], stages.row[4]],
    kcIni: kc[1],
    kcMid: kc[2],
    kcEnd: kc[3],
    kcb: kcb ? [kcb[1], kcb[2], kcb[3]] : null,
    heightM: kc[4] ?? 0.4,
    rootMinM: isPerennial ? roots[1] : 0.15,
    rootMaxM: roots[1],
    p: roots[3],
    ky: kyOf(id),
    cover: isPerennial
      ? 'orchard'
      : grains.some((word) => isWithin(wordsOf(word), wordsOf(id)))
        ? 'grain'
        : 'row',
    heat,
    heatStages: [],
    heatSource,
    source: `FAO-56 Table 11 ${stages.row[0]}, ${stages.row[6]}${stages.isLike ? ' (of a like crop, unconfirmed)' : ''}; Tables 12, 17, 22 ${id}`,
  }
}

// words that distinguish rows of one crop but do not name a crop
const qualifiers = new Set(
  wordsOf(
    'no and or with for active averaged bare bushes canopy cover cutting effects dry fresh frost frosts ground harvested hay individual killing market moisture periods seed soil soils wet year first second cool warm season over year',
  ),
)

function findKcRow(name: string): (typeof table12)[number] | undefined {
  const nameWords = wordsOf(name)
  if (!nameWords.some((word) => !qualifiers.has(word))) return undefined
  return (
    table12.find(([crop]) => wordsOf(crop).join(' ') === nameWords.join(' ')) ??
    table12.find(([crop]) => wordsOf(crop).join(' ').startsWith(nameWords.join(' '))) ??
    table12.find(([crop]) => isWithin(nameWords, wordsOf(crop)))
  )
}

/**
 * Of a crop's rows, that of the Mediterranean or its latitudes, otherwise the first; of a similar crop where Table 11
 * has none.
 */
function findStages(id: string): { row: StageRow; isLike: boolean } | undefined {
  const ownRows = rowsOf(table11, id)
  const like =
    ownRows.length > 0 ? undefined : similarCrops.find(([word]) => isWithin(wordsOf(word), wordsOf(id)))
  const rows = like ? table11.filter(([name]) => name === like[1]) : ownRows
  const row = rows.find(([, , , , , , region]) => /mediterranean|35-45/.test(region)) ?? rows[0]
  return row && { row, isLike: like !== undefined && !synonyms.has(like[0]) }
}

/** Crops without a row of their own in Table 11, and the row that is used. */
const similarCrops: readonly (readonly [crop: string, row: string])[] = [
  ['barley', 'barley oats wheat'],
  ['oats', 'barley oats wheat'],
  ['apples', 'deciduous orchard'],
  ['apricots', 'deciduous orchard'],
  ['almonds', 'deciduous orchard'],
  ['alfalfa', 'alfalfa first cutting cycle'],
  ['sudangrass', 'sudan first cutting cycle'],
  ['bermuda', 'bermuda hay several cuttings'],
  ['sugarcane', 'sugarcane ratoon'],
  ['brussel sprouts', 'cabbage'],
  ['garlic', 'onions dry'],
  ['parsnip', 'carrots'],
  ['turnip', 'beets table'],
  ['chickpea', 'lentil'],
  ['garbanzo', 'lentil'],
  ['rapeseed', 'flax'],
  ['clover', 'alfalfa first cutting cycle'],
  ['rye grass', 'alfalfa first cutting cycle'],
  ['strawberries', 'artichokes'],
  ['mint', 'alfalfa first cutting cycle'],
  ['berries', 'deciduous orchard'],
  ['kiwi', 'deciduous orchard'],
  // evergreen
  ['avocado', 'citrus'],
  ['cacao', 'citrus'],
  ['coffee', 'citrus'],
  ['palm', 'citrus'],
  ['rubber', 'citrus'],
  ['tea', 'citrus'],
  ['conifer', 'citrus'],
  ['sisal', 'citrus'],
  ['turfgrass', 'citrus'],
  ['grazing pasture', 'citrus'],
]
/** The row names these crops with other words. */
const synonyms = new Set([
  'barley',
  'oats',
  'apples',
  'apricots',
  'alfalfa',
  'sudangrass',
  'bermuda',
  'sugarcane',
])

/** Crops with full roots at the start of a season. */
const perennials = [
  'alfalfa',
  'almonds',
  'apples',
  'apricots',
  'artichokes',
  'asparagus',
  'avocado',
  'banana second',
  'berries',
  'bermuda',
  'cacao',
  'citrus',
  'coffee',
  'conifer',
  'grapes',
  'grazing',
  'hops',
  'kiwi',
  'mint',
  'olives',
  'palm',
  'pistachios',
  'rubber',
  'sisal',
  'sugarcane',
  'tea',
  'turfgrass',
  'walnut',
]

const grains = ['barley', 'oats', 'wheat', 'millet']
