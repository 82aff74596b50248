/** The text blocks of a document. */
import type { FactsBlock, FiguresBlock, SignBlock, TitleBlock, PicturesBlock } from './document.ts'
import {
  ink,
  leading,
  wrapText,
  ensureSpace,
  MARGIN,
  drawText,
  drawHeading,
  drawTextLines,
  drawRule,
  WIDTH,
  type Page,
  type Doc,
} from './page.ts'

/** Advances `page.y`. Does not start a new page: a title is the first block. */
export function drawTitle(page: Page, { text, under }: TitleBlock): void {
  page.y += drawTextLines(page.doc, text, MARGIN, page.y, { size: 20, width: WIDTH })
  for (const line of under)
    page.y += drawTextLines(page.doc, line, MARGIN, page.y, { size: 10, color: ink.second, width: WIDTH })
  page.y += 6
  drawRule(page.doc, MARGIN, page.y, MARGIN + WIDTH, page.y, ink.text, 1)
  page.y += 12
}

const FIGURES_A_ROW = 4

/** Four figures in a row; a row stays on one page. */
export function drawFigures(page: Page, { figures }: FiguresBlock): void {
  const width = WIDTH / FIGURES_A_ROW
  for (let from = 0; from < figures.length; from += FIGURES_A_ROW) {
    ensureSpace(page, 52)
    for (const [index, { label, value, note }] of figures.slice(from, from + FIGURES_A_ROW).entries()) {
      const x = MARGIN + index * width
      drawText(page.doc, label, x, page.y, { size: 8, color: ink.second })
      drawText(page.doc, value, x, page.y + 11, { size: 16 })
      drawText(page.doc, note, x, page.y + 33, { size: 8, color: ink.second })
    }
    page.y += 52
  }
  page.y += 4
}

const LABEL_WIDTH = 130

/**
 * The label on the left, the value wrapped on the right. Each fact stays on one page, the first with the title, the last
 * with `after` points of the next block.
 */
export function drawFacts(page: Page, { title, facts }: FactsBlock, after = 0): void {
  const width = WIDTH - LABEL_WIDTH
  const heightOf = (value: string) => wrapText(page.doc, value, 8.5, width).length * leading(8.5) + 3
  ensureSpace(page, 24 + (facts[0] ? heightOf(facts[0][1]) : 0))
  drawHeading(page, title, '')
  for (const [index, [label, value]] of facts.entries()) {
    ensureSpace(page, heightOf(value) + (index === facts.length - 1 ? 12 + after : 0))
    const labelHeight = drawTextLines(page.doc, label, MARGIN, page.y, {
      size: 8.5,
      color: ink.second,
      width: LABEL_WIDTH - 8,
    })
    const height = drawTextLines(page.doc, value, MARGIN + LABEL_WIDTH, page.y, { size: 8.5, width })
    page.y += Math.max(labelHeight, height) + 3
  }
  page.y += 12
}

export const SIGN_HEIGHT = 64

/** One row of empty boxes for signatures and seals, all on one page. */
export function drawSign(page: Page, { labels }: SignBlock): void {
  ensureSpace(page, SIGN_HEIGHT + 8)
  const width = WIDTH / labels.length
  for (const [index, label] of labels.entries()) {
    const x = MARGIN + index * width
    page.doc.rect(x, page.y, width, SIGN_HEIGHT).lineWidth(0.5).strokeColor(ink.second).stroke()
    drawText(page.doc, label, x + 6, page.y + 5, { size: 8, color: ink.second })
  }
  page.y += SIGN_HEIGHT + 12
}

const A_ROW = 2
const GAP = 12
const HEIGHT = 170
const CAPTION = 8

/** Two pictures in a row, which stays on one page with its captions; the first row stays with the title. */
export function drawPictures(page: Page, { title, note, pictures }: PicturesBlock): void {
  const width = (WIDTH - GAP) / A_ROW
  const rowHeight = HEIGHT + 4 + 2 * leading(CAPTION) + 8
  ensureSpace(page, 2 * leading(11) + rowHeight)
  drawHeading(page, title, note)
  for (let from = 0; from < pictures.length; from += A_ROW) {
    ensureSpace(page, rowHeight)
    for (const [index, { jpeg, caption }] of pictures.slice(from, from + A_ROW).entries()) {
      const x = MARGIN + index * (width + GAP)
      drawPicture(page.doc, jpeg, x, page.y, width)
      drawTextLines(page.doc, caption, x, page.y + HEIGHT + 4, { size: CAPTION, color: ink.second, width })
    }
    page.y += rowHeight
  }
  page.y += 4
}

/** An unreadable picture leaves an empty frame; its caption identifies it. */
function drawPicture(doc: Doc, jpeg: Uint8Array, x: number, y: number, width: number): void {
  try {
    doc.image(Buffer.from(jpeg), x, y, { fit: [width, HEIGHT] })
  } catch {
    doc.rect(x, y, width, HEIGHT).lineWidth(0.5).strokeColor(ink.line).stroke()
  }
}
