/** The part of pdfkit in use; the package has no types. */
declare module 'pdfkit' {
  import type { Readable } from 'node:stream'

  interface Options {
    size: 'A4'
    margin: number
    bufferPages: boolean
    font: string | null
    lang: string
    info: { Title: string; Author: string; Creator: string; CreationDate: Date }
  }

  export default class PDFDocument extends Readable {
    constructor(options: Options)
    page: { height: number; margins: { bottom: number } }
    addPage(): this
    bufferedPageRange(): { start: number; count: number }
    switchToPage(at: number): void
    end(): void
    registerFont(name: string, bytes: Buffer): this
    font(name: string): this
    fontSize(size: number): this
    widthOfString(text: string): number
    text(text: string, x: number, y: number, options: { lineBreak: false }): this
    image(bytes: Buffer, x: number, y: number, options: { fit: [width: number, height: number] }): this
    moveTo(x: number, y: number): this
    lineTo(x: number, y: number): this
    lineWidth(width: number): this
    rect(x: number, y: number, width: number, height: number): this
    circle(x: number, y: number, radius: number): this
    fillColor(color: string): this
    strokeColor(color: string): this
    fill(color: string): this
    save(): this
    restore(): this
    rotate(degrees: number, options: { origin: [x: number, y: number] }): this
    stroke(): this
  }
}
