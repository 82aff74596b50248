/** Photos of a document, two per row, each as large as its half of the page allows. */
import type { PicturesBlock } from './document.ts'
import {
  ink,
  leading,
  ensureSpace,
  MARGIN,
  drawHeading,
  drawTextLines,
  WIDTH,
  type Doc,
  type Page,
} from './page.ts'

const A_ROW = 2
const GAP = 12
const HEIGHT = 170
const CAPTION = 8

export function drawPictures(page: Page, { title, note, pictures }: PicturesBlock): void {
  const width = (WIDTH - GAP) / A_ROW
  const rowHeight = HEIGHT + 4 + 2 * leading(CAPTION) + 8
  ensureSpace(page, 2 * leading(11) + rowHeight)
  drawHeading(page, title, note)
  for (let from = 0; from < pictures.length; from += A_ROW) {
    ensureSpace(page, rowHeight)
    for (const [at, { jpeg, caption }] of pictures.slice(from, from + A_ROW).entries()) {
      const x = MARGIN + at * (width + GAP)
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
