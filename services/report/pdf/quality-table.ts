/** Data quality of a season over all fields. Pure. */
import type { ReportField } from '../season/season-source.ts'
import type { TableBlock } from './document.ts'
import { type Lang, translator } from '../text/lang.ts'

const ofLoads =
  (input: 'moisture' | 'foreign') =>
  ({ record }: ReportField): number | null =>
    record.withheld.includes('yield') ? null : (record.yield.lacking[input] ?? 0)

/** Null where the member withholds its yield. */
const ofYield = ({ withheld, missing }: ReportField['line'], key: 'yield' | 'basis'): number | null =>
  withheld.includes('yield') ? null : Number(missing.includes(key))

/** Data that can be missing, with the count for a field. Null: unknown there. */
const qualityRows: { en: string; ja: string; of: (row: ReportField) => number | null }[] = [
  {
    en: 'Fields without a yield that is due',
    ja: '収量の記録がない圃場',
    of: ({ line }) => ofYield(line, 'yield'),
  },
  {
    en: 'Yields that cannot be converted to the basis',
    ja: '基準に直せない収量',
    of: ({ line }) => ofYield(line, 'basis'),
  },
  { en: 'Days without rain data', ja: '降水量のデータがない日', of: ({ record }) => record.rainMissingDays },
  { en: 'Days without crop ET', ja: '蒸発散量のない日', of: ({ record }) => record.etMissingDays },
  {
    en: 'Days without a disease assessment',
    ja: '病害を判定できなかった日',
    of: ({ record }) => record.diseaseUnknownDays,
  },
  {
    en: 'Runs of unknown volume',
    ja: '水量のわからないかん水',
    of: ({ record }) => record.runsWithoutVolume,
  },
  {
    en: 'Runs without a confirmed record',
    ja: '確定していないかん水記録',
    of: ({ record }) => record.runsUnconfirmed,
  },
  { en: 'Loads without moisture', ja: '水分のない計量', of: ofLoads('moisture') },
  { en: 'Loads without foreign matter', ja: '異物の値がない計量', of: ofLoads('foreign') },
  {
    en: 'Sprays without a confirmed record',
    ja: '確定していない防除記録',
    of: ({ record }) => record.spraysUnrecorded,
  },
]

/** A row for each kind of record: how many are missing, in how many fields, and the fields where that is unknown. */
export function qualityTable(fields: readonly ReportField[], lang: Lang): TableBlock {
  const translate = translator(lang)
  return {
    kind: 'table',
    title: translate('Data quality', 'データの質'),
    note: translate(
      'What is missing: how often, and in how many fields. Unknown: fields without such a record, or that do not share it.',
      '足りないものの件数と、その圃場数です。「不明」は、その記録がまったくないか共有していない圃場の数です。',
    ),
    columns: [
      { head: translate('Missing data', '足りないもの'), share: 10, isText: true },
      { head: translate('Number', '件数'), share: 3, isText: false },
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
