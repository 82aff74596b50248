/** Bytes of the first page: what the browser fetches before Today stands, and not a byte of what comes later. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importedAtOnce, pageSizes } from '../../bench/support/page-sizes.ts'

describe('the sizes of the first page', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tilth-page-'))
    await mkdir(join(folder, 'assets'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const gz = (text: string) => gzipSync(text, { level: 9 }).length

  it('count the entry, Today, one language and what these import at once', async () => {
    const files: Record<string, string> = {
      'index-a.js': 'import{a}from"./shared-b.js";const later=()=>import("./Field-c.js")',
      'shared-b.js': 'export const a=1',
      'Field-c.js': 'export const field=2',
      'Today-d.js': 'import"./chart-e.js"',
      'chart-e.js': 'export const chart=3',
      'en-f.js': 'export default {}',
      'ja-g.js': 'export default {a:"words"}',
      'ja-i.js': 'export default {b:"and the rest of them"}',
      'index-h.css': 'body{margin:0}',
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'assets', name), text)
    await writeFile(join(folder, 'index.html'), '<script type="module" crossorigin src="/assets/index-a.js">')
    const sum = (...names: string[]) => names.reduce((bytes, name) => bytes + gz(files[name]!), 0)
    const first = ['index-a.js', 'shared-b.js', 'Today-d.js', 'chart-e.js']
    expect(pageSizes(folder)).toEqual({
      firstRouteJs: sum(...first, 'en-f.js'),
      // words are no code: a phone loads one language, whole, and it has a budget of its own
      allJs: sum(...first, 'Field-c.js'),
      catalogue: sum('ja-g.js', 'ja-i.js'),
      css: sum('index-h.css'),
    })
  })

  it('count Today with the entry where the bundler has put it there', async () => {
    await writeFile(join(folder, 'assets', 'index-a.js'), 'const today=1')
    await writeFile(join(folder, 'assets', 'en-b.js'), 'export default {}')
    await writeFile(join(folder, 'index.html'), '<script src="/assets/index-a.js">')
    expect(pageSizes(folder).firstRouteJs).toBe(gz('const today=1') + gz('export default {}'))
  })

  it('are refused when a chunk of the first page is missing: half a page would look small', async () => {
    await writeFile(join(folder, 'assets', 'index-a.js'), '')
    await writeFile(join(folder, 'index.html'), '<script src="/assets/index-a.js">')
    expect(() => pageSizes(folder)).toThrow('holds no chunk')
  })

  it('tell an import at once from one that waits', () => {
    expect(
      importedAtOnce('import a,{b as c}from"./x.js";import"./y.js";import("./z.js");export{d}from"./w.js"'),
    ).toEqual(['x.js', 'y.js', 'w.js'])
  })
})
