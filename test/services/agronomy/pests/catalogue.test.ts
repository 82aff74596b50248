/** Rows of pests, the vectors of their events, and rows that are read from JSON. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parsePest } from '../../../../services/agronomy/pests/parse-pest.ts'
import { nextEventOf, type Pest } from '../../../../services/agronomy/pests/pest.ts'
import { pestOf, pests } from '../../../../services/agronomy/pests/catalogue.ts'
import { pestEventTrial } from '../../../validate/lines/pest-events.ts'
import { readVectors } from '../../../validate/read-vectors.ts'
import { allOf } from '../../../validate/score.ts'

const vectorsFile = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../../vectors/${name}.json`), 'utf8')
const params = JSON.parse(vectorsFile('params_pests')) as { pests: Record<string, unknown>[] }
const rows: Pest[] = Object.values(pests)

describe('pests are rows', () => {
  it('each row is complete: thresholds in order, events in order, a source, and the unconfirmed figures', () => {
    for (const pest of rows) {
      const { lowerC, upperC, cutoff } = pest.heat
      expect(upperC === null || upperC > lowerC, pest.id).toBe(true)
      expect(upperC === null, pest.id).toBe(cutoff === 'none')
      const sums = pest.events.map((event) => event.sumCd)
      expect(sums, pest.id).toEqual(sums.toSorted((a, b) => a - b))
      expect(pest.source.length, pest.id).toBeGreaterThan(10)
      expect(pest.confirmed, pest.id).toBe(pest.check === null)
    }
    for (const [id, pest] of Object.entries(pests)) expect(pest.id).toBe(id)
  })
  it('codling moth eggs hatch 250 °F·d after the biofix, between 50 and 88 °F (UC IPM)', () => {
    const moth = pestOf('codling-moth')!
    expect(moth.heat).toMatchObject({ lowerC: 10, method: 'single-sine', cutoff: 'horizontal' })
    expect(moth.heat.upperC).toBeCloseTo(31.11, 2)
    expect(nextEventOf(moth, 100)!.sumCd).toBeCloseTo(138.9, 1)
  })
  it('after the last event the next generation is due, and then nothing', () => {
    const moth = pestOf('codling-moth')!
    expect(nextEventOf(moth, 140)).toEqual({ key: 'next-generation', sumCd: (1100 * 5) / 9 })
    expect(nextEventOf(moth, 612)).toBeNull()
  })
  it('an event that is a range is next until the range is over', () => {
    const borer = pestOf('rice-stem-borer')!
    expect(nextEventOf(borer, 700)?.key).toBe('next-flight')
    expect(nextEventOf(borer, 751)).toBeNull()
  })
  it('an unknown pest is undefined', () => {
    expect(pestOf('unicorn-moth')).toBeUndefined()
    expect(pestOf('constructor')).toBeUndefined()
  })
})

describe('the table of parameters', () => {
  const read = params.pests.map((row) => {
    const pest = parsePest(row)
    if (!pest.ok) throw new Error(`${String(row.id)}: ${pest.error}`)
    return { pest: pest.value, row }
  })

  it.each(read)('$row.id is parsed, in °C as in the table', ({ pest, row }) => {
    expect(pest.heat.lowerC).toBeCloseTo((row.lower_C ?? row.lower) as number, 2)
    if (row.upper !== null) expect(pest.heat.upperC).toBeCloseTo((row.upper_C ?? row.upper) as number, 2)
    const sums = Object.values((row.events_C ?? row.events) as Record<string, number | number[]>).flat()
    const mine = pest.events.flatMap(({ sumCd, toCd }) => (toCd === undefined ? [sumCd] : [sumCd, toCd]))
    expect(mine.toSorted((a, b) => a - b).map((sum) => sum.toFixed(0))).toEqual(
      sums.toSorted((a, b) => a - b).map((sum) => sum.toFixed(0)),
    )
  })

  it.each(read)(
    "Tilth's own row of $row.name has the same method, thresholds and length of a generation",
    ({ pest }) => {
      const own = rows.find(({ species }) => species.startsWith(pest.species))!
      expect(own.heat).toEqual(pest.heat)
      expect(own.soil).toBe(pest.soil)
      if (pest.generationCd !== null) expect(own.generationCd).toBeCloseTo(pest.generationCd, 9)
    },
  )

  it('an unconfirmed row is unconfirmed in Tilth as well', () => {
    for (const { pest } of read)
      if (!pest.confirmed)
        expect(rows.find(({ species }) => species.startsWith(pest.species))!.confirmed, pest.id).toBe(false)
  })
})

describe('the vectors of pest events', () => {
  const read = readVectors(vectorsFile('pest_events'), 'pest_events.json')
  it('the cumulative catches of codling moth are reproduced; the days need the weather of their place', () => {
    const trials = read.ok ? read.value.map((vector) => pestEventTrial(vector, [], () => new Map())) : []
    const score = allOf('vectors', trials)
    expect(score).toMatchObject({ value: 12, of: 12, missed: [] })
    expect(score.notBuilt).toEqual(['first_date_cumulative_dd: 24 vectors'])
  })
})

describe('a row of an operator', () => {
  const good = {
    id: 'my_moth',
    name: 'Moth moth',
    crop: 'apple, pear',
    unit: 'F',
    lower: 50,
    upper: 88,
    method: 'single_sine',
    cutoff: 'horizontal',
    biofix: 'first sustained catch',
    events: { spray: [500, 600], hatch: 250, generation_time: 1100 },
    source: 'the station next door',
    verification: 'as printed',
    threshold: { count: 5, per_days: 7, source: 'the same' },
  }
  const reason = (change: object) => {
    const read = parsePest({ ...good, ...change })
    return read.ok ? '' : read.error
  }

  it('is a pest like any other', () => {
    expect(parsePest(good)).toEqual({
      ok: true,
      value: {
        id: 'my-moth',
        species: 'Moth moth',
        crops: ['apple', 'pear'],
        heat: { method: 'single-sine', cutoff: 'horizontal', lowerC: 10, upperC: (56 * 5) / 9 },
        biofix: 'first-catch',
        events: [
          { key: 'hatch', sumCd: (250 * 5) / 9 },
          { key: 'spray', sumCd: (500 * 5) / 9, toCd: (600 * 5) / 9 },
          { key: 'generation-time', sumCd: (1100 * 5) / 9 },
        ],
        generationCd: (1100 * 5) / 9,
        threshold: { count: 5, perDays: 7, source: 'the same' },
        source: 'the station next door',
        confirmed: true,
        check: null,
      },
    })
  })
  it.each([
    ['1 January (well before season)', 'first-january'],
    ['no-biofix', 'first-january'],
    ['1 March', 'date-03-01'],
    ['April 15', 'date-04-15'],
    ['marked rise of the catches', 'first-catch'],
    ['first male moth in pheromone traps', 'first-catch'],
    ['intense moth capture (8 in 2 nights)', 'peak-catch'],
  ])('counts from %s', (biofix, expected) => {
    const read = parsePest({ ...good, biofix })
    expect(read.ok && read.value.biofix).toBe(expected)
  })
  it.each([
    [{ lower: '50' }, 'lower: expected a number, got "50"'],
    [{ upper: 40 }, 'upper: expected a number above lower (50) or null, got 40'],
    [{ unit: 'K' }, 'unit: expected "F" or "C", got "K"'],
    [{ method: 'degree-hours' }, 'method: expected one of average, '],
    [{ cutoff: 'soft' }, 'cutoff: expected one of none, horizontal, intermediate, vertical, got "soft"'],
    [{ events: { hatch: -1 } }, 'events.hatch: expected a number above 0, got -1'],
    [{ events: { spray: [600, 500] } }, 'events.spray: expected a range from low to high'],
    [{ biofix: 'March' }, 'biofix: expected a day like 1 March, a catch, or a peak, got "March"'],
    [{ source: undefined }, 'source: expected a text, got nothing'],
    [{ threshold: { count: 5 } }, 'threshold.per_days: expected a number above 0, got nothing'],
  ])('with an error is rejected by its field: %j', (change, expected) => {
    expect(reason(change)).toContain(expected)
  })
})
