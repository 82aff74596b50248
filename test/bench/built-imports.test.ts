/** The bench imports parts of the build by their path, which the compiler does not check. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'bench')
const IMPORT = /importBuilt\(\s*'([^']+)\.js',?\s*\)\) as typeof import\('(\.[^']+)\.ts'\)/g

it('each part of the build has the path of the source whose type it is given', () => {
  const imports = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((file) => {
    if (!file.endsWith('.ts')) return []
    const text = readFileSync(join(folder, file), 'utf8')
    return [...text.matchAll(IMPORT)].map(([, built, source]) => ({
      built: built!,
      source: relative(root, join(folder, dirname(file), source!)),
    }))
  })
  expect(imports.length).toBeGreaterThanOrEqual(5)
  for (const { built, source } of imports) expect(built).toBe(source)
})
