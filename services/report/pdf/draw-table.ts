/** A table that breaks between rows and repeats its head on every page. */
import type { TableBlock, TableColumn } from './document.ts'
import {
  BOTTOM,
  ink,
  leading,
  wrapText,
  ensureSpace,
  MARGIN,
  drawText,
  drawHeading,
  drawRule,
  textWidth,
  WIDTH,
  type Doc,
  type Page,
} from './page.ts'

const SIZE = 8
const GAP = 7 // between columns
const PAD = 3 // above and below

interface Column extends TableColumn {
  x: number
  width: number
}

/**
 * Cells wrap in their column, whose width is its `share`; a missing cell is empty. The title stays with the first
 * rows.
 */
export function drawTable(page: Page, { title, note, columns: tableColumns, rows, total }: TableBlock): void {
  const columns = layOutColumns(tableColumns)
  // keeps the title with its first rows
  ensureSpace(page, 90)
  drawHeading(page, title, note)
  drawHead(page, columns)
  for (const row of total ? [...rows, total] : rows) {
    const cells = columns.map(({ width, isText }, index) =>
      // a number broken over two lines reads as another number
      isText ? wrapText(page.doc, row[index] ?? '', SIZE, width) : [row[index] ?? ''],
    )
    const height = heightOf(cells)
    if (page.y + height > BOTTOM) {
      ensureSpace(page, height)
      drawHead(page, columns)
    }
    if (row === total) page.doc.rect(MARGIN, page.y, WIDTH, height).fill(ink.pale)
    drawCells(page, columns, cells, ink.text)
    page.y += height
    drawRule(page.doc, MARGIN, page.y, MARGIN + WIDTH, page.y)
  }
  page.y += 14
}

function layOutColumns(columns: readonly TableColumn[]): Column[] {
  const totalShare = columns.reduce((total, { share }) => total + share, 0)
  let x = MARGIN
  return columns.map((column, index) => {
    const fullWidth = (WIDTH * column.share) / totalShare
    // a right-aligned number would touch this text
    const indent = column.isText && columns[index - 1]?.isText === false ? GAP : 0
    const start = x + indent
    x += fullWidth
    return { ...column, x: start, width: fullWidth - GAP - indent }
  })
}

function drawHead(page: Page, columns: readonly Column[]): void {
  const cells = columns.map(({ head, width }) => wrapText(page.doc, head, SIZE, width))
  const height = heightOf(cells)
  page.doc.rect(MARGIN, page.y, WIDTH, height).fill(ink.pale)
  drawCells(page, columns, cells, ink.second)
  page.y += height
}

const heightOf = (cells: readonly string[][]): number =>
  Math.max(...cells.map((lines) => lines.length)) * leading(SIZE) + 2 * PAD

/** A number too long for its column is printed smaller, never wrapped. */
const sizeToFit = (doc: Doc, text: string, width: number): number =>
  Math.min(SIZE, (SIZE * width) / Math.max(1, textWidth(doc, text, SIZE)))

function drawCells(page: Page, columns: readonly Column[], cells: readonly string[][], color: string): void {
  for (const [index, { x, width, isText }] of columns.entries())
    for (const [line, text] of cells[index]!.entries())
      drawText(page.doc, text, x + GAP / 2, page.y + PAD + line * leading(SIZE), {
        size: isText ? SIZE : sizeToFit(page.doc, text, width),
        color,
        width,
        align: isText ? 'left' : 'right',
      })
}
