/** Data quality of a season over all fields. Pure. */
import type { ReportField } from '../season/season-source.ts'
import type { TableBlock } from './document.ts'
import { type Lang, translator } from '../text/lang.ts'

const ofLoads =
  (input: 'moisture' | 'foreign') =>
  ({ record }: ReportField): number | null =>
    record.withheld.includes('yield') ? null : (record.yield.lacking[input] ?? 0)

/** Data that can be missing, with the count for a field. Null: unknown there. */
const qualityRows: { en: string; ja: string; of: (row: ReportField) => number | null }[] = [
  { en: 'Yield', ja: '収量の記録', of: ({ line }) => Number(line.missing.includes('yield')) },
  {
    en: 'Yield convertible to the basis',
    ja: '基準に直せる収量',
    of: ({ line }) => Number(line.missing.includes('basis')),
  },
  { en: 'Days with rain data', ja: '降水量のある日', of: ({ record }) => record.rainMissingDays },
  { en: 'Days with crop ET', ja: '蒸発散量のある日', of: ({ record }) => record.etMissingDays },
  {
    en: 'Days with a disease assessment',
    ja: '病害を判定できた日',
    of: ({ record }) => record.diseaseUnknownDays,
  },
  { en: 'Runs with a known volume', ja: '水量のわかる灌水', of: ({ record }) => record.runsWithoutVolume },
  { en: 'Confirmed records of runs', ja: '確定した灌水記録', of: ({ record }) => record.runsUnconfirmed },
  { en: 'Loads with moisture', ja: '水分のある計量', of: ofLoads('moisture') },
  { en: 'Loads with foreign matter', ja: '異物のある計量', of: ofLoads('foreign') },
  { en: 'Confirmed records of sprays', ja: '確定した防除記録', of: ({ record }) => record.spraysUnrecorded },
]

/** A row for each kind of record: how many are missing, in how many fields, and the fields where that is unknown. */
export function qualityTable(fields: readonly ReportField[], lang: Lang): TableBlock {
  const translate = translator(lang)
  return {
    kind: 'table',
    title: translate('Data quality', 'データの質'),
    note: translate(
      'Number missing and in how many fields. Unknown: fields without such a record, or that do not share it.',
      '足りない件数と、その圃場数。「不明」は、その記録がまったくないか共有していない圃場の数です。',
    ),
    columns: [
      { head: translate('Record', '記録'), share: 10, isText: true },
      { head: translate('Missing', '足りない件数'), share: 3, isText: false },
      { head: translate('In fields', '圃場数'), share: 3, isText: false },
      { head: translate('Unknown', '不明'), share: 3, isText: false },
    ],
    rows: qualityRows.map(({ en, ja, of: missingCount }) => {
      const values = fields.map(missingCount)
      const knownCounts = values.filter((value) => value !== null)
      return [
        translate(en, ja),
        ...[
          knownCounts.reduce((sum, value) => sum + value, 0),
          knownCounts.filter((value) => value > 0).length,
        ].map(String),
        String(values.length - knownCounts.length),
      ]
    }),
  }
}
