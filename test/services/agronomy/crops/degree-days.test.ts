/** Golden numbers: Zalom et al. 1983 Table 7 (°F), McMaster & Wilhelm 1997 Table 1 (°C). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  degreeDaysCd,
  type Cutoff,
  type HeatMethod,
  type HeatModel,
} from '../../../../services/agronomy/crops/degree-days.ts'
import { dayOfSum, daysToRange, daysToReach, heatSum } from '../../../../services/agronomy/crops/heat-sum.ts'
import { degreeDayTrial } from '../../../validate/lines/degree-days.ts'
import { readVectors } from '../../../validate/read-vectors.ts'
import { allOf } from '../../../validate/score.ts'

const model = (method: HeatMethod, cutoff: Cutoff, lowerC: number, upperC: number | null): HeatModel => ({
  method,
  cutoff,
  lowerC,
  upperC,
})

describe('Zalom et al. 1983, Table 7: lower 55 °F, upper 90 °F, horizontal cutoff', () => {
  // tmin, tmax, next tmin; single triangle, double triangle, single sine, double sine; null where there is no
  // reference value. 60/100/75 by double triangle is omitted: the table prints 24.88, closed form and integration
  // give 27.125
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

  it('never goes below 0, nor above the limit of the upper threshold', () => {
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
  it('is a number for every possible day and model', () => {
    fc.assert(
      fc.property(
        day,
        fc.double({ min: -30, max: 45, noNaN: true }),
        fc.constantFrom(...methods),
        fc.constantFrom<Cutoff>('none', 'horizontal', 'intermediate', 'vertical'),
        (d, nextMinC, method, cutoff) =>
          Number.isFinite(degreeDaysCd(model(method, cutoff, 10, 31), { ...d, nextMinC })),
      ),
    )
  })
  it('a warmer day never has fewer degree-days, where the cutoff is none or horizontal', () => {
    fc.assert(
      fc.property(
        day,
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.constantFrom(...methods),
        fc.constantFrom<Cutoff>('none', 'horizontal'),
        ({ tempMinC, tempMaxC }, warmerC, method, cutoff) => {
          const heat = model(method, cutoff, 10, 31)
          const warmer = { tempMinC: tempMinC + warmerC, tempMaxC: tempMaxC + warmerC }
          return degreeDaysCd(heat, warmer) >= degreeDaysCd(heat, { tempMinC, tempMaxC }) - 1e-9
        },
      ),
    )
  })
  // the double methods use the following night, which a part of the days does not include
  const oneDay = methods.filter((method) => !method.startsWith('double'))
  it('a sum over days is the sum of its parts', () => {
    fc.assert(
      fc.property(
        fc.array(day, { maxLength: 30 }),
        fc.nat(30),
        fc.constantFrom(...oneDay),
        (days, cut, method) => {
          const heat = model(method, 'horizontal', 10, 31)
          const whole = heatSum(heat, days).sumCd
          const parts = heatSum(heat, days.slice(0, cut)).sumCd + heatSum(heat, days.slice(cut)).sumCd
          return Math.abs(whole - parts) < 1e-6
        },
      ),
    )
  })
  it('rejects a maximum below the minimum', () => {
    expect(() => degreeDaysCd(model('single-sine', 'none', 10, null), { tempMinC: 9, tempMaxC: 8 })).toThrow(
      RangeError,
    )
  })
})

describe('the published and cross-checked vectors', () => {
  const path = join(import.meta.dirname, '../../../vectors/degree_days.json')
  const read = readVectors(readFileSync(path, 'utf8'), 'degree_days.json')
  it('are reproduced, each within its tolerance', () => {
    const score = allOf('vectors', read.ok ? read.value.map(degreeDayTrial) : [])
    expect(score).toMatchObject({ value: 393, of: 393, missed: [], notBuilt: [] })
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
  it('one impossible day is missing too, and does not discard the season', () => {
    const days = [
      { tempMinC: 15, tempMaxC: 25 },
      { tempMinC: 30, tempMaxC: 12 },
      { tempMinC: 10, tempMaxC: 20 },
    ]
    expect(heatSum(average, days)).toEqual({ sumCd: 15, missingDays: 1, dailyCd: [10, null, 5] })
  })
  it('an upper threshold below the lower one is refused by name', () => {
    expect(() =>
      degreeDaysCd(model('single-sine', 'horizontal', 20, 10), { tempMinC: 5, tempMaxC: 25 }),
    ).toThrow('upperC must be above lowerC, got 10 and 20')
  })
  it('a sum is reached on the first day with it, or on no day of the record', () => {
    expect(dayOfSum([10, null, 5, 5], 15)).toBe(2)
    expect(dayOfSum([0.1, 0.2], 0.3)).toBe(1) // 0.1 + 0.2 is not 0.3 in a double
    expect(dayOfSum([10], 11)).toBeNull()
  })
  it('40 °C·d at 10 a day are due in three to five days', () => {
    expect(daysToReach(100, 60, [10, 10, null])).toEqual({ fromDays: 3, toDays: 5 })
  })
  it('unknown days widen the interval of a date: the truth is inside, whatever they were', () => {
    const whole = [8, 9, 12, 10, 11, 9, 10, 12, 8, 10, 9, 11, 10, 10, 12, 9, 10, 11, 10, 10]
    const lost = whole.map((cd, i) => ([2, 5, 6, 9, 12, 15, 17].includes(i) ? null : cd))
    const needCd = 150
    const sure = daysToRange([needCd, needCd, needCd], whole)!
    const range = daysToRange([needCd, needCd, needCd], lost)!
    expect(range.fromDays).toBeLessThanOrEqual(sure.midDays)
    expect(range.toDays).toBeGreaterThanOrEqual(sure.midDays)
    expect(Math.abs(range.midDays - sure.midDays)).toBeLessThanOrEqual(1)
    expect(range.toDays - range.fromDays).toBeGreaterThanOrEqual(sure.toDays - sure.fromDays)
  })
  it('has no date in the cold, and none without degree-days', () => {
    expect(daysToReach(100, 60, [0, 0])).toBeNull()
    expect(daysToReach(100, 60, [])).toBeNull()
    expect(daysToReach(100, 101, [])).toEqual({ fromDays: 0, toDays: 0 })
  })
})
