/** The notes of a season of `npm run decide -- --product`. */
export const productKeys = {
  'crop-generic': 'no table has this crop',
  'no-history': 'no weather of other years',
  'no-economics': '100 mm of water are taken to be worth 4 % of a full yield',
  'same-farm': 'the farm of the last season goes on with what it has stored and learned',
} as const

export type ProductKey = keyof typeof productKeys
