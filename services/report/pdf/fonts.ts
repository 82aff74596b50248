/**
 * The font of a document, Noto Sans JP, in some 120 subset files: each character is printed from the file that contains
 * it, so that names with rare characters are complete. Only .woff: pdfkit prints a .woff2 with a text layer but no
 * glyphs.
 */
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { composeKana } from '../formats/shift-jis.ts'

const PACKAGE = '@fontsource/noto-sans-jp'
const MISSING = '〓' // replaces a character that no file contains
const require = createRequire(import.meta.url)

/** Text that one file can print. */
export interface Run {
  file: string
  text: string
}

/** In the order of the text. Kana with separate marks are composed; a character without a font is printed as 〓. */
export function fontRuns(text: string): Run[] {
  const runs: Run[] = []
  for (const character of composeKana(text)) {
    const ownFile = fontFileOf(character)
    const [file, printed] = ownFile === null ? [fontFileOf(MISSING)!, MISSING] : [ownFile, character]
    const last = runs.at(-1)
    if (last?.file === file) last.text += printed
    else runs.push({ file, text: printed })
  }
  return runs
}

const files = new Map<string, string | null>()

function fontFileOf(character: string): string | null {
  let file = files.get(character)
  if (file === undefined) {
    const code = character.codePointAt(0)!
    const subset = (subsets ??= readSubsets()).find(({ ranges }) =>
      ranges.some(([from, to]) => code >= from && code <= to),
    )
    file = subset === undefined ? null : require.resolve(`${PACKAGE}/files/${subset.name}`)
    files.set(character, file)
  }
  return file
}

interface Subset {
  name: string
  ranges: [from: number, to: number][]
}
let subsets: Subset[] | null = null
const rangesByName = Compile(Type.Record(Type.String(), Type.String()))

/** The characters of each file, as the package lists them; Latin first, since other files contain digits too. */
function readSubsets(): Subset[] {
  const ranges: unknown = JSON.parse(readFileSync(require.resolve(`${PACKAGE}/unicode.json`), 'utf8'))
  return Object.entries(rangesByName.Parse(ranges))
    .map(([key, ranges]) => ({
      name: `noto-sans-jp-${key.replace(/[[\]]/g, '')}-400-normal.woff`,
      ranges: ranges.split(',').map((range): [number, number] => {
        const [from = '', to = from] = range.trim().slice(2).split('-')
        return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
      }),
    }))
    .sort((a, b) => Number(b.name.includes('latin-4')) - Number(a.name.includes('latin-4')))
}
