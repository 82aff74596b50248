/** Bytes of the first page: everything that the browser fetches before Today is shown, and nothing that it fetches later. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pageSizes, staticImports } from '../../bench/support/page-sizes.ts'

describe('the sizes of the first page', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tilth-page-'))
    await mkdir(join(folder, 'assets'))
    await mkdir(join(folder, 'i18n'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const gz = (text: string) => gzipSync(text, { level: 9 }).length

  it('count the entry, Today and their static imports (U1)', async () => {
    const files: Record<string, string> = {
      'index-a.js': 'import{a}from"./shared-b.js";const later=()=>import("./Field-c.js")',
      'shared-b.js': 'export const a=1',
      'Field-c.js': 'export const field=2',
      'Today-d.js': 'import"./chart-e.js"',
      'chart-e.js': 'export const chart=3',
      'index-h.css': 'body{margin:0}',
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'assets', name), text)
    const texts: Record<string, string> = {
      'en/common.json': '{}',
      'en/sheets.json': '{"key":"texts that are loaded later, and longer than the Japanese ones"}',
      'ja/common.json': '{"key":"a longer text"}',
      'ja/sheets.json': '{}',
    }
    for (const [name, text] of Object.entries(texts)) {
      await mkdir(join(folder, 'i18n', dirname(name)), { recursive: true })
      await writeFile(join(folder, 'i18n', name), text)
    }
    await writeFile(join(folder, 'index.html'), '<script type="module" crossorigin src="/assets/index-a.js">')
    const sum = (...names: string[]) => names.reduce((bytes, name) => bytes + gz(files[name]!), 0)
    const first = ['index-a.js', 'shared-b.js', 'Today-d.js', 'chart-e.js']
    expect(pageSizes(folder)).toEqual({
      firstPageJs: sum(...first),
      allJs: sum(...first, 'Field-c.js'),
      // a phone loads one language
      firstPageTexts: gz(texts['ja/common.json']!),
      catalogue: gz(texts['en/common.json']!) + gz(texts['en/sheets.json']!),
      css: sum('index-h.css'),
    })
  })

  it('count Today with the entry when the bundler inlines it', async () => {
    await writeFile(join(folder, 'assets', 'index-a.js'), 'const today=1')
    await writeFile(join(folder, 'index.html'), '<script src="/assets/index-a.js">')
    expect(pageSizes(folder).firstPageJs).toBe(gz('const today=1'))
  })

  it('fail when a chunk of the first page is missing: half a page would look small', async () => {
    await writeFile(join(folder, 'assets', 'index-a.js'), 'import"./missing-b.js"')
    await writeFile(join(folder, 'index.html'), '<script src="/assets/index-a.js">')
    expect(() => pageSizes(folder)).toThrow('missing-b.js')
  })

  it('distinguish static from dynamic imports', () => {
    expect(
      staticImports('import a,{b as c}from"./x.js";import"./y.js";import("./z.js");export{d}from"./w.js"'),
    ).toEqual(['x.js', 'y.js', 'w.js'])
  })
})
