/** Thermal time on springs that bloom by a known rule. */
import { describe, expect, it } from 'vitest'
import { degreeDaysCd } from '../../../services/agronomy/degree-days.ts'
import { fitThermalTime, stageDayOf, type StageYear } from '../../../services/learn/thermal-time.ts'

const heat = { method: 'single-sine', cutoff: 'none', lowerC: 4, upperC: null } as const
const START = 43
const NEED_CD = 150

/** A spring that comes early or late; bloom by the rule above, to the whole day. */
function spring(year: number, warmerC: number): StageYear {
  const days = Array.from({ length: 170 }, (_, i) => {
    const mean =
      3 +
      warmerC * Math.sin(i / 37) +
      9 * Math.sin(((i - 20) / 365) * Math.PI) +
      3 * Math.sin(i * (1 + (year % 7)))
    return { tempMinC: mean - 5, tempMaxC: mean + 5 }
  })
  let sum = 0
  const stageDay =
    days.findIndex((day, i) => i + 1 >= START && (sum += degreeDaysCd(heat, day)) >= NEED_CD) + 1
  return { year, days, stageDay }
}
const years = [0, 1.5, -1, 3, 2, -1.5, 1, 2.5].map((warmerC, i) => spring(2000 + i, warmerC))

describe('thermal time', () => {
  it('foretells a year that it has not seen, to a day and a half', () => {
    expect(new Set(years.map(({ stageDay }) => stageDay)).size).toBeGreaterThan(4)
    for (const left of years) {
      const model = fitThermalTime(years.filter(({ year }) => year !== left.year))
      expect(Math.abs(stageDayOf(model, left.days) - left.stageDay), String(left.year)).toBeLessThan(1.5)
    }
  })
  it('says nothing with three years', () => expect(fitThermalTime(years.slice(0, 3))).toEqual([]))
  it('in a record that ends too early names its end, never nothing', () => {
    const model = fitThermalTime(years)
    expect(stageDayOf(model, years[0]!.days.slice(0, 60))).toBeCloseTo(60, 9)
  })
})
