/** Sizes of the built dashboard, gzipped, following the imports of the files. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface PageSizes {
  firstPageJs: number // the entry, the screen Today and their static imports
  allJs: number
  // texts of the largest language: a phone loads one
  firstPageTexts: number
  catalogue: number
  css: number
}

// the bundler may inline the first screen into the entry: then this chunk does not exist
const FIRST_SCREEN = /^Today-/

/** Throws without a build. */
export function pageSizes(folder: string): PageSizes {
  const assets = join(folder, 'assets')
  const names = readdirSync(assets)
  const js = names.filter((name) => name.endsWith('.js'))
  const text = (name: string) => readFileSync(join(assets, name), 'utf8')
  const entry = /<script[^>]+src="\/assets\/([^"]+)"/.exec(
    readFileSync(join(folder, 'index.html'), 'utf8'),
  )?.[1]
  if (entry === undefined) throw new Error(`${folder}/index.html names no script`)

  const firstPage = new Set<string>()
  const addWithImports = (name: string): void => {
    if (firstPage.has(name)) return
    firstPage.add(name)
    for (const imported of staticImports(text(name))) addWithImports(imported)
  }
  addWithImports(entry)
  const firstScreen = js.find((name) => FIRST_SCREEN.test(name))
  if (firstScreen !== undefined) addWithImports(firstScreen)

  const gzipped = (content: string) => gzipSync(content, { level: 9 }).length
  const sum = (list: Iterable<string>) => [...list].reduce((bytes, name) => bytes + gzipped(text(name)), 0)
  const languages = readdirSync(join(folder, 'i18n')).map((language) => join(folder, 'i18n', language))
  const textBytes = (language: string, parts: string[]) =>
    parts.reduce((bytes, name) => bytes + gzipped(readFileSync(join(language, name), 'utf8')), 0)
  const partsIn = (language: string) => readdirSync(language).filter((name) => name.endsWith('.json'))
  return {
    firstPageJs: sum(firstPage),
    allJs: sum(js),
    firstPageTexts: Math.max(0, ...languages.map((language) => textBytes(language, ['common.json']))),
    catalogue: Math.max(0, ...languages.map((language) => textBytes(language, partsIn(language)))),
    css: sum(names.filter((name) => name.endsWith('.css'))),
  }
}

/** Static imports of a built chunk: `import{a}from"./x.js"`, `import"./x.js"`; not `import("./x.js")`. */
export const staticImports = (code: string): string[] =>
  [...code.matchAll(/\b(?:import|export)\s*(?:[^'"()]*?\bfrom\s*)?["']\.\/([^"']+\.js)["']/g)].map(
    ([, name]) => name!,
  )
