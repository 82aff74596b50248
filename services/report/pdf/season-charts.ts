/** Charts of a season: yields of all fields by variety, and water per member or field. Pure. */
import type { SeasonSource } from '../season/season-source.ts'
import type { Amounts } from './amounts.ts'
import type { BarsBlock, StripsBlock } from './document.ts'
import { type Lang, translator } from '../text/lang.ts'

/** Empty without a known yield. */
export function yieldBlock({ read }: SeasonSource, amounts: Amounts, lang: Lang): StripsBlock[] {
  const translate = translator(lang)
  const { report } = read
  if (report.strips.length === 0) return []
  return [
    {
      kind: 'strips',
      title: translate(`Yield of each field (${amounts.yieldUnit})`, `圃場別の収量（${amounts.yieldUnit}）`),
      note: translate(
        'One dot per field. Box: middle half; line: median.',
        '点は圃場1枚。帯は中央の半数、太線は中央値。',
      ),
      strips: report.strips.slice(0, MAX_STRIPS).map(({ variety, q1, median, q3, dots }) => ({
        label: `${variety ?? translate('variety not entered', '品種の記入なし')} (${dots.length})`,
        q1: amounts.yieldIn(q1),
        median: amounts.yieldIn(median),
        q3: amounts.yieldIn(q3),
        dots: dots.map(({ kgHa }) => amounts.yieldIn(kgHa)),
      })),
    },
  ]
}
const MAX_STRIPS = 8

interface WaterBar {
  label: string
  waterM3Ha: number | null
  meteredShare: number | null
}

/** One bar each, least water first; empty without known water. */
export function waterBars(
  rows: readonly WaterBar[],
  x: { amounts: Amounts; lang: Lang; title: string; meanM3Ha: number | null },
): BarsBlock[] {
  const translate = translator(x.lang)
  const bars = rows.flatMap(({ label, waterM3Ha, meteredShare }) =>
    waterM3Ha === null ? [] : [{ label, value: x.amounts.waterIn(waterM3Ha), solid: meteredShare ?? 0 }],
  )
  if (bars.length === 0) return []
  const without = rows.length - bars.length
  return [
    {
      kind: 'bars',
      title: `${x.title} (${x.amounts.waterUnit})`,
      note:
        without === 0
          ? ''
          : translate(
              `Unknown or not shared for ${without}.`,
              `${without}件は水量が不明、または共有されていません。`,
            ),
      bars: bars.sort((a, b) => a.value - b.value || (a.label < b.label ? -1 : 1)),
      legend: {
        solid: translate('metered', '実測'),
        rest: translate('calculated or reported', '流量からの推定・記入'),
      },
      mean:
        x.meanM3Ha === null
          ? null
          : {
              value: x.amounts.waterIn(x.meanM3Ha),
              label: `${translate('mean', '平均')} ${x.amounts.water(x.meanM3Ha)}`,
            },
    },
  ]
}
