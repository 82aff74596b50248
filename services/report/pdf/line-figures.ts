/** Key figures of a season or of one member. Pure. */
import type { Lang } from '../formats/basis-text.ts'
import type { MemberLine } from '../season/season-report.ts'
import { missingValueText } from '../formats/labels.ts'
import { changeText, percentText, translator, type Amounts } from './amounts.ts'
import type { FiguresBlock } from './document.ts'

type Line = Pick<
  MemberLine,
  'areaM2' | 'withYield' | 'kgHa' | 'usualKgHa' | 'change' | 'waterM3Ha' | 'meteredShare' | 'withheld'
>

/** `members`: their number; absent for one member. */
export function lineFigures(
  line: Line,
  { amounts, lang, fields, members }: { amounts: Amounts; lang: Lang; fields: number; members?: number },
): FiguresBlock {
  const say = translator(lang)
  const textOf = (value: number | null, part: 'yield' | 'water', text: (value: number) => string) =>
    value === null ? missingValueText(lang, line, part) : text(value)
  const { bales } = amounts
  const withYieldText = say(`${line.withYield} of ${fields} fields`, `${line.withYield}/${fields}枚`)
  return {
    kind: 'figures',
    figures: [
      {
        label: say('Area', '面積'),
        value: `${amounts.area(line.areaM2)} ${amounts.areaUnit}`,
        note:
          (members === undefined ? '' : say(`${members} members, `, `${members}名・`)) +
          say(`${fields} fields`, `${fields}枚`),
      },
      {
        label: say('Yield, area-weighted', '収量（面積加重平均）'),
        value: textOf(line.kgHa, 'yield', (kgHa) => `${amounts.yield(kgHa)} ${amounts.yieldUnit}`),
        note: (bales === null || line.kgHa === null ? '' : `${bales(line.kgHa)}俵/10a・`) + withYieldText,
      },
      {
        label: say('Change from the 5-year mean', '平年差（過去5年平均）'),
        value: textOf(line.change, 'yield', changeText),
        note: textOf(line.usualKgHa, 'yield', (kgHa) => `${amounts.yield(kgHa)} ${amounts.yieldUnit}`),
      },
      {
        label: say('Water applied', '用水量'),
        value: textOf(line.waterM3Ha, 'water', (m3Ha) => `${amounts.water(m3Ha)} ${amounts.waterUnit}`),
        note: say('metered: ', 'うち実測 ') + textOf(line.meteredShare, 'water', percentText),
      },
    ],
  }
}
