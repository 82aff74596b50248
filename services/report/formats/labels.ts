/** Words that several forms of a report share. */
import type { Lang } from './basis-text.ts'
import type { MissingKey, Outlier } from '../season/season-report.ts'
import type { SharedPart } from '../season/sharing.ts'

/** What stands where nothing is known, and where a member does not let it be seen. */
const unknown: Record<Lang, string> = { en: 'missing', ja: '欠測' }
const withheld: Record<Lang, string> = { en: 'withheld', ja: '非共有' }

/** In the place of a value that is null. `part`: which part of what a member shares it would be of. */
export const missingValueText = (
  lang: Lang,
  row?: { withheld: readonly SharedPart[] },
  part?: SharedPart,
): string => (part !== undefined && row?.withheld.includes(part) ? withheld : unknown)[lang]

export const missingText: Record<MissingKey, Record<Lang, string>> = {
  yield: { en: 'yield', ja: '収量' },
  basis: { en: 'yield on the base', ja: '基準での収量' },
  volume: { en: 'volume of a run', ja: '灌水量' },
  weather: { en: 'weather', ja: '気象' },
  record: { en: 'record of a spray', ja: '防除の記録' },
}
export const outlierText: Record<Outlier, Record<Lang, string>> = {
  'yield-low': { en: 'yield far below', ja: '収量がかなり低い' },
  'yield-high': { en: 'yield far above', ja: '収量がかなり高い' },
  'water-low': { en: 'water far below', ja: '水量がかなり少ない' },
  'water-high': { en: 'water far above', ja: '水量がかなり多い' },
}
