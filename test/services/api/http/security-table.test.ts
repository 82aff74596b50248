/** docs/security.md names a test for every line of the baseline: each of them is there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const rows = read('docs/security.md')
  .split('\n')
  .filter((line) => /^\| B\d+ \|/.test(line))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))

/** The tests of a cell: `file` “name”, “name”; `file` “name”. */
function testsOf(cell: string): [file: string, name: string][] {
  let file = 'no file'
  const found: [string, string][] = []
  for (const [, path, name] of cell.matchAll(/`(test\/[^`]+)`|“([^”]+)”/g))
    if (path !== undefined) file = path
    else found.push([file, name!])
  return found
}

describe('the table of the security baseline', () => {
  it('has every line from B1 to B17, each with what must hold, how, and a test', () => {
    expect(rows.map(([line]) => line)).toEqual(Array.from({ length: 17 }, (_, i) => `B${i + 1}`))
    for (const [line, ...cells] of rows) expect([line, cells.length]).toEqual([line, 3])
  })

  it.each(rows)('%s: its tests exist', (_line, _must, _how, tests) => {
    const named = testsOf(tests!)
    expect(named).not.toEqual([])
    for (const [file, name] of named) {
      expect(existsSync(join(root, file)), file).toBe(true)
      const written = [`'${name}'`, `"${name}"`, `\`${name}\``].some((text) => read(file).includes(text))
      expect([name, written]).toEqual([name, true])
    }
  })

  it('a name that is no test is found missing', () => {
    expect(testsOf('`test/a.test.ts` “x”, “y”; `test/b.test.ts` “z”')).toEqual([
      ['test/a.test.ts', 'x'],
      ['test/a.test.ts', 'y'],
      ['test/b.test.ts', 'z'],
    ])
  })
})
