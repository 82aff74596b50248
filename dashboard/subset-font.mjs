// Writes the letters of the page, src/styles/noto-sans.woff2, from the package of the font: the letters of the west European
// languages, digits and signs, in weights 400 to 700. Japanese is written in the phone's own fonts.
// `node dashboard/subset-font.mjs` after an update of the package.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import subsetFont from 'subset-font'

const characters = (from, to) =>
  String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i))
const text =
  characters(0x20, 0x7e) +
  characters(0xa0, 0xff) + // Latin-1
  '‐‑–—‘’‚“”„•…′″−≤≥≈←↑→↓€'

const source = createRequire(import.meta.url).resolve(
  '@fontsource-variable/noto-sans/files/noto-sans-latin-wght-normal.woff2',
)
const subset = await subsetFont(readFileSync(source), text, {
  targetFormat: 'woff2',
  variationAxes: { wght: { min: 400, max: 700 } },
})
const target = new URL('src/styles/noto-sans.woff2', import.meta.url)
writeFileSync(target, subset)
console.log(`${target.pathname}: ${(subset.length / 1000).toFixed(1)} kB`)
