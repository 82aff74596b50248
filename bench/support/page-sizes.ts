/** Bytes of the built dashboard, gzipped as a server would send them: counted from what the files themselves import. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface PageSizes {
  /** the entry, the screen Today, one language, and all that these import at once */
  firstRouteJs: number
  allJs: number
  css: number
}

const FIRST_CHUNKS = [/^Today-/, /^en-/]

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
  for (const wanted of FIRST_CHUNKS) {
    const found = js.find((name) => wanted.test(name))
    if (found === undefined) throw new Error(`${assets} holds no chunk ${wanted}`)
    take(found)
  }
  const sum = (some: Iterable<string>) =>
    [...some].reduce((bytes, name) => bytes + gzipSync(text(name), { level: 9 }).length, 0)
  return {
    firstRouteJs: sum(first),
    allJs: sum(js),
    css: sum(names.filter((name) => name.endsWith('.css'))),
  }
}

/** Static imports of a built chunk: `import{a}from"./x.js"`, `import"./x.js"`; never `import("./x.js")`. */
export const importedAtOnce = (code: string): string[] =>
  [...code.matchAll(/\b(?:import|export)\s*(?:[^'"()]*?\bfrom\s*)?["']\.\/([^"']+\.js)["']/g)].map(
    ([, name]) => name!,
  )
