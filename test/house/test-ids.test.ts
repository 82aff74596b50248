/** docs/security.md (B1 to B17) and docs/ux.md (U1 to U31) name test files; a title of a test there carries the id, as `(B5)`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const text = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Ids and files of a page's table. */
const rowsOf = (page: string): [id: string, files: string[]][] =>
  text(page)
    .split('\n')
    .flatMap((line) => {
      const [, id] = /^\| ([BU]\d+) \|/.exec(line) ?? []
      const cell = line.split('|').at(-2) ?? ''
      return id === undefined ? [] : [[id, [...cell.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file!)]]
    })

/** Ids at the end of quoted titles: 'opens once (B4)', 'opens once (B4, U7)'. */
const idsIn = (source: string): string[] =>
  [...source.matchAll(/ \(((?:[BU]\d+(?:, )?)+)\)['"`]/g)].flatMap(([, ids]) => ids!.split(', '))

function testFiles(folder = 'test'): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return testFiles(path)
    return path.endsWith('.ts') && path !== 'test/house/test-ids.test.ts' ? [path] : []
  })
}

const pages = [
  { page: 'docs/security.md', prefix: 'B', count: 17 },
  { page: 'docs/ux.md', prefix: 'U', count: 31 },
]

describe.each(pages)('$page', ({ page, prefix, count }) => {
  const rows = rowsOf(page)

  it('has a row for each id', () =>
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`)))

  it('names for each id test files that have a test with it', () => {
    const wrong = rows.flatMap(([id, files]) => [
      ...(files.length === 0 ? [`${id} names no test`] : []),
      ...files.filter((file) => !existsSync(join(root, file)) || !idsIn(text(file)).includes(id)),
    ])
    expect(wrong).toEqual([])
  })

  it('names every test file that carries one of its ids', () => {
    const named = new Set(rows.flatMap(([id, files]) => files.map((file) => `${id} ${file}`)))
    const carried = testFiles().flatMap((file) =>
      [...new Set(idsIn(text(file)))].filter((id) => id.startsWith(prefix)).map((id) => `${id} ${file}`),
    )
    expect(carried.length).toBeGreaterThan(20)
    expect(carried.filter((each) => !named.has(each))).toEqual([])
  })
})
