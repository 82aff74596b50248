import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  extractEcDsM,
  leachingMm,
  leachingShare,
  saltEffect,
  saltThresholdDsM,
} from '../../../../services/agronomy/water/salinity.ts'

describe('salt tolerance of a crop (FAO-29 Table 4)', () => {
  it('maize 1.7 dS/m, cotton 7.7, bean 1.0: of the soil, in the extract', () => {
    expect(saltThresholdDsM('maize')).toBe(1.7)
    expect(saltThresholdDsM('cotton')).toBe(7.7)
    expect(saltThresholdDsM('bean')).toBe(1)
  })

  it("a longer name of FAO-56's tables is the same crop", () => {
    expect(saltThresholdDsM('onions-dry')).toBe(1.2)
    expect(saltThresholdDsM('beans-green')).toBe(1)
    expect(saltThresholdDsM('grapes-table-or-raisin')).toBe(1.5)
  })

  it('is null for apple, which has only a class there, and for unknown crops', () => {
    expect(saltThresholdDsM('apple')).toBeNull()
    expect(saltThresholdDsM('moon-cheese')).toBeNull()
    expect(saltThresholdDsM('constructor')).toBeNull()
  })
})

describe('the effect of salt (FAO-56 Eqs 86, 88, 89)', () => {
  it('maize at 4.2 dS/m: 12 % x (4.2 - 1.7) = 30 % of the yield, Ks = 1 - 0.3 / 1.25 = 0.76', () => {
    const { yieldShare, ks } = saltEffect('maize', 1.25, 4.2)
    expect(yieldShare).toBeCloseTo(0.7, 9)
    expect(ks).toBeCloseTo(0.76, 9)
  })

  it('is none up to the threshold and where the tables do not have the crop, and never below 0', () => {
    expect(saltEffect('maize', 1.25, 1.7)).toEqual({ yieldShare: 1, ks: 1 })
    expect(saltEffect('apple', null, 30)).toEqual({ yieldShare: 1, ks: 1 })
    expect(saltEffect('strawberry', null, 30)).toEqual({ yieldShare: 0, ks: 0 })
  })
})

describe('leaching', () => {
  it('of maize with water of 1.2 dS/m: 1.2 / (5 x 1.7 - 1.2) = 0.164 of the water (FAO-29 Eq. 9)', () => {
    // 5 x 1.7 = 8.5; 8.5 - 1.2 = 7.3; 1.2 / 7.3 = 0.16438
    expect(leachingShare(1.2, 1.7)).toBeCloseTo(0.1644, 4)
  })

  it('a requirement of 30 mm becomes 30 / (1 - 0.2) = 37.5 mm: 7.5 mm more', () => {
    expect(leachingMm(30, 0.2)).toBeCloseTo(7.5, 9)
    expect(leachingMm(30, 0)).toBe(0)
  })

  it('good water needs no extra leaching: 0.3 dS/m on cotton is 0.3 / 38.2, under a hundredth', () => {
    expect(leachingShare(0.3, 7.7)).toBe(0)
  })

  it('is never more than a third, however saline the water', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (water, bears) => {
          const share = leachingShare(water, bears)
          expect(share).toBeGreaterThanOrEqual(0)
          expect(share).toBeLessThanOrEqual(0.33)
          // more saline water never needs less
          expect(leachingShare(water + 0.5, bears)).toBeGreaterThanOrEqual(share)
        },
      ),
    )
  })

  it('rejects unknown inputs, which are not 0', () => {
    expect(() => leachingShare(NaN, 1.7)).toThrow(RangeError)
    expect(() => leachingShare(1, 0)).toThrow(RangeError)
  })
})

describe("a probe's bulk EC as that of the extract", () => {
  it('0.5 dS/m at 25 % of water in a loam of 46 % pores is 2.4 dS/m', () => {
    // Topp: 3.03 + 9.3 x 0.25 + 146 x 0.0625 - 76.7 x 0.015625 = 13.28; pore water 80.3 x 0.5 / (13.28 - 4.1) = 4.37;
    // diluted to the paste: 4.37 x 0.25 / 0.46 = 2.38
    expect(extractEcDsM(0.5, 0.25, 0.46)).toBeCloseTo(2.38, 2)
  })

  it('is null in a dry soil, where a probe measures the grains and not the water', () => {
    expect(extractEcDsM(0.5, 0.08, 0.46)).toBeNull()
  })
})
