/** Each screen shows its first view with `common` and its own parts of the catalogue. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { textsOfScreen, type ScreenName } from '../../dashboard/src/app/paths.ts'
import { readCatalogue, readParts } from '../support/read-catalogue.ts'
import { filesOf, keysUsed, src } from './text-usage.ts'

const en = readCatalogue('en')
const parts = readParts('en')
const shell = filesOf(join(src, 'main.ts'))

describe('the texts of a first view', () => {
  it('of the shell and Today are in common.json', () => {
    const used = keysUsed(shell, en)
    expect(used.size).toBeGreaterThan(100)
    expect([...used].filter((key) => !(key in parts['common']!))).toEqual([])
  })

  it.each(Object.keys(textsOfScreen) as ScreenName[])('of %s are in its parts', (screen) => {
    const files = [...filesOf(join(src, 'screens', `${screen}.svelte`))].filter((file) => !shell.has(file))
    const loaded = ['common', ...textsOfScreen[screen]].map((part) => parts[part]!)
    const missing = [...keysUsed(files, en)].filter((key) => !loaded.some((texts) => key in texts))
    expect(missing).toEqual([])
  })
})
