/** A day's rain as a distribution. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import '../../../support/seed.ts'
import {
  chanceOfAtLeast,
  meanRainMm,
  rainAtShare,
  type RainDay,
} from '../../../../services/plan/forecast/rain-spread.ts'

const anyDay: fc.Arbitrary<RainDay> = fc
  .tuple(
    fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 80, noNaN: true })), {
      minLength: 3,
      maxLength: 3,
    }),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  )
  .map(([mm, rainChance]) => {
    const [lo, mid, hi] = mm.toSorted((a, b) => a - b)
    return { rainMm: { lo: lo!, mid: mid!, hi: hi! }, rainChance }
  })

describe('rain of a forecast day', () => {
  it('never falls as the share grows, and is never negative or infinite', () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        let before = 0
        for (let u = 0; u < 1; u += 0.01) {
          const mm = rainAtShare(day, u)
          expect(Number.isFinite(mm)).toBe(true)
          expect(mm).toBeGreaterThanOrEqual(before - 1e-9)
          before = mm
        }
      }),
    )
  })

  it('meets its quantiles where they are wet', () => {
    const day: RainDay = { rainMm: { lo: 2, mid: 8, hi: 20 }, rainChance: 1 }
    expect([0.1, 0.5, 0.9].map((u) => rainAtShare(day, u))).toEqual([2, 8, 20])
    expect(chanceOfAtLeast(day, 8)).toBeCloseTo(0.5, 6)
    expect(chanceOfAtLeast(day, 20)).toBeCloseTo(0.1, 6)
    expect(chanceOfAtLeast(day, 100)).toBeLessThan(0.01)
  })

  it('a day of 30 % is dry in seven of ten', () => {
    const day: RainDay = { rainMm: { lo: 0, mid: 0, hi: 6 }, rainChance: 0.3 }
    expect(rainAtShare(day, 0.7)).toBe(0)
    expect(rainAtShare(day, 0.8)).toBeCloseTo(3, 9)
    expect(chanceOfAtLeast(day, 0.01)).toBeCloseTo(0.3, 2)
    expect(meanRainMm(day)).toBeGreaterThan(0.6)
    expect(meanRainMm(day)).toBeLessThan(1.8)
  })

  it('a dry day is dry, whatever its stated chance', () => {
    const day: RainDay = { rainMm: { lo: 0, mid: 0, hi: 0 }, rainChance: 0.4 }
    expect(meanRainMm(day)).toBe(0)
    expect(chanceOfAtLeast(day, 5)).toBeCloseTo(0, 6)
  })

  it('a chance against its own amounts (10 %, and 12 mm) brings rain in one of ten, the stated amount in the mean', () => {
    const day: RainDay = { rainMm: { lo: 0, mid: 0, hi: 12 }, rainChance: 0.1 }
    expect(rainAtShare(day, 0.9)).toBe(0)
    expect(meanRainMm(day)).toBeCloseTo(1.2, 1)
  })
})
