/** The choice of a method is made before the tested days are seen: it can be wrong, and its figure then falls below 0. */
import { describe, expect, it } from 'vitest'
import type { Harvest } from '../../../services/learn/yield/regression.ts'
import { errorsOf } from '../score.ts'
import { heldOutErrors as et0Errors } from './et0-forecast.ts'
import { heldOutErrors as yieldErrors } from './yield.ts'

const harvest = (year: number, value: number, rain: number): Harvest => ({
  place: 'north',
  year,
  fold: String(year),
  yield: value,
  features: { rain },
})
const years = Array.from({ length: 24 }, (_, i) => 1990 + i)
/** Repeatable, between -1 and 1. */
const noise = (i: number) => Math.sin(12.9898 * (i + 1)) * Math.cos(78.233 * (i + 1))

describe('yield', () => {
  it('by the method chosen in the other years follows rain where rain decides', () => {
    const errors = yieldErrors(years.map((year, i) => harvest(year, 5 + noise(i) * 2, 300 + 100 * noise(i))))!
    expect(errors.used).toBeCloseTo(errors.model, 9)
    expect(errors.used).toBeLessThan(0.75 * errors.trend)
  })
  it('can be worse than the trend: a slow rise shows in some of the training years only', () => {
    const errors = yieldErrors(years.map((year, i) => harvest(year, 5 + 0.02 * i + noise(i), 300 + i)))!
    expect(errors.used).toBeGreaterThan(1.02 * errors.trend)
  })
  it('with too few years to choose is that of the model; with two there is none', () => {
    const few = years.slice(0, 3).map((year, i) => harvest(year, 5 + i, 300 + 90 * noise(i)))
    const errors = yieldErrors(few)!
    expect(errors.used).toBe(errors.model)
    expect(yieldErrors(few.slice(0, 2))).toBeNull()
  })
})

describe('ET0 ahead', () => {
  it('is predicted by the method that was better before the origin, not on the days that judge it', () => {
    // two years of weather that lasts for weeks, then two of a random day after day
    const et0Mm = Array.from({ length: 4 * 365 }, (_, day) =>
      Math.max(0, 4 + (day < 730 ? 2 * noise(Math.floor(day / 20)) : 2 * noise(day))),
    )
    const [first] = et0Errors({ fromDay: '2001-01-01', et0Mm, latDeg: 40, timeZone: 'UTC' })
    const rmse = (errors: readonly number[]) => errorsOf(errors).rmse
    expect(first!.used.length).toBe(first!.model.length)
    expect(rmse(first!.used)).toBeGreaterThan(
      Math.min(rmse(first!.persistence), rmse(first!.physics), rmse(first!.model)),
    )
  })
})
