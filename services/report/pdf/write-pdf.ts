/** Draws a document as PDF; the same document gives the same bytes. A long table takes a second or more. */
import PDFDocument from 'pdfkit'
import type { ProgressCallback } from '../../runtime/progress.ts'
import type { Block, PdfDocument } from './document.ts'
import { drawFacts, drawFigures, drawSign, drawTitle, drawPictures, SIGN_HEIGHT } from './draw-blocks.ts'
import { drawBars, drawLine, drawStrips } from './draw-charts.ts'
import { drawTable } from './draw-table.ts'
import { ink, MARGIN, drawText, WIDTH, type Doc, type Page } from './page.ts'

/** The file's bytes; `onProgress` receives the share of blocks drawn. */
export async function writePdf(document: PdfDocument, onProgress?: ProgressCallback): Promise<Uint8Array> {
  const { title, author, madeAtMs, lang } = document
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    font: null,
    lang,
    info: { Title: title, Author: author, Creator: 'Tilth', CreationDate: new Date(madeAtMs) },
  })
  const parts: Buffer[] = []
  doc.on('data', (part: Buffer) => parts.push(part))
  const finished = new Promise<void>((resolve) => doc.on('end', resolve))
  const page: Page = { doc, y: MARGIN }
  for (const [index, block] of document.blocks.entries()) {
    onProgress?.(index / document.blocks.length)
    draw(page, block, document.blocks[index + 1])
  }
  drawFeet(doc, document.foot)
  doc.end()
  await finished
  return Buffer.concat(parts)
}

function draw(page: Page, block: Block, next: Block | undefined): void {
  switch (block.kind) {
    case 'title':
      return drawTitle(page, block)
    case 'figures':
      return drawFigures(page, block)
    case 'strips':
      return drawStrips(page, block)
    case 'bars':
      return drawBars(page, block)
    case 'line':
      return drawLine(page, block)
    case 'table':
      return drawTable(page, block)
    case 'facts':
      // a page with nothing but boxes to sign would sign nothing
      return drawFacts(page, block, next?.kind === 'sign' ? SIGN_HEIGHT + 8 : 0)
    case 'pictures':
      return drawPictures(page, block)
    case 'sign':
      return drawSign(page, block)
  }
}

/** The footer of each page, once their number is known. */
function drawFeet(doc: Doc, foot: string): void {
  const { start, count } = doc.bufferedPageRange()
  for (let at = start; at < start + count; at++) {
    doc.switchToPage(at)
    const y = doc.page.height - MARGIN
    // below the margin pdfkit would start another page
    doc.page.margins.bottom = 0
    drawText(doc, foot, MARGIN, y, { size: 7, color: ink.second })
    drawText(doc, `${at + 1} / ${count}`, MARGIN, y, {
      size: 7,
      color: ink.second,
      width: WIDTH,
      align: 'right',
    })
  }
}
