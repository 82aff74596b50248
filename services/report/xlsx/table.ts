/** A sheet as a table: what stands in a cell, in which unit and language. */
import type { Lang } from '../formats/basis-text.ts'
import type { SharedPart } from '../season/sharing.ts'

/** Null is unknown, and says so; '' is nothing to say. */
export type Cell = string | number | null

export interface Column<Row> {
  head: Record<Lang, string>
  cell: (row: Row) => Cell
  isText?: true
  part?: SharedPart // of what a member shares; absent: it always does
}

/** A sheet as it is written. */
export interface Sheet {
  name: string
  about: [label: string, value: string][]
  heads: string[]
  isText: boolean[]
  rows: (string | number)[][]
}
