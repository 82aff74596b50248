/**
 * A document for paper as plain data: blocks that follow one another down A4 pages. Whoever fills it knows the report and no
 * pages; whoever draws it knows pages and no report. Every text stands here as it is printed.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Lang } from '../formats/basis-text.ts'

export interface PdfDocument {
  lang: Lang
  title: string
  author: string
  madeAtMs: AtMs
  foot: string // of every page, before its number
  blocks: Block[]
}

export type Block =
  | TitleBlock
  | FiguresBlock
  | StripsBlock
  | BarsBlock
  | LineBlock
  | TableBlock
  | FactsBlock
  | PicturesBlock
  | SignBlock

export interface TitleBlock {
  kind: 'title'
  text: string
  under: string[]
}
/** The numbers that matter, large. */
export interface FiguresBlock {
  kind: 'figures'
  figures: { label: string; value: string; note: string }[]
}
/** Every field a dot, with the median and the middle half. Values in the unit of the axis. */
export interface StripsBlock {
  kind: 'strips'
  title: string
  note: string
  strips: { label: string; q1: number; median: number; q3: number; dots: number[] }[]
}
/** One bar each, upright; the dark part of it is `solid` of `value`. */
export interface BarsBlock {
  kind: 'bars'
  title: string
  note: string
  bars: { label: string; value: number; solid: number }[] // solid: 0-1
  legend: { solid: string; rest: string }
  mean: { value: number; label: string } | null
}
/** Values day by day, with bands of days behind them; null leaves a gap. */
export interface LineBlock {
  kind: 'line'
  title: string
  note: string
  days: string[] // labels; those that are not '' are printed
  values: (number | null)[]
  bands: { from: number; to: number }[] // indices of days, both included
}
/** Breaks between rows, its head on every page. */
export interface TableBlock {
  kind: 'table'
  title: string
  note: string
  columns: TableColumn[]
  rows: string[][]
}
export interface TableColumn {
  head: string
  share: number // of the width, beside the others
  isText: boolean // else to the right
}
export interface FactsBlock {
  kind: 'facts'
  title: string
  facts: [label: string, value: string][]
}
/** Photos with what each shows, two a row. */
export interface PicturesBlock {
  kind: 'pictures'
  title: string
  note: string
  pictures: { jpeg: Uint8Array; caption: string }[]
}
/** Who has to sign, each with a box for a seal. */
export interface SignBlock {
  kind: 'sign'
  labels: string[]
}
