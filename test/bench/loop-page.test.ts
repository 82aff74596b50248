/** docs/closed-loop.md names the rules, the files and the options that there are, and `npm run bench` takes them. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { climates } from '../../bench/loop/climates.ts'
import { policyNames } from '../../bench/loop/compare.ts'
import { recordNames } from '../../bench/loop/record.ts'
import { referenceText } from '../../bench/loop/reference.ts'
import { loopTable } from '../../bench/loop/table.ts'
import { readOptions, USAGE } from '../../bench/options.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/closed-loop.md'), 'utf8')

describe('the page of the closed loop', () => {
  it('has a row for each rule, and none for another', () => {
    const part = page.slice(page.indexOf('## Who waters'), page.indexOf('## How far'))
    const named = part
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name))
    expect(named).toEqual([...policyNames])
  })

  it('names files that are there', () => {
    const files = new Set([...page.matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name!))
    expect(files.size).toBeGreaterThan(6)
    for (const file of files) expect(existsSync(join(root, 'bench/loop', file)), file).toBe(true)
  })

  it('names options that the usage names too', () => {
    const options = new Set([...page.matchAll(/`(--[a-z]+)/g)].map(([, name]) => name!))
    for (const option of options) expect(USAGE).toContain(option)
  })
})

describe('the options of the closed loop', () => {
  it('are taken with their values', () => {
    const read = readOptions([
      'loop',
      '--climates',
      'tunis-wheat,deccan-maize',
      '--seasons',
      '3',
      '--seed',
      'x',
    ])
    expect(read.ok && read.value.loop).toEqual({
      climates: ['tunis-wheat', 'deccan-maize'],
      seasons: 3,
      seed: 'x',
      seeds: 3,
      dataDir: null,
      isProduct: false,
    })
    const all = readOptions(['loop', '--climates', 'all', '--data', 'somewhere'])
    expect(all.ok && all.value.loop).toMatchObject({ climates: null, seasons: 10, dataDir: 'somewhere' })
  })

  it.each([
    [['--climates', 'mars'], /^no climate is called mars; there are champion-maize/],
    [['--seasons', '0'], /^--seasons must be a whole number from 1 to 1000, got 0$/],
    [['--seasons', 'ten'], /got ten$/],
    [['--seeds', '21'], /^--seeds must be a whole number from 1 to 20, got 21$/],
    [['--seed'], /^--seed must be followed by a value, got nothing$/],
  ])('are refused by name when they are wrong: %j', (args, reason) => {
    const read = readOptions(['loop', ...args])
    expect(read.ok ? '' : read.error).toMatch(reason)
  })
})

describe('the table of a place', () => {
  const rows = policyNames.map((policy) => ({
    policy,
    label: '',
    yieldTHa: 10,
    irrigationMm: 300,
    runs: 9,
    profit: 1500,
    percolationMm: 10,
    percolationShare: policy === 'rainfed' ? null : 0.031,
    stressDays: 0,
    regret: 0.1,
  }))
  const lines = (climate: string) =>
    loopTable({
      climate,
      seed: 'x',
      seasons: 2,
      rows,
      unstressedTHa: 10,
      falseAlarms: 0,
      moreSearchGain: 0,
    }).split('\n')

  it('has a row for each rule, and AquaCrop next to it where its points are known', () => {
    expect(lines('champion-maize')[1]).toMatch(/AquaCrop/)
    expect(lines('champion-maize').filter((line) => line.includes('13.65 / 401'))).toHaveLength(1)
    expect(lines('phoenix-cotton')[1]).not.toMatch(/AquaCrop/)
    expect(lines('phoenix-cotton')).toHaveLength(2 + policyNames.length + 2)
  })

  it('holds the points of a place against its real record too', () => {
    for (const name of recordNames) expect(referenceText(name, 'timer')).not.toBe('')
    expect(climates.filter(({ name }) => referenceText(name, 'rainfed') !== '')).toHaveLength(3)
  })
})
