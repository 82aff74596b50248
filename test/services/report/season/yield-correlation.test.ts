/** What went with yield: rank correlation between fields, and when nothing can be said. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correlateYield, spearman } from '../../../../services/report/season/yield-correlation.ts'
import type { SeasonRecord } from '../../../../services/report/season/record.ts'
import type { FieldLine } from '../../../../services/report/season/lines.ts'

describe("Spearman's rank correlation", () => {
  it('equals the hand calculation, ties included', () => {
    // ranks 1 2 3.5 3.5 5 against 2 1 3 4.5 4.5
    expect(spearman([10, 20, 30, 30, 50], [7, 3, 9, 11, 11])).toBeCloseTo(7.75 / 9.5, 12)
    expect(spearman([1, 2, 3, 4], [10, 20, 30, 40])).toBeCloseTo(1, 12)
    expect(spearman([1, 2, 3, 4], [9, 7, 5, 3])).toBeCloseTo(-1, 12)
    // d = 1, 1, 1, 1: 1 - 6 * 4 / (4 * 15)
    expect(spearman([1, 2, 3, 4], [2, 1, 4, 3])).toBeCloseTo(0.6, 12)
    expect(spearman([1, 2, 3], [5, 5, 5])).toBeNull()
  })
  it('depends only on ranks: a monotonic transformation does not change it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), {
          minLength: 3,
          maxLength: 40,
        }),
        (pairs) => {
          const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
          const plain = spearman(a, b)
          const bent = spearman(
            a.map((x) => x ** 3 + x),
            b.map((y) => Math.exp(y / 10)),
          )
          if (plain === null) expect(bent).toBeNull()
          else {
            expect(bent).toBeCloseTo(plain, 9)
            expect(Math.abs(plain)).toBeLessThanOrEqual(1 + 1e-9)
            expect(spearman(b, a)).toBeCloseTo(plain, 9)
          }
        },
      ),
      { seed: 3 },
    )
  })
})

/** Fields of a farm each, the more stress days the less yield; every third without heat. */
function season(count: number, { isOwn = true, farms = count } = {}) {
  const records = Array.from({ length: count }, (_, i) => ({
    org: `org-${i % farms}`,
    farmId: `farm-${i}`,
    isOwn,
    areaM2: 1000,
    waterM3: 100,
    rainMm: 200 + (i % 7),
    stressDays: i,
    heatSumCd: i % 3 === 0 ? null : 2000 + ((i * 37) % 11),
    diseaseDays: null,
    sprays: 2,
  })) as unknown as SeasonRecord[]
  const lines = records.map((_, i) => ({ kgHa: i === 0 ? null : 6000 - 20 * i })) as unknown as FieldLine[]
  return correlateYield(records, lines)
}
const values = (result: ReturnType<typeof season>, factor: string) =>
  result.find((entry) => entry.factor === factor)!

describe('correlation with yield', () => {
  it('has the number of fields behind it, and of fields without the factor', () => {
    const result = season(60)
    expect(values(result, 'stress')).toMatchObject({ fields: 59, unknown: 0 })
    expect(values(result, 'stress').rank!.value).toBeCloseTo(-1, 9)
    expect(values(result, 'heat')).toMatchObject({ fields: 40, unknown: 19 })
    const { low, high } = values(result, 'heat').rank!
    expect([low < 0, high > 0]).toEqual([true, true]) // nothing clear
  })
  it('is null without data, or without variation', () => {
    const result = season(60)
    expect(values(result, 'disease')).toMatchObject({ fields: 0, unknown: 59, rank: null })
    expect(values(result, 'sprays').rank).toBeNull()
  })
  it('is null for fewer than 20 fields, and for fewer than five members', () => {
    expect(values(season(20), 'stress').rank).toBeNull() // 19 of them with a yield
    expect(values(season(21), 'stress').rank).not.toBeNull()
    expect(values(season(60, { isOwn: false, farms: 4 }), 'stress').rank).toBeNull()
    expect(values(season(60, { isOwn: false, farms: 5 }), 'stress').rank).not.toBeNull()
  })
})
