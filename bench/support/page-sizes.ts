/** Bytes of the built dashboard, gzipped as a server would send them: counted from what the files themselves import. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface PageSizes {
  /** the entry, the screen Today, one language, and all that these import at once */
  firstRouteJs: number
  allJs: number // code, without the words of any language
  catalogue: number // all words of the language that has most: a phone loads one
  css: number
}

const LANGUAGE = /^en-/
// a catalogue comes in two chunks of one name (dashboard/split-words.ts)
const CATALOGUE = /^([a-z]{2})-[\w-]{1,8}\.js$/
// the bundler may put the first screen into the entry itself: then there is no such chunk
const FIRST_SCREEN = /^Today-/

/** Throws when there is no build, or when a chunk that the first page needs is not in it. */
export function pageSizes(folder: string): PageSizes {
  const assets = join(folder, 'assets')
  const names = readdirSync(assets)
  const js = names.filter((name) => name.endsWith('.js'))
  const text = (name: string) => readFileSync(join(assets, name), 'utf8')
  const entry = /<script[^>]+src="\/assets\/([^"]+)"/.exec(
    readFileSync(join(folder, 'index.html'), 'utf8'),
  )?.[1]
  if (entry === undefined) throw new Error(`${folder}/index.html names no script`)

  const first = new Set<string>()
  const take = (name: string): void => {
    if (first.has(name)) return
    first.add(name)
    for (const other of importedAtOnce(text(name))) take(other)
  }
  take(entry)
  // of its two chunks the first page waits for the smaller one
  const [language] = js.filter((name) => LANGUAGE.test(name)).sort((a, b) => text(a).length - text(b).length)
  if (language === undefined) throw new Error(`${assets} holds no chunk ${LANGUAGE}`)
  const screen = js.find((name) => FIRST_SCREEN.test(name))
  for (const name of [language, screen]) if (name !== undefined) take(name)
  const sum = (some: Iterable<string>) =>
    [...some].reduce((bytes, name) => bytes + gzipSync(text(name), { level: 9 }).length, 0)
  const languageOf = (name: string): string | undefined => CATALOGUE.exec(name)?.[1]
  const languages = new Set(js.flatMap((name) => languageOf(name) ?? []))
  return {
    firstRouteJs: sum(first),
    allJs: sum(js.filter((name) => languageOf(name) === undefined)),
    catalogue: Math.max(...[...languages].map((one) => sum(js.filter((name) => languageOf(name) === one)))),
    css: sum(names.filter((name) => name.endsWith('.css'))),
  }
}

/** Static imports of a built chunk: `import{a}from"./x.js"`, `import"./x.js"`; never `import("./x.js")`. */
export const importedAtOnce = (code: string): string[] =>
  [...code.matchAll(/\b(?:import|export)\s*(?:[^'"()]*?\bfrom\s*)?["']\.\/([^"']+\.js)["']/g)].map(
    ([, name]) => name!,
  )
