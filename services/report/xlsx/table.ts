/** A sheet as a table: the content of its cells, with unit and language. */
import type { Lang } from '../text/lang.ts'
import type { SharedPart, SeasonRecord } from '../season/record.ts'

/** Null is unknown or withheld; '' is an empty cell. */
export type Cell = string | number | null

/** Days are YYYY-MM-DD, times YYYY-MM-DD HH:MM as the farm's clock shows them. */
export type ColumnKind = 'text' | 'number' | 'day' | 'time'

export interface Column<Row> {
  head: Record<Lang, string>
  cell: (row: Row) => Cell
  kind: ColumnKind
  parts?: readonly SharedPart[] // of the consent that the value is made from; absent: always shared
  isSummed?: true // in the total row
}

/** A sheet ready to write. */
export interface Sheet {
  name: string
  about: [label: string, value: string][]
  heads: string[]
  kinds: ColumnKind[]
  rows: (string | number)[][]
  total: (string | number)[] | null // below the rows
}

/** Both texts are kept: the language is chosen when the sheet is made. */
export const bilingual = (en: string, ja: string): Record<Lang, string> => ({ en, ja })

const columnOf =
  (kind: ColumnKind) =>
  <Row>(en: string, ja: string, cell: (row: Row) => Cell): Column<Row> => ({
    head: bilingual(en, ja),
    cell,
    kind,
  })
/** A column of text: as wide as its content, and not for calculation. */
export const text = columnOf('text')
/** A column of numbers; the heading states the unit. */
export const amount = columnOf('number')
export const day = columnOf('day')
export const time = columnOf('time')
/** A column of numbers whose sum means something. */
export const summed = <Row>(en: string, ja: string, cell: (row: Row) => Cell): Column<Row> => ({
  ...amount(en, ja, cell),
  isSummed: true,
})

/** Columns that a member may withhold; more than one part: a value made from both. */
export const ofPart = <Row>(
  parts: SharedPart | readonly SharedPart[],
  columns: Column<Row>[],
): Column<Row>[] => columns.map((column) => ({ ...column, parts: [parts].flat() }))

/** Member and field of a row. */
export const identityColumns: Column<{ record: SeasonRecord }>[] = [
  text('Member code', '組合員コード', ({ record }) => record.memberCode ?? ''),
  text('Member', '組合員', ({ record }) => record.farm),
  text('Field', '圃場', ({ record }) => record.field),
]
