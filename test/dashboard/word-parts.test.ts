/** Each screen says what it says with the parts of the catalogue that come with it: none waits for another part. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { partOf } from '../../dashboard/split-words.ts'
import { publicPaths, screenPaths } from '../../dashboard/src/app/paths.ts'
import { PLACEHOLDER } from '../../dashboard/src/i18n/interpolate.ts'
import en from '../../dashboard/src/i18n/en.json'

const src = join(import.meta.dirname, '../../dashboard/src')
const keys = [...new Set(Object.keys(en).map((key) => key.split('#')[0]!))]

/** The files that a file brings with it, itself included; what it imports when it is wanted is none of them. */
function broughtBy(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file) || !existsSync(file)) return found
  found.add(file)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^\s*import (?!type\b)[^'()]*'(\.[^']+)'/gm))
    if (/\.(ts|svelte)$/.test(path!)) broughtBy(join(dirname(file), path!), found)
  return found
}

/** The texts that a file names: whole, by the beginning of their key, or by their section. */
function namedIn(file: string): string[] {
  if (file.endsWith('/i18n/speaker.ts')) return [] // names sections, says none
  const text = readFileSync(file, 'utf8')
  const whole = [...text.matchAll(/['"`]([a-z][a-z0-9.-]*)['"`]/g)].map(([, key]) => key!)
  const begun = [...text.matchAll(/\bt\(`([a-z][a-z0-9.-]*\.)\$\{/g)].map(([, start]) => start!)
  const sections = [...text.matchAll(/\b(?:say\.(?:say|maybe)|maybe)\('([a-z.-]+)'/g)].map(
    ([, name]) => `${name}.`,
  )
  const named = new Set(whole.filter((key) => key.includes('.')))
  return keys.filter(
    (key) => named.has(key) || [...begun, ...sections].some((start) => key.startsWith(start)),
  )
}

const foreign = (file: string, parts: readonly string[]): string[] =>
  [...broughtBy(join(src, file))].flatMap((each) =>
    namedIn(each)
      .filter((key) => !parts.includes(partOf(key)))
      .map((key) => `${each.slice(src.length + 1)}: ${key} (${partOf(key)})`),
  )

describe('the parts of a catalogue', () => {
  it('finds what a screen says', () => {
    expect(foreign('screens/Water.svelte', ['first'])).toContain('screens/Water.svelte: plan.approve (daily)')
  })

  it('first: the shell, Today and the sign-in', () => {
    for (const file of ['App.svelte', 'Shell.svelte', 'screens/Today.svelte', 'screens/SignIn.svelte'])
      expect(foreign(file, ['first'])).toEqual([])
  })

  it.each([...screenPaths, ...publicPaths])('$screen: first and $words', ({ screen, words = 'first' }) => {
    expect(foreign(`screens/${screen}.svelte`, ['first', words])).toEqual([])
  })

  it('a text that tells another section’s keys has them with it', () => {
    // an alert about an insect is drawn once more when the insects have come; sheets wait for the whole
    const early = Object.entries(en).filter(([key]) => !key.startsWith('alert.') && partOf(key) !== 'rest')
    const found = early.flatMap(([key, text]) =>
      [...text.matchAll(PLACEHOLDER)].flatMap(([, , format]) =>
        keys
          .filter((other) => format !== undefined && other.startsWith(`${format}.`))
          .filter((other) => !['first', partOf(key)].includes(partOf(other)))
          .map((other) => `${key} (${partOf(key)}): ${other} (${partOf(other)})`),
      ),
    )
    expect(found).toEqual([])
  })
})
