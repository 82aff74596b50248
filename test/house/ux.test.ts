/** Each test that docs/ux.md names as showing something is there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const named = [...text('docs/ux.md').matchAll(/`(test\/[\w./-]+)`: (.+?) \|$/gm)].map(([, path, title]) => ({
  path: path!,
  title: title!,
}))

describe('docs/ux.md', () => {
  it('names tests', () => expect(named.length).toBeGreaterThan(20))

  it.each(named)('$path has "$title"', ({ path, title }) => expect(text(path)).toContain(title))
})
