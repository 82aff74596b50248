/** Code of agronomy that only the validation uses is marked as such: in its header, in docs/agronomy.md, and in its lines. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readImportGraph } from '../house/import-graph.ts'
import { lines } from './lines.ts'

const root = join(import.meta.dirname, '../..')
const graph = readImportGraph(root, ['broker', 'services', 'test/validate'])
const known = new Set(graph.files)

/** Every file that one of these imports, directly or through others. */
function reachableFrom(starts: readonly string[]): Set<string> {
  const seen = new Set(starts)
  for (const file of seen) for (const target of graph.importsOf(file)) if (known.has(target)) seen.add(target)
  return seen
}

// a worker is started by its file's name, not by an import
const workers = graph.files.filter((file) => /^services\/.*thread-worker\.ts$/.test(file))
const product = reachableFrom(['services/main.ts', ...workers])
const library = graph.files.filter((file) => file.startsWith('services/agronomy/') && !product.has(file))
const scored = [...new Set(lines.flatMap(({ parts }) => parts.flatMap((part) => part.library ?? [])))]

describe('the library of agronomy', () => {
  it('is found by the imports of services/main.ts and its worker threads', () => {
    expect(workers.length).toBeGreaterThan(3)
    expect(library.length).toBeGreaterThan(0)
  })
  it('is named as such in the header of each module', () => {
    const HEADER = /^\/\*\*[\s\S]*?Library:[\s\S]*?\*\//
    expect(library.filter((file) => !HEADER.test(graph.text(file)))).toEqual([])
    const used = graph.files.filter((file) => file.startsWith('services/agronomy/') && product.has(file))
    expect(used.filter((file) => HEADER.test(graph.text(file)))).toEqual([])
  })
  it('is listed in section 10 of docs/agronomy.md', () => {
    const section = readFileSync(join(root, 'docs/agronomy.md'), 'utf8').split('## 10. ')[1]!
    const models = scored.filter((file) => file.startsWith('test/'))
    expect(
      [...library, ...models].filter((file) => !section.includes(file.replace('services/agronomy/', ''))),
    ).toEqual([])
  })
  it('is marked by the lines of the validation that score it', () => {
    const ofLines = reachableFrom(['test/validate/lines.ts'])
    // the worked examples of FAO-56 are most of them the product's own functions: section 10 names its hours
    expect(scored.filter((file) => !ofLines.has(file) || product.has(file))).toEqual([])
    expect(library.filter((file) => ofLines.has(file) && !scored.includes(file))).toEqual([])
    const models = graph.files.filter((file) =>
      /^test\/validate\/models\/(?!farm-plot)[\w-]+(?<!\.test)\.ts$/.test(file),
    )
    expect(models.filter((file) => !scored.includes(file))).toEqual([])
  })
})
