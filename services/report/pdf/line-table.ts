/** Tables of members and fields: their common columns, and the text for unknown values. Pure. */
import { missingValueText } from '../text/labels.ts'
import { changeText, fixed, percentText, type Amounts } from './amounts.ts'
import type { TableBlock, TableColumn } from './document.ts'
import { type Lang, translator } from '../text/lang.ts'
import type { SharedPart } from '../season/record.ts'
import type { MemberLine } from '../season/lines.ts'

/** A column of a table of members or fields. `part`: the shared part it belongs to. */
export interface TextColumn<Row> {
  head: string
  share: number
  text: (row: Row) => string | null // null: unknown or withheld
  isText?: true
  part?: SharedPart
}

/** `total`: the last row. A null cell is printed as unknown, or as not shared when the row withholds the `part` of its column. */
export function tableOf<Row extends { withheld: readonly SharedPart[] }>(
  { title, note }: Pick<TableBlock, 'title' | 'note'>,
  rows: readonly Row[],
  columns: readonly TextColumn<Row>[],
  lang: Lang,
  total?: Row,
): TableBlock {
  const cellsOf = (row: Row) =>
    columns.map(
      ({ text, part }) => text(row) ?? missingValueText(lang, row, part === undefined ? [] : [part]),
    )
  return {
    kind: 'table',
    title,
    note,
    columns: columns.map(({ head, share, isText = false }): TableColumn => ({ head, share, isText })),
    rows: rows.map(cellsOf),
    ...(total === undefined ? {} : { total: cellsOf(total) }),
  }
}

type Line = Pick<
  MemberLine,
  'withheld' | 'areaM2' | 'kgHa' | 'change' | 'waterM3Ha' | 'meteredShare' | 'sprays'
>

/** The common columns of members and fields. */
export function lineColumns<Row extends Line>(amounts: Amounts, lang: Lang): TextColumn<Row>[] {
  const translate = translator(lang)
  const textOf = (value: number | null, text: (value: number) => string) =>
    value === null ? null : text(value)
  const { bales } = amounts
  return [
    {
      head: `${translate('Area', '面積')} (${amounts.areaUnit})`,
      share: 6.5,
      text: (row) => amounts.area(row.areaM2),
    },
    {
      head: `${translate('Yield', '収量')} (${amounts.yieldUnit})`,
      share: 7,
      part: 'yield',
      text: ({ kgHa }) => textOf(kgHa, amounts.yield),
    },
    ...(bales === null
      ? []
      : [
          {
            head: '俵/10a',
            share: 5,
            part: 'yield' as const,
            text: ({ kgHa }: Row) => textOf(kgHa, bales),
          },
        ]),
    {
      head: translate('vs 5 years', '平年比'),
      share: 6,
      part: 'yield',
      text: ({ change }) => textOf(change, changeText),
    },
    {
      head: `${translate('Water', '用水量')} (${amounts.waterUnit})`,
      share: 7,
      part: 'water',
      text: ({ waterM3Ha }) => textOf(waterM3Ha, amounts.water),
    },
    {
      head: translate('Metered', '実測'),
      share: 7,
      part: 'water',
      text: ({ waterM3Ha, meteredShare }) => (waterM3Ha === 0 ? '' : textOf(meteredShare, percentText)),
    },
    {
      head: translate('Sprays', '防除'),
      share: 6,
      part: 'sprays',
      text: ({ sprays }) => textOf(sprays, (n) => fixed(n, 0)),
    },
  ]
}
