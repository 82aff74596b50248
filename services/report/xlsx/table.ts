/** A sheet as a table: the content of its cells, with unit and language. */
import type { Lang } from '../formats/basis-text.ts'
import type { SharedPart } from '../season/sharing.ts'

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
