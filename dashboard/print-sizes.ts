/** Prints the gzipped sizes of a build, and fails it when the first page is over its budget: code and texts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

/** `firstPage`: bytes of code and texts, gzipped, that the browser needs before Today is shown. */
export function printSizes(budget: { firstPage: number }): Plugin {
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
      const textsOf = (language: string, parts: string[]): number =>
        parts.reduce(
          (bytes, part) => bytes + gzippedBytes([readFileSync(join(catalogues, language, part))]),
          0,
        )
      const languages = readdirSync(catalogues)
      const firstPageJs = gzippedBytes([...firstPage].map(({ code }) => code))
      const firstTexts = Math.max(...languages.map((language) => textsOf(language, ['common.json'])))
      const sizes = {
        'first page, JS': firstPageJs,
        'first page, texts': firstTexts,
        'all JS': gzippedBytes(chunks.map(({ code }) => code)),
        CSS: gzippedBytes(
          files.flatMap((file) =>
            file.type === 'asset' && file.fileName.endsWith('.css') ? [file.source] : [],
          ),
        ),
        ...Object.fromEntries(
          languages.map((language) => [
            `all texts, ${language}`,
            textsOf(language, readdirSync(join(catalogues, language))),
          ]),
        ),
      }
      for (const [name, bytes] of Object.entries(sizes)) console.log(`${name.padEnd(18)}${kB(bytes)} kB gz`)
      const total = firstPageJs + firstTexts
      if (total > budget.firstPage)
        this.error(`the first page has ${kB(total)} kB of code and texts, more than ${kB(budget.firstPage)}`)
    },
  }
}

const gzippedBytes = (contents: (string | Uint8Array)[]): number =>
  contents.reduce((bytes, content) => bytes + gzipSync(content, { level: 9 }).length, 0)
const kB = (bytes: number): string => (bytes / 1000).toFixed(1)
