/** What the documents name is there: files, headings and commands; and docs/README.md lists each of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const markdownIn = (folder: string) =>
  readdirSync(join(root, folder)).flatMap((name) =>
    name.endsWith('.md') ? [folder === '.' ? name : `${folder}/${name}`] : [],
  )
const documents = ['.', 'docs', 'docs/decisions', 'docs/mosquitto'].flatMap(markdownIn)
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const isThere = (path: string) => existsSync(join(root, path))
const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> }

const rooms = /(?<![\w./-])(?:broker|services|firmware-sim|dashboard|bench|test|docs)\/[\w./-]*\w/g
const links = /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g
const commands = /npm run ([\w:-]+)/g
const found = (path: string, pattern: RegExp) => [...text(path).matchAll(pattern)]

/** The name by which a heading is linked to. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
const anchorsOf = (path: string) => found(path, /^#+ (.+)$/gm).map(([, heading]) => anchorOf(heading!))

describe('the documents', () => {
  it('are found', () => expect(documents.length).toBeGreaterThan(10))

  it.each(documents)('%s names only files that exist', (path) => {
    const named = found(path, rooms).map(([name]) => name)
    expect(named.filter((name) => !isThere(name) && !isThere(`${name}.ts`))).toEqual([])
  })

  it.each(documents)('%s links only to files and headings that exist', (path) => {
    const broken = found(path, links).filter(([, to, anchor]) => {
      const target = to === '' ? path : join(dirname(path), to!)
      return !isThere(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  it.each(documents)('%s names only commands that npm knows', (path) =>
    expect(found(path, commands).filter(([, name]) => scripts[name!] === undefined)).toEqual([]),
  )

  it('are listed in docs/README.md, which README.md links to', () => {
    const listed = found('docs/README.md', links).map(([, to]) => `docs/${to}`)
    for (const path of markdownIn('docs')) if (path !== 'docs/README.md') expect(listed, path).toContain(path)
    expect(found('README.md', links).map(([, to]) => to)).toContain('docs/README.md')
  })

  it('begin with a README of at most 120 lines', () =>
    expect(text('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120))
})
