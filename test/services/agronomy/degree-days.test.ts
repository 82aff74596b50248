/** Golden numbers: Zalom et al. 1983 Table 7 (°F), McMaster & Wilhelm 1997 Table 1 (°C). */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  degreeDaysCd,
  type Cutoff,
  type HeatMethod,
  type HeatModel,
} from '../../../services/agronomy/degree-days.ts'
import { daysToReach, heatSum } from '../../../services/agronomy/heat-sum.ts'
import { nextEventOf, pestOf, pests, type Pest } from '../../../services/agronomy/pests.ts'

const model = (method: HeatMethod, cutoff: Cutoff, lowerC: number, upperC: number | null): HeatModel => ({
  method,
  cutoff,
  lowerC,
  upperC,
})

describe('Zalom et al. 1983, Table 7: lower 55 °F, upper 90 °F, horizontal cutoff', () => {
  // tmin, tmax, next tmin; single triangle, double triangle, single sine, double sine; null where we hold no value.
  // 60/100/75 by double triangle is left out: the table prints 24.88, closed form and integration give 27.125
  const rows: [number, number, number, number | null, number | null, number | null, number | null][] = [
    [96, 110, 91, null, 35, 35, 35],
    [91, 105, 96, null, 35, 35, null],
    [45, 54, 38, 0, 0, 0, 0],
    [38, 50, 45, 0, null, 0, 0],
    [60, 80, 75, 15, null, 15, 18.75],
    [75, 88, 60, 26.5, 22.75, null, 22.75],
    [50, 82, 45, 11.39, 10.62, 11.85, 11.31],
    [45, 70, 50, 4.5, 5.06, null, 5.7],
    [60, 100, 75, null, null, 22.82, 26.26],
    [75, 95, 60, 29.38, 25.76, 28.91, null],
    [50, 101, 48, 19.56, null, 18.95, 18.69],
    [48, 95, 50, 16.76, 17.13, 16.96, 17.23],
  ]
  const methods = ['single-triangle', 'double-triangle', 'single-sine', 'double-sine'] as const
  it.each(rows)('%d to %d °F, next night %d', (tempMinC, tempMaxC, nextMinC, ...printed) => {
    methods.forEach((method, i) => {
      if (printed[i] === null) return
      // the arithmetic is the same in either unit
      const sum = degreeDaysCd(model(method, 'horizontal', 55, 90), { tempMinC, tempMaxC, nextMinC })
      expect(Math.abs(sum - printed[i]!), method).toBeLessThanOrEqual(0.015)
    })
  })
})

describe('McMaster & Wilhelm 1997, Table 1: base 0 °C', () => {
  // tmin, tmax, method 1, method 2
  it.each([
    [1, 10, 5.5, 5.5],
    [-2, 8, 3, 4],
    [5, 10, 7.5, 7.5],
    [-2, 10, 4, 5],
    [2, 15, 8.5, 8.5],
  ])('%d to %d °C', (tempMinC, tempMaxC, one, two) => {
    expect(degreeDaysCd(model('average', 'none', 0, null), { tempMinC, tempMaxC })).toBeCloseTo(one, 9)
    expect(degreeDaysCd(model('modified-average', 'none', 0, null), { tempMinC, tempMaxC })).toBeCloseTo(
      two,
      9,
    )
  })
})

describe('every method', () => {
  const methods: HeatMethod[] = [
    'average',
    'modified-average',
    'single-sine',
    'double-sine',
    'single-triangle',
    'double-triangle',
  ]
  const day = fc
    .tuple(fc.double({ min: -30, max: 45, noNaN: true }), fc.double({ min: 0, max: 25, noNaN: true }))
    .map(([tempMinC, rangeC]) => ({ tempMinC, tempMaxC: tempMinC + rangeC }))

  it('never goes below 0, nor above what the upper threshold allows', () => {
    fc.assert(
      fc.property(
        day,
        fc.constantFrom(...methods),
        fc.constantFrom<Cutoff>('horizontal', 'intermediate', 'vertical'),
        (d, method, cutoff) => {
          const sum = degreeDaysCd(model(method, cutoff, 10, 31), d)
          return sum >= 0 && sum <= 21 + 1e-9
        },
      ),
    )
  })
  it('cuts no more as the cutoff grows milder: vertical <= horizontal <= none', () => {
    fc.assert(
      fc.property(day, fc.constantFrom<HeatMethod>('single-sine', 'double-triangle'), (d, method) => {
        const [vertical, horizontal, none] = (['vertical', 'horizontal', 'none'] as const).map((cutoff) =>
          degreeDaysCd(model(method, cutoff, 10, 31), d),
        ) as [number, number, number]
        return vertical <= horizontal + 1e-9 && horizontal <= none + 1e-9
      }),
    )
  })
  it('the closed form of the sine agrees with the curve itself, hour by hour', () => {
    fc.assert(
      fc.property(day, (d) => {
        const mean = (d.tempMinC + d.tempMaxC) / 2
        const amplitude = (d.tempMaxC - d.tempMinC) / 2
        let sum = 0
        const parts = 4000
        for (let i = 0; i < parts; i++) {
          const temp = mean + amplitude * Math.sin((2 * Math.PI * (i + 0.5)) / parts)
          sum += Math.max(0, Math.min(temp, 31) - 10) / parts
        }
        return Math.abs(degreeDaysCd(model('single-sine', 'horizontal', 10, 31), d) - sum) < 0.01
      }),
      { numRuns: 50 },
    )
  })
  it('refuses a maximum below the minimum', () => {
    expect(() => degreeDaysCd(model('single-sine', 'none', 10, null), { tempMinC: 9, tempMaxC: 8 })).toThrow(
      RangeError,
    )
  })
})

describe('heat sums', () => {
  const average = model('average', 'none', 10, null)
  it('a day without temperatures is counted as missing, not as cold', () => {
    const sum = heatSum(average, [
      { tempMinC: 15, tempMaxC: 25 },
      { tempMinC: null, tempMaxC: 25 },
      { tempMinC: 10, tempMaxC: 20 },
    ])
    expect(sum).toEqual({ sumCd: 15, missingDays: 1, dailyCd: [10, null, 5] })
  })
  it('40 °C·d at 10 a day are due in three to five days', () => {
    expect(daysToReach(100, 60, [10, 10, null])).toEqual({ fromDays: 3, toDays: 5 })
  })
  it('names no date in the cold, and none without a pace', () => {
    expect(daysToReach(100, 60, [0, 0])).toBeNull()
    expect(daysToReach(100, 60, [])).toBeNull()
    expect(daysToReach(100, 101, [])).toEqual({ fromDays: 0, toDays: 0 })
  })
})

describe('pests are rows', () => {
  const rows: Pest[] = Object.values(pests)
  it('each row is whole: thresholds in order, events in order, a source, and what is unconfirmed', () => {
    for (const pest of rows) {
      const { lowerC, upperC, cutoff } = pest.heat
      expect(upperC === null || upperC > lowerC, pest.id).toBe(true)
      expect(upperC === null, pest.id).toBe(cutoff === 'none')
      const sums = pest.events.map((event) => event.sumCd)
      expect(sums, pest.id).toEqual(sums.toSorted((a, b) => a - b))
      expect(pest.source.length, pest.id).toBeGreaterThan(10)
      expect(pest.confirmed, pest.id).toBe(pest.check === null)
    }
  })
  it('codling moth eggs hatch 250 °F·d after the biofix, between 50 and 88 °F (UC IPM)', () => {
    const moth = pestOf('codling-moth')!
    expect(moth.heat).toMatchObject({ lowerC: 10, method: 'single-sine', cutoff: 'horizontal' })
    expect(moth.heat.upperC).toBeCloseTo(31.11, 2)
    expect(nextEventOf(moth, 100)!.sumCd).toBeCloseTo(138.9, 1)
    expect(nextEventOf(moth, 140)).toBeNull()
  })
  it('an event that is a range is next until the range is over', () => {
    const borer = pestOf('rice-stem-borer')!
    expect(nextEventOf(borer, 700)?.key).toBe('next-flight')
    expect(nextEventOf(borer, 751)).toBeNull()
  })
  it('an unknown pest is undefined, not a guess', () => expect(pestOf('unicorn-moth')).toBeUndefined())
})
