/** Prints the sizes of a build, gzipped, and fails it when one is over its budget: a slow page is a broken page. */
import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

/** Bytes, gzipped. */
export interface Budgets {
  firstRouteJs: number // what the browser needs before Today stands, the first words of a language included
  allJs: number // code: of a phone that opens every screen, without its words
  catalogue: number // all words of the language that has most: a phone loads one
  css: number
}

export function printSizes(budgets: Budgets): Plugin {
  return {
    name: 'tilth-sizes',
    apply: 'build',
    enforce: 'post',
    // when the names of the parts stand in the code, as they are served
    writeBundle(_options, bundle) {
      const files = Object.values(bundle)
      const chunks = files.filter((file): file is Rollup.OutputChunk => file.type === 'chunk')
      const firstNames = new Set<string>()
      const take = (chunk: Rollup.OutputChunk | undefined): void => {
        if (!chunk || firstNames.has(chunk.fileName)) return
        firstNames.add(chunk.fileName)
        for (const name of chunk.imports) take(chunks.find((other) => other.fileName === name))
      }
      take(chunks.find((chunk) => chunk.isEntry))
      for (const first of [/\/Today\.svelte$/, /\/en\.json$/])
        take(chunks.find((chunk) => first.test(chunk.facadeModuleId ?? '')))

      const codeOf = (some: Rollup.OutputChunk[]): number => sum(some.map(({ code }) => code))
      const codeIn = (language: string | null): number =>
        codeOf(chunks.filter((chunk) => languageOf(chunk) === language))
      const languages = [...new Set(chunks.map(languageOf))].filter((language) => language !== null)
      const sizes: Record<keyof Budgets, number> = {
        firstRouteJs: codeOf(chunks.filter(({ fileName }) => firstNames.has(fileName))),
        allJs: codeIn(null),
        catalogue: Math.max(...languages.map(codeIn)),
        css: sum(
          files.flatMap((file) =>
            file.type === 'asset' && file.fileName.endsWith('.css') ? [file.source] : [],
          ),
        ),
      }
      const over: string[] = []
      for (const name of Object.keys(sizes) as (keyof Budgets)[]) {
        const line = `${name.padEnd(14)}${kB(sizes[name]).padStart(8)} kB gz of ${kB(budgets[name])}`
        console.log(line)
        if (sizes[name] > budgets[name]) over.push(line)
      }
      if (over.length > 0) this.error(`over budget: ${over.join('; ')}`)
    },
  }
}

/** The language whose words a chunk holds (`ja.json`, `ja.json?rest`); null: it is code. */
const languageOf = ({ facadeModuleId }: Rollup.OutputChunk): string | null =>
  /\/i18n\/(\w+)\.json(\?|$)/.exec(facadeModuleId ?? '')?.[1] ?? null

const sum = (texts: (string | Uint8Array)[]): number =>
  texts.reduce((bytes, text) => bytes + gzipSync(text, { level: 9 }).length, 0)
const kB = (bytes: number): string => (bytes / 1000).toFixed(1)
