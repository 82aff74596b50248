/** The current page, and text on it. All lengths are points from the upper left. */
import type PDFDocument from 'pdfkit'
import { readFileSync } from 'node:fs'
import { fontRuns } from './fonts.ts'
import { unwrapWoff } from './woff.ts'

export type Doc = PDFDocument

/** Position of the next block. */
export interface Page {
  doc: Doc
  y: number
}

export const MARGIN = 42
export const WIDTH = 595.28 - 2 * MARGIN // A4
export const BOTTOM = 841.89 - MARGIN - 14 // above the footer

export const ink = {
  text: '#1b1b1b',
  second: '#5a5a5a',
  line: '#c4c4c4',
  pale: '#efefec',
  crop: '#3f7d2c',
  cropPale: '#dbe8d3',
  water: '#1f6aa5',
  waterPale: '#b4d2ea',
} as const

/** Starts a new page when the height does not fit. */
export function ensureSpace(page: Page, height: number): void {
  if (page.y + height <= BOTTOM) return
  page.doc.addPage()
  page.y = MARGIN
}

export interface TextStyle {
  size: number
  color?: string
  align?: 'left' | 'right' | 'center'
  width?: number // to align in
}

/** One line of text with its upper edge at `y`. */
export function drawText(doc: Doc, text: string, x: number, y: number, style: TextStyle): void {
  const { size, color = ink.text, align = 'left', width = 0 } = style
  const room = align === 'left' ? 0 : width - textWidth(doc, text, size)
  let left = x + (align === 'center' ? room / 2 : room)
  doc.fillColor(color)
  for (const run of fontRuns(text)) {
    withFont(doc, run.file).fontSize(size).text(run.text, left, y, { lineBreak: false })
    left += doc.widthOfString(run.text)
  }
}

const fontsOf = new WeakMap<Doc, Set<string>>()

/** Selects a font file, which a document reads once. */
function withFont(doc: Doc, file: string): Doc {
  let files = fontsOf.get(doc)
  if (!files) fontsOf.set(doc, (files = new Set()))
  if (!files.has(file)) {
    doc.registerFont(file, unwrapWoff(readFileSync(file)))
    files.add(file)
  }
  return doc.font(file)
}

/** In points. Leaves another font and size selected in `doc`. */
export const textWidth = (doc: Doc, text: string, size: number): number =>
  fontRuns(text).reduce(
    (width, run) => width + withFont(doc, run.file).fontSize(size).widthOfString(run.text),
    0,
  )

/** Wraps text to `width`: between words, in Japanese between any two characters. */
export function wrapText(doc: Doc, text: string, size: number, width: number): string[] {
  if (textWidth(doc, text, size) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(WRAP_PIECES) ?? []) {
    if (textWidth(doc, (line + piece).trimEnd(), size) <= width) {
      line += piece
      continue
    }
    if (line.trim() !== '') lines.push(line.trimEnd())
    line = ''
    // a word wider than the line is broken at its end, but for what may not begin a line
    for (const character of piece.trimStart()) {
      if (line !== '' && !NOT_FIRST.test(character) && textWidth(doc, line + character, size) > width) {
        lines.push(line)
        line = ''
      }
      line += character
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd())
  return lines
}
// kinsoku: what may not begin a line stays with the preceding text, an opening bracket with the following
const WRAP_PIECES =
  /[（「『【〔]*(?:[^\S\n]+|[^\s\u3000-\u9fff\uff00-\uffef]+|[\u3000-\u9fff\uff00-\uffef])[、。，．・）」』】〕：；？！々ーゃゅょっァィゥェォャュョッ]*|\s+/gu

const NOT_FIRST = /[、。，．・）」』】〕：；？！]/u

/** Wrapped text; returns its height. */
export function drawTextLines(
  doc: Doc,
  text: string,
  x: number,
  y: number,
  style: TextStyle & { width: number },
): number {
  const lines = wrapText(doc, text, style.size, style.width)
  for (const [index, line] of lines.entries()) drawText(doc, line, x, y + index * leading(style.size), style)
  return lines.length * leading(style.size)
}

/** Line height. */
export const leading = (size: number): number => size * 1.45

/** The title of a block with its note below. */
export function drawHeading(page: Page, title: string, note: string): void {
  drawText(page.doc, title, MARGIN, page.y, { size: 11 })
  page.y += leading(11)
  if (note !== '')
    page.y += drawTextLines(page.doc, note, MARGIN, page.y, { size: 8, color: ink.second, width: WIDTH })
  page.y += 4
}

/** A straight line. */
export function drawRule(
  doc: Doc,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  color: string = ink.line,
  width = 0.5,
): void {
  doc.moveTo(x1, y1).lineTo(x2, y2).lineWidth(width).strokeColor(color).stroke()
}
