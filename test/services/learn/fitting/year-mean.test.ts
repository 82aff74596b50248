/** The mean of cases grouped by year, on cases with a known result. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanOverYears } from '../../../../services/learn/fitting/year-mean.ts'

const cases = (years: Record<number, number[]>) =>
  Object.entries(years).flatMap(([year, values]) => values.map((value) => ({ year: Number(year), value })))

describe('the mean over years', () => {
  it('of one case a year is the plain mean, with the spread of the years', () => {
    const { mean, sd, freedom } = meanOverYears(cases({ 2010: [2], 2011: [4], 2012: [6] }))!
    expect(mean).toBeCloseTo(4, 12)
    expect(sd).toBeCloseTo(Math.sqrt(4 * (1 + 1 / 3)), 12)
    expect(freedom).toBeCloseTo(2, 12)
  })
  it('weights every case equally for similar years, every year equally for different years', () => {
    const alike = meanOverYears(cases({ 2010: [0, 2], 2011: [0, 1, 1, 2, 1.6] }))!
    expect(alike.mean).toBeCloseTo(7.6 / 7, 12)
    const apart = meanOverYears(cases({ 2010: [0, 0.1], 2011: [10, 10.1, 10, 10.1, 10, 10.1, 10, 10.1] }))!
    expect(apart.mean).toBeCloseTo(5.05, 3)
    expect(apart.freedom).toBeLessThan(1.1)
  })
  it('has a larger uncertainty where years differ more than their cases do', () => {
    const sdOf = (far: number) => meanOverYears(cases({ 2010: [0, 1, 2], 2011: [far, far + 1, far + 2] }))!.sd
    expect(sdOf(20)).toBeGreaterThan(10)
    expect(sdOf(0)).toBeLessThan(1.2)
  })
  it('of a single year has the spread of that year; of a single case is null', () => {
    expect(meanOverYears(cases({ 2010: [1, 3] }))).toEqual({ mean: 2, sd: Math.sqrt(3), freedom: 1 })
    expect(meanOverYears(cases({ 2010: [1] }))).toBeNull()
    expect(meanOverYears([])).toBeNull()
  })
  it('lies within the years, moves with its cases, and is always finite', () => {
    const some = fc.array(
      fc.record({ year: fc.integer({ min: 2010, max: 2015 }), value: fc.integer({ min: -500, max: 500 }) }),
      { minLength: 2, maxLength: 30 },
    )
    fc.assert(
      fc.property(some, (rows) => {
        const { mean, sd, freedom } = meanOverYears(rows)!
        const values = rows.map(({ value }) => value)
        expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9)
        expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-9)
        expect(sd).toBeGreaterThanOrEqual(0)
        expect(freedom).toBeGreaterThanOrEqual(1)
        const moved = meanOverYears(rows.map((row) => ({ ...row, value: row.value + 1000 })))!
        expect(moved.mean).toBeCloseTo(mean + 1000, 6)
        expect(moved.sd).toBeCloseTo(sd, 6)
      }),
    )
  })
})
