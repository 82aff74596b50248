/** Thermal time on springs that bloom by a known rule. */
import { describe, expect, it } from 'vitest'
import { degreeDaysCd } from '../../../services/agronomy/crops/degree-days.ts'
import { fitThermalTime, stageDayOf, type StageYear } from './thermal-time.ts'

const heat = { method: 'single-sine', cutoff: 'none', lowerC: 4, upperC: null } as const
const START = 43
const NEED_CD = 150

/** A spring that comes early or late; bloom by the rule above, to the whole day. */
function spring(
  year: number,
  warmerC: number,
  { lowerC, startDay, needCd } = { lowerC: 4, startDay: START, needCd: NEED_CD },
): StageYear {
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
    days.findIndex(
      (day, i) => i + 1 >= startDay && (sum += degreeDaysCd({ ...heat, lowerC }, day)) >= needCd,
    ) + 1
  return { year, days, stageDay }
}
const years = [0, 1.5, -1, 3, 2, -1.5, 1, 2.5].map((warmerC, i) => spring(2000 + i, warmerC))

describe('thermal time', () => {
  it('predicts held-out years to a day and a half, a third of the error of the mean date', () => {
    const rmse = (of: (left: StageYear, others: StageYear[]) => number) =>
      Math.hypot(
        ...years.map(
          (left) =>
            of(
              left,
              years.filter((one) => one !== left),
            ) - left.stageDay,
        ),
      ) / Math.sqrt(years.length)
    const byHeat = rmse((left, others) => stageDayOf(fitThermalTime(others), left.days))
    const byDate = rmse((_, others) => others.reduce((sum, one) => sum + one.stageDay, 0) / others.length)
    expect(byHeat).toBeLessThan(1.5)
    expect(byHeat).toBeLessThan(byDate / 3)
  })
  it('is empty with two years', () => expect(fitThermalTime(years.slice(0, 2))).toEqual([]))
  it('with three years follows the prior, and with eight the data', () => {
    // growth from 0 °C on and from 1 January is not usual
    const wrong = [0, 1.5, -1, 3, 2, -1.5, 1, 2.5].map((warmerC, i) =>
      spring(2000 + i, warmerC, { lowerC: 0, startDay: 1, needCd: 300 }),
    )
    const meanBase = (of: StageYear[]) =>
      fitThermalTime(of).reduce((mean, { lowerC, weight }) => mean + weight * lowerC, 0)
    expect(meanBase(wrong.slice(0, 3))).toBeGreaterThan(meanBase(wrong))
    expect(fitThermalTime(wrong).reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
  })
  it('in a record that ends too early gives its end', () => {
    const model = fitThermalTime(years)
    expect(stageDayOf(model, years[0]!.days.slice(0, 60))).toBeCloseTo(60, 9)
  })
})
