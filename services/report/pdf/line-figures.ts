/** Key figures of a season or of one member. Pure. */
import { missingValueText } from '../text/labels.ts'
import { changeText, percentText, type Amounts } from './amounts.ts'
import type { FiguresBlock } from './document.ts'
import { type Lang, translator } from '../text/lang.ts'
import type { MemberLine } from '../season/lines.ts'

type Line = Pick<
  MemberLine,
  | 'areaM2'
  | 'withYield'
  | 'kgHa'
  | 'usualKgHa'
  | 'change'
  | 'comparedKgHa'
  | 'compared'
  | 'waterM3Ha'
  | 'meteredShare'
  | 'withheld'
>

/** Both sides of the change, and the number of fields that they are of. */
function comparedText({ comparedKgHa, usualKgHa, compared }: Line, amounts: Amounts, lang: Lang): string {
  if (comparedKgHa === null || usualKgHa === null) return ''
  const [now, usual] = [amounts.yield(comparedKgHa), amounts.yield(usualKgHa)]
  return lang === 'ja'
    ? `同じ${compared}枚で${now}／${usual}`
    : `${now} against ${usual}, same ${compared} fields`
}

/** `members`: their number; absent for one member. */
export function lineFigures(
  line: Line,
  { amounts, lang, fields, members }: { amounts: Amounts; lang: Lang; fields: number; members?: number },
): FiguresBlock {
  const translate = translator(lang)
  const textOf = (value: number | null, part: 'yield' | 'water', text: (value: number) => string) =>
    value === null ? missingValueText(lang, line, [part]) : text(value)
  const { bales } = amounts
  const withYieldText = translate(`${line.withYield} of ${fields} fields`, `${line.withYield}/${fields}枚`)
  return {
    kind: 'figures',
    figures: [
      {
        label: translate('Area', '面積'),
        value: `${amounts.area(line.areaM2)} ${amounts.areaUnit}`,
        note:
          (members === undefined ? '' : translate(`${members} members, `, `${members}名・`)) +
          translate(`${fields} fields`, `${fields}枚`),
      },
      {
        label: translate('Yield, area-weighted', '収量（面積加重平均）'),
        value: textOf(line.kgHa, 'yield', (kgHa) => `${amounts.yield(kgHa)} ${amounts.yieldUnit}`),
        note: (bales === null || line.kgHa === null ? '' : `${bales(line.kgHa)}俵/10a・`) + withYieldText,
      },
      {
        label: translate('Change from the 5-year mean', '平年比（過去5年平均）'),
        value: textOf(line.change, 'yield', changeText),
        note: comparedText(line, amounts, lang),
      },
      {
        label: translate('Water applied, by field area', '用水量（圃場面積あたり）'),
        value: textOf(line.waterM3Ha, 'water', (m3Ha) => `${amounts.water(m3Ha)} ${amounts.waterUnit}`),
        note: translate('metered: ', 'うち実測 ') + textOf(line.meteredShare, 'water', percentText),
      },
    ],
  }
}
