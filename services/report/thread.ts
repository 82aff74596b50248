/** The thread that writes files: compressing a workbook or setting a PDF takes seconds, and no message waits for it. */
import { openIdleThread, type IdleThread } from '../idle-thread.ts'
import type { PdfDocument } from './pdf/document.ts'
import type { Sheet } from './xlsx/table.ts'

/** Rows come as JSON in memory that both threads see, since copying a season's rows would hold the event loop up. */
export interface XlsxAsked {
  sheets: { sheet: Sheet; rows: SharedArrayBuffer[] }[]
}
export interface PdfAsked {
  pdf: PdfDocument
}
export type Asked = XlsxAsked | PdfAsked
export type Answered = { bytes: Uint8Array } | { failed: string }

export type FileThread = IdleThread<Asked, Answered>

export const openThread = (): FileThread => openIdleThread(import.meta.url, 'the thread of the files')

/** The bytes of a file; an Error with what the thread said where it could not write it. */
export async function written(thread: FileThread, asked: Asked): Promise<Uint8Array> {
  const answered = await thread.ask(asked)
  if ('failed' in answered) throw new Error(answered.failed)
  return answered.bytes
}

/** Some rows of a sheet, for `XlsxAsked`. */
export function packed(rows: readonly (string | number)[][]): SharedArrayBuffer {
  const text = Buffer.from(JSON.stringify(rows))
  const shared = new SharedArrayBuffer(text.length)
  text.copy(new Uint8Array(shared))
  return shared
}
