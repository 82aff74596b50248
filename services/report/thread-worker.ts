/** Runs in the thread of the files: answers each question of `thread.ts`. */
import { parentPort } from 'node:worker_threads'
import type { Answered, Asked } from './thread.ts'
import { writeWorkbook } from './xlsx/write-workbook.ts'

parentPort!.on('message', (asked: Asked) => {
  void write(asked)
    .then((bytes): Answered => ({ bytes }))
    .catch((error: unknown): Answered => ({ failed: (error as Error).stack ?? String(error) }))
    .then((answered) => parentPort!.postMessage(answered))
})

async function write(asked: Asked): Promise<Uint8Array> {
  // its font is large: a thread that writes workbooks alone does without it
  if ('pdf' in asked) return (await import('./pdf/write-pdf.ts')).writePdf(asked.pdf)
  return writeWorkbook(asked.sheets.map(({ sheet, rows }) => ({ sheet, rows: rows.flatMap(unpacked) })))
}

const unpacked = (shared: SharedArrayBuffer): (string | number)[][] =>
  JSON.parse(Buffer.from(shared).toString()) as (string | number)[][]
