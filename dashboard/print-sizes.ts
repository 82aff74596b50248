/** Prints the sizes of a build, gzipped, and fails it when one is over its budget: a slow page is a broken page. */
import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

/** Bytes, gzipped. `firstRouteJs`: what the browser needs before Today stands, one language included. */
export interface Budgets {
  firstRouteJs: number
  allJs: number
  css: number
}

export function printSizes(budgets: Budgets): Plugin {
  return {
    name: 'tilth-sizes',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
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

      const sizes: Record<keyof Budgets, number> = {
        firstRouteJs: sum(chunks.filter(({ fileName }) => firstNames.has(fileName)).map(({ code }) => code)),
        allJs: sum(chunks.map(({ code }) => code)),
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

const sum = (texts: (string | Uint8Array)[]): number =>
  texts.reduce((bytes, text) => bytes + gzipSync(text, { level: 9 }).length, 0)
const kB = (bytes: number): string => (bytes / 1000).toFixed(1)
