/**
 * No function returns NaN: each exported function of services/agronomy is called with valid arguments, and with one
 * number of them broken. It returns numbers (null for unknown), or throws with the name of the input. A function
 * without its row in sweep-domains.ts fails.
 */
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { domains, placesIn } from './sweep-domains.ts'
import { whole } from './sweep/values.ts'
import { runs } from '../../support/runs.ts'

const root = join(import.meta.dirname, '../../../services/agronomy')
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
  .toSorted()
const modules = await Promise.all(
  files.map(async (file) => ({
    file,
    exported: (await import(join(root, file))) as Record<string, unknown>,
  })),
)

type Key = string | number
const isPlain = (value: unknown): value is Record<Key, unknown> => typeof value === 'object' && value !== null

/** Paths to the parts of a value that satisfy a test. */
function pathsTo(
  value: unknown,
  isIt: (part: unknown) => boolean,
  isSpared: (part: object) => boolean,
  path: Key[] = [],
): Key[][] {
  if (isPlain(value) && isSpared(value)) return []
  const here = isIt(value) ? [path] : []
  if (!isPlain(value)) return here
  const keys: Key[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return [...here, ...keys.flatMap((key) => pathsTo(value[key], isIt, isSpared, [...path, key]))]
}

function put(value: unknown, [key, ...rest]: Key[], part: unknown): unknown {
  if (key === undefined) return part
  const held = value as Record<Key, unknown>
  const inner = put(held[key], rest, part)
  return Array.isArray(value) ? value.with(key as number, inner) : { ...held, [key]: inner }
}

const none = () => false
const isWhole = (value: object) => whole.has(value)
const isNumber = (value: unknown) => typeof value === 'number'
const noNumber = (value: unknown) => typeof value === 'number' && !Number.isFinite(value)
const broken: readonly number[] = [NaN, Infinity, -Infinity, -1e12, 1e12, -1, 0]

/** The error of a result; null for none. */
function wrongOf(call: () => unknown, isRefusalRight: boolean): string | null {
  try {
    const nones = pathsTo(call(), noNumber, none)
    return nones.length === 0 ? null : `answered with no number at ${JSON.stringify(nones.slice(0, 5))}`
  } catch (error) {
    if (!isRefusalRight) return `refused: ${String(error)}`
    // a name, and the actual value
    const isByName = error instanceof RangeError && /^[\w.]+.* got /s.test(error.message)
    return isByName ? null : `refused without a name: ${String(error)}`
  }
}

describe('each exported function', () => {
  it('has its row, and each row its function', () => {
    const mine = modules.flatMap(({ file, exported }) =>
      Object.keys(exported)
        .filter((name) => typeof exported[name] === 'function')
        .map((name) => `${file} ${name}`),
    )
    const rows = Object.entries(domains).flatMap(([file, some]) =>
      Object.keys(some).map((name) => `${file} ${name}`),
    )
    expect(rows.toSorted()).toEqual(mine.toSorted())
  })
})

describe('each exported table and constant', () => {
  it.each(modules.map(({ file, exported }) => [file, exported] as const))(
    'of %s holds no NaN',
    (_, exported) => {
      const values = Object.values(exported).filter((value) => typeof value !== 'function')
      expect(pathsTo(values, noNumber, none)).toEqual([])
    },
  )
})

describe.each(modules.filter(({ file }) => file in domains))('$file', ({ file, exported }) => {
  it.each(Object.keys(domains[file]!))('%s', (name) => {
    const run = exported[name] as (...args: unknown[]) => unknown
    const args = domains[file]![name]!
    fc.assert(
      fc.property(args, (good) => {
        expect(wrongOf(() => run(...good), false)).toBeNull()
      }),
      { numRuns: 100, seed: 3 },
    )
    fc.assert(
      fc.property(args, fc.nat(), fc.constantFrom(...broken), (good, pick, bad) => {
        const leaves = pathsTo(good, isNumber, isWhole).filter(([at]) => at !== placesIn.get(name))
        if (leaves.length === 0) return
        const leaf = leaves[pick % leaves.length]!
        const args = put(good, leaf, bad) as unknown[]
        expect(
          wrongOf(() => run(...args), true),
          `${leaf.join('.')} is ${bad}`,
        ).toBeNull()
      }),
      { numRuns: runs(300), seed: 3 },
    )
    fc.assert(
      fc.property(args, fc.nat(), (good, pick) => {
        const lists = pathsTo(good, Array.isArray, isWhole).slice(1) // the first are the arguments
        if (lists.length === 0) return
        const args = put(good, lists[pick % lists.length]!, []) as unknown[]
        expect(wrongOf(() => run(...args), true)).toBeNull()
      }),
      { numRuns: 50, seed: 3 },
    )
  })
})
