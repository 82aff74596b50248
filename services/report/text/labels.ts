/** Labels that several forms of a report share. */
import type { Lang } from './lang.ts'
import type { SharedPart } from '../season/record.ts'
import type { MissingKey, Outlier } from '../season/lines.ts'

/** For unknown values, and for values that a member withholds. */
const unknown: Record<Lang, string> = { en: 'missing', ja: '欠測' }
const withheld: Record<Lang, string> = { en: 'withheld', ja: '非共有' }

/** Whether a null value is withheld, not unknown. `parts`: the shared parts that it is made from. */
export const isWithheld = (
  row: { withheld: readonly SharedPart[] } | undefined,
  parts: readonly SharedPart[] = [],
): boolean => parts.some((part) => row?.withheld.includes(part))

/** Text for a null value. `parts`: the shared parts that the value is made from. */
export const missingValueText = (
  lang: Lang,
  row?: { withheld: readonly SharedPart[] },
  parts?: readonly SharedPart[],
): string => (isWithheld(row, parts) ? withheld : unknown)[lang]

export const missingText: Record<MissingKey, Record<Lang, string>> = {
  yield: { en: 'yield', ja: '収量' },
  basis: { en: 'yield basis', ja: '基準での収量' },
  volume: { en: 'run volume', ja: 'かん水量' },
  weather: { en: 'weather', ja: '気象' },
  record: { en: 'spray record', ja: '防除の記録' },
}
export const outlierText: Record<Outlier, Record<Lang, string>> = {
  'yield-low': { en: 'yield far below the median', ja: '収量がかなり低い' },
  'yield-high': { en: 'yield far above the median', ja: '収量がかなり高い' },
  'water-low': { en: 'water far below the median', ja: '水量がかなり少ない' },
  'water-high': { en: 'water far above the median', ja: '水量がかなり多い' },
}

/** The heading of the day on which a crop was planted: in Japanese rice is transplanted. */
export const plantedHeading = (crop: string): Record<Lang, string> => ({
  en: 'Planted',
  ja: crop === 'rice' ? '田植え日' : '植付日',
})
