/** A sheet as a table: the content of its cells, with unit and language. */
import type { Lang } from '../text/lang.ts'
import type { SharedPart, SeasonRecord } from '../season/record.ts'

/** Null is unknown and printed as such; '' is an empty cell. */
export type Cell = string | number | null

export interface Column<Row> {
  head: Record<Lang, string>
  cell: (row: Row) => Cell
  isText?: true
  part?: SharedPart // of the consent; absent: always shared
}

/** A sheet ready to write. */
export interface Sheet {
  name: string
  about: [label: string, value: string][]
  heads: string[]
  isText: boolean[]
  rows: (string | number)[][]
}

/** Both texts are kept: the language is chosen when the sheet is made. */
export const bilingual = (en: string, ja: string): Record<Lang, string> => ({ en, ja })
/** A column of text: as wide as its content, and not for calculation. */
export const text = <Row>(en: string, ja: string, cell: (row: Row) => Cell): Column<Row> => ({
  head: bilingual(en, ja),
  cell,
  isText: true,
})
/** A column of numbers; the heading states the unit. */
export const amount = <Row>(en: string, ja: string, cell: (row: Row) => Cell): Column<Row> => ({
  head: bilingual(en, ja),
  cell,
})

/** Member and field of a row. */
export const identityColumns: Column<{ record: SeasonRecord }>[] = [
  text('Member code', '組合員コード', ({ record }) => record.memberCode ?? ''),
  text('Member', '組合員', ({ record }) => record.farm),
  text('Field', '圃場', ({ record }) => record.field),
]
