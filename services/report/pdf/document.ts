/**
 * A printable document as plain data: blocks that follow one another down A4 pages. The code that fills it knows the
 * report but no pages; the code that draws it knows pages but no report. Every text appears here as it is printed.
 */
import type { AtMs } from '../../../broker/contract/time.ts'
import type { Lang } from '../text/lang.ts'

export interface PdfDocument {
  lang: Lang
  title: string
  author: string
  madeAtMs: AtMs
  foot: string // on every page, before its number
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
/** Key figures, large. */
export interface FiguresBlock {
  kind: 'figures'
  figures: { label: string; value: string; note: string }[]
}
/** A dot per field, with the median and the middle half. Values in the unit of the axis. */
export interface StripsBlock {
  kind: 'strips'
  title: string
  note: string
  strips: { label: string; q1: number; median: number; q3: number; dots: number[] }[]
}
/** One vertical bar each; the dark part is the fraction `solid` of `value`. */
export interface BarsBlock {
  kind: 'bars'
  title: string
  note: string
  bars: { label: string; value: number; solid: number }[] // solid: 0-1
  legend: { solid: string; rest: string }
  mean: { value: number; label: string } | null
}
/** Daily values, with bands of days behind them; null leaves a gap. */
export interface LineBlock {
  kind: 'line'
  title: string
  note: string
  days: string[] // labels; '' is not printed
  values: (number | null)[]
  bands: { from: number; to: number }[] // indices of days, inclusive
}
/** Breaks between rows; repeats its head on every page. */
export interface TableBlock {
  kind: 'table'
  title: string
  note: string
  columns: TableColumn[]
  rows: string[][]
  total?: string[] // below the rows, in bold
}
export interface TableColumn {
  head: string
  share: number // relative width
  isText: boolean // otherwise right-aligned
}
export interface FactsBlock {
  kind: 'facts'
  title: string
  facts: [label: string, value: string][]
}
/** Photos with captions, two per row. */
export interface PicturesBlock {
  kind: 'pictures'
  title: string
  note: string
  pictures: { jpeg: Uint8Array; caption: string }[]
}
/** Signatures, each with a box for a seal. */
export interface SignBlock {
  kind: 'sign'
  labels: string[]
}
