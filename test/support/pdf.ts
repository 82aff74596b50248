/** The content of a PDF: the words of its text layer with their positions, and its pages as pictures (poppler). */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireProgram } from './require.ts'

const run = promisify(execFile)
const POINTS_AN_INCH = 72

/** Runs its suite if poppler is installed. */
export const describeWithPoppler = requireProgram('pdftotext', 'apt-get install poppler-utils')

/** Lengths in points, from the upper left. */
export interface Word {
  text: string
  page: number // from 0
  xMin: number
  yMin: number
  xMax: number
  yMax: number
}

export interface Picture {
  width: number
  height: number
  /** red, green, blue, 0-255, at a point of the page */
  at(x: number, y: number): [number, number, number]
}

export interface ReadPdf {
  text: string
  words: Word[]
  pages: Picture[]
}

export async function readPdf(bytes: Uint8Array, dotsAnInch = POINTS_AN_INCH): Promise<ReadPdf> {
  const folder = await mkdtemp(join(tmpdir(), 'tilth-pdf-'))
  try {
    const file = join(folder, 'file.pdf')
    await writeFile(file, bytes)
    const { stdout: text } = await run('pdftotext', ['-layout', file, '-'])
    const { stdout: boxes } = await run('pdftotext', ['-bbox', file, '-'])
    await run('pdftoppm', ['-r', String(dotsAnInch), file, join(folder, 'page')])
    const names = (await readdir(folder)).filter((name) => name.endsWith('.ppm')).sort()
    const pages = await Promise.all(
      names.map(async (name) => picture(await readFile(join(folder, name)), dotsAnInch)),
    )
    return { text, words: wordsOf(boxes), pages }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Whether anything that is not paper is printed inside a box. */
export function hasInk(page: Picture, box: Pick<Word, 'xMin' | 'yMin' | 'xMax' | 'yMax'>): boolean {
  for (let y = box.yMin; y < box.yMax; y += 0.5)
    for (let x = box.xMin; x < box.xMax; x += 0.5) if (Math.min(...page.at(x, y)) < 160) return true
  return false
}

function wordsOf(boxes: string): Word[] {
  const words: Word[] = []
  let page = -1
  for (const line of boxes.split('\n')) {
    if (line.includes('<page ')) page++
    const match = /xMin="(.+)" yMin="(.+)" xMax="(.+)" yMax="(.+)">(.*)<\/word>/.exec(line)
    if (!match) continue
    const [xMin, yMin, xMax, yMax] = match.slice(1, 5).map(Number) as [number, number, number, number]
    words.push({ text: plain(match[5]!), page, xMin, yMin, xMax, yMax })
  }
  return words
}

const plain = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** PPM, P6: a head of three lines, then three bytes a dot. */
function picture(file: Buffer, dotsAnInch: number): Picture {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(file.subarray(0, 64).toString('latin1'))!
  const [width, height] = [Number(head[1]), Number(head[2])]
  const dots = file.subarray(head[0].length)
  const per = dotsAnInch / POINTS_AN_INCH
  return {
    width: width / per,
    height: height / per,
    at(x, y) {
      const column = Math.min(width - 1, Math.floor(x * per))
      const from = 3 * (Math.min(height - 1, Math.floor(y * per)) * width + column)
      return [dots[from]!, dots[from + 1]!, dots[from + 2]!]
    },
  }
}
