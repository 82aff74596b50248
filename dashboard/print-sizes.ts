/** Prints the gzipped sizes of a build, and fails it when the first page is over its budget. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

/** `firstPageJs`: bytes of code, gzipped, that the browser needs before Today is shown. */
export function printSizes(budget: { firstPageJs: number }): Plugin {
  let publicDir = ''
  return {
    name: 'tilth-sizes',
    apply: 'build',
    enforce: 'post',
    configResolved: (config) => void (publicDir = config.publicDir),
    // only here the code contains the final names of its chunks, as it is served
    writeBundle(_options, bundle) {
      const files = Object.values(bundle)
      const chunks = files.filter((file): file is Rollup.OutputChunk => file.type === 'chunk')
      const firstPage = new Set<Rollup.OutputChunk>()
      const addWithImports = (chunk: Rollup.OutputChunk | undefined): void => {
        if (!chunk || firstPage.has(chunk)) return
        firstPage.add(chunk)
        for (const name of chunk.imports) addWithImports(chunks.find(({ fileName }) => fileName === name))
      }
      addWithImports(chunks.find(({ isEntry }) => isEntry))

      const catalogues = join(publicDir, 'i18n')
      const firstPageJs = gzippedBytes([...firstPage].map(({ code }) => code))
      const sizes = {
        'first page, JS': firstPageJs,
        'all JS': gzippedBytes(chunks.map(({ code }) => code)),
        CSS: gzippedBytes(
          files.flatMap((file) =>
            file.type === 'asset' && file.fileName.endsWith('.css') ? [file.source] : [],
          ),
        ),
        ...Object.fromEntries(
          readdirSync(catalogues).map((name) => [
            `texts, ${name}`,
            gzippedBytes([readFileSync(join(catalogues, name))]),
          ]),
        ),
      }
      for (const [name, bytes] of Object.entries(sizes)) console.log(`${name.padEnd(16)}${kB(bytes)} kB gz`)
      if (firstPageJs > budget.firstPageJs)
        this.error(`the first page has ${kB(firstPageJs)} kB of JS, more than ${kB(budget.firstPageJs)}`)
    },
  }
}

const gzippedBytes = (contents: (string | Uint8Array)[]): number =>
  contents.reduce((bytes, content) => bytes + gzipSync(content, { level: 9 }).length, 0)
const kB = (bytes: number): string => (bytes / 1000).toFixed(1)
