/** The ensemble that a decision weighs. */
import { describe, expect, it } from 'vitest'
import { drawMembers } from '../../../../services/plan/forecast/members.ts'
import { verifySource } from '../../../../services/plan/forecast/skill.ts'
import { at, rainForecast, tokyo } from '../farm.ts'

const answer = rainForecast(
  [
    [2, 8, 20],
    [0, 0, 6],
    [0, 0, 0],
  ],
  { issuedMs: at(-20) },
)
const withHeat = { ...answer, days: answer.days.map((day) => ({ ...day, et0Mm: 5 })) }
const options = { seed: 7, timeZone: tokyo }
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

describe('members of a forecast', () => {
  it('are the same for the same forecast and seed, and others for another seed', () => {
    expect(drawMembers(withHeat, null, options)).toEqual(drawMembers(withHeat, null, options))
    expect(drawMembers(withHeat, null, options)).not.toEqual(
      drawMembers(withHeat, null, { ...options, seed: 8 }),
    )
  })

  it('have the quantiles of the day: a tenth below lo, half below the middle, a tenth above hi', () => {
    const rain = drawMembers(withHeat, null, { ...options, count: 100 }).map(([day]) => day!.rainMm)
    expect(rain.filter((mm) => mm < 2)).toHaveLength(10)
    expect(rain.filter((mm) => mm < 8)).toHaveLength(50)
    expect(rain.filter((mm) => mm > 20)).toHaveLength(10)
    expect(drawMembers(withHeat, null, options).every((days) => days[2]!.rainMm === 0)).toBe(true)
  })

  it('do not rain together: the wettest of one day is not the wettest of the next', () => {
    const all = drawMembers(
      rainForecast([
        [2, 8, 20],
        [2, 8, 20],
      ]),
      null,
      { ...options, count: 200 },
    )
    const x = all.map(([day]) => day!.rainMm)
    const y = all.map(([, day]) => day!.rainMm)
    const [mx, my] = [mean(x), mean(y)]
    const cov = mean(x.map((value, i) => (value - mx) * (y[i]! - my)))
    const sd = (values: number[], m: number): number =>
      Math.sqrt(mean(values.map((value) => (value - m) ** 2)))
    expect(Math.abs(cov / (sd(x, mx) * sd(y, my)))).toBeLessThan(0.2)
  })

  it('a forecast that changes a little changes each member a little', () => {
    const [before, after] = [answer, rainForecast([[2.2, 8.3, 20.5]], { issuedMs: at(-19) })].map((one) =>
      drawMembers(one, null, options).map(([day]) => day!.rainMm),
    )
    before!.forEach((mm, i) => expect(Math.abs(mm - after![i]!)).toBeLessThan(1))
  })

  it('ET0 spreads as far as the error of the source, keeps its mean, and is unknown where it is not forecast', () => {
    const off = verifySource(
      'test',
      Array.from({ length: 40 }, (_, i) => ({
        lead: 1,
        forecast: { rainMm: { lo: 0, mid: 0, hi: 0 }, tempMinC: null, tempMaxC: null, et0Mm: 5 },
        observed: { rainMm: null, tempMinC: null, tempMaxC: null, et0Mm: i % 2 === 0 ? 4.8 : 5.2 },
      })),
    )
    const spread = (skill: typeof off | null): number[] =>
      drawMembers(withHeat, skill, options).map((days) => days[1]!.et0Mm!)
    expect(mean(spread(off))).toBeCloseTo(5, 1)
    const width = (values: number[]): number => Math.max(...values) - Math.min(...values)
    expect(width(spread(off))).toBeLessThan(width(spread(null)) / 2)
    expect(drawMembers(answer, off, options)[0]![0]!.et0Mm).toBeNull()
  })
})
