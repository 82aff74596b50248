/** What several fields share: nothing is lost and nothing made up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nutrientsKgHa } from '../../../../services/agronomy/crops/nutrients.ts'
import { massesKg, splitMassKg } from '../../../../services/api/records/split-mass.ts'

const areas = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 })
const grams = (kg: number): number => Math.round(1000 * kg)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('a mass that fields share by area', () => {
  it('adds up to the total, to the gram, and each part is within a gram of its share', () =>
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), areas, (totalKg, areasM2) => {
        const parts = splitMassKg(totalKg, areasM2)
        expect(sum(parts.map(grams))).toBe(grams(totalKg))
        parts.forEach((part, i) => {
          expect(part).toBeGreaterThanOrEqual(0)
          expect(Math.abs(grams(part) - (grams(totalKg) * areasM2[i]!) / sum(areasM2))).toBeLessThan(1.001)
        })
      }),
    ))

  it('of 1000 kg on 10, 20 and 30 a is 166.667, 333.333 and 500 kg', () =>
    expect(splitMassKg(1000, [1000, 2000, 3000])).toEqual([166.667, 333.333, 500]))

  it('refuses an invalid area', () => expect(() => splitMassKg(1, [1, 0])).toThrow(RangeError))

  it('is the same by 10 a and by hectare, and unknown in bags of unknown weight', () => {
    expect(massesKg({ value: 40, unit: 'kg/10a', bagKg: null }, [5000])).toEqual([200])
    expect(massesKg({ value: 400, unit: 'kg/ha', bagKg: null }, [5000])).toEqual([200])
    expect(massesKg({ value: 3, unit: 'bag', bagKg: null }, [5000, 100])).toEqual([null, null])
  })
})

describe('nutrients', () => {
  it('of 200 kg of 14-16-12 on 50 a are 56, 64 and 48 kg/ha', () => {
    const found = nutrientsKgHa(200, 5000, { nPct: 14, p2o5Pct: 16, k2oPct: 12 })
    expect(found.nKgHa).toBeCloseTo(56, 9)
    expect(found.p2o5KgHa).toBeCloseTo(64, 9)
    expect(found.k2oKgHa).toBeCloseTo(48, 9)
  })

  it('are those of the total, however it is split over fields', () =>
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e5, noNaN: true }), areas, (totalKg, areasM2) => {
        const nKg = splitMassKg(totalKg, areasM2).map(
          (part, i) =>
            (nutrientsKgHa(part, areasM2[i]!, { nPct: 46, p2o5Pct: null, k2oPct: null }).nKgHa! *
              areasM2[i]!) /
            10_000,
        )
        expect(sum(nKg)).toBeCloseTo((0.46 * grams(totalKg)) / 1000, 5)
      }),
    ))

  it('of an unknown mass or grade are unknown, not none', () => {
    const grade = { nPct: 46, p2o5Pct: null, k2oPct: 0 }
    expect(nutrientsKgHa(null, 1000, grade)).toEqual({ nKgHa: null, p2o5KgHa: null, k2oKgHa: null })
    expect(nutrientsKgHa(10, 1000, grade)).toMatchObject({ p2o5KgHa: null, k2oKgHa: 0 })
  })
})
