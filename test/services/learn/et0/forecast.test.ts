/** ET0 forecasts, on series with a known law: a season, autocorrelated weather, gaps, a first year, a polar night. */
import { describe, expect, it } from 'vitest'
import { addDays, dayOfYear, startOfDay } from '../../../../broker/contract/time.ts'
import { predictEt0, monitorEt0, fitEt0, type Et0Days } from '../../../../services/learn/et0/forecast.ts'

/** Pseudo-random numbers from -1 to 1, the same each time (Park & Miller 1988). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return (2 * state) / 2147483647 - 1
  }
}

/** 0.5 to 7.5 mm over the year, and an anomaly of which 0.6 remains the next day. */
function seriesOf(count: number, latDeg: number | null = 35): Et0Days {
  const next = chance(3)
  let departure = 0
  const fromDay = '2020-01-01'
  const et0Mm = Array.from({ length: count }, (_, i) => {
    departure = 0.6 * departure + next()
    return Math.max(
      0,
      4 - 3.5 * Math.cos((2 * Math.PI * dayOfYear(addDays(fromDay, i))) / 365.25) + departure,
    )
  })
  return { fromDay, et0Mm, latDeg, timeZone: 'Asia/Tokyo' }
}

describe('ET0 ahead', () => {
  const days = seriesOf(3 * 365)
  const fit = fitEt0(days)

  it('is used where it beats the last day and the last week, in each of seven days', () => {
    expect(fit.state).toBe('used')
    expect(fit.skill.map(({ key }) => key)).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => `days-${n}`))
    for (const skill of fit.skill) {
      expect(skill.rmse).toBeLessThan(skill.persistence!)
      expect(skill.rmse).toBeLessThan(skill.physics!)
    }
  })
  it('predicts the seven days after the last, by their ends in the zone of the farm, with an interval', () => {
    const ahead = predictEt0(fit, days)
    const lastDay = addDays(days.fromDay, days.et0Mm.length - 1)
    expect(ahead.map(({ atMs }) => atMs)).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((n) => startOfDay(addDays(lastDay, n), 'Asia/Tokyo')),
    )
    for (const { value, lo, hi, method } of ahead) {
      expect(method).toBe('model')
      expect(lo).toBeLessThan(value)
      expect(hi).toBeGreaterThan(value)
    }
  })
  it('contains the truth in four of five of its intervals', () => {
    let inside = 0
    let all = 0
    const past = fitEt0({ ...days, et0Mm: days.et0Mm.slice(0, 850) })
    for (let n = 900; n < 1080; n += 7) {
      const known = { ...days, et0Mm: days.et0Mm.slice(0, n) }
      for (const [i, { lo, hi }] of predictEt0(past, known).entries()) {
        const came = days.et0Mm[n + i]!
        all++
        if (came >= lo && came <= hi) inside++
      }
    }
    expect(inside / all).toBeGreaterThan(0.7)
    expect(inside / all).toBeLessThan(0.92)
  })
  it('is monitored on the days since the fit', () => {
    const older = fitEt0({ ...days, et0Mm: days.et0Mm.slice(0, 1085) })
    const watched = monitorEt0(older, days)
    expect(watched).toHaveLength(10)
    for (const { error, expected } of watched) expect(Math.abs(error)).toBeLessThan(5 * expected)
    expect(monitorEt0(fit, days)).toEqual([])
  })
  it('of a first year uses the sun and the last week, without a seasonal term', () => {
    const young = fitEt0(seriesOf(200))
    expect(young.terms.some(({ key }) => key.startsWith('usual') || key === 'sun')).toBe(false)
    expect(predictEt0(young, seriesOf(200))).toHaveLength(7)
  })
  it('has too few data with 60 days', () =>
    expect(fitEt0(seriesOf(60))).toMatchObject({ state: 'insufficient-data', rows: 0, terms: [], skill: [] }))
  it('is empty when the last day is unknown, and tolerates a lost day of the week before', () => {
    const gap = (at: number): Et0Days => ({ ...days, et0Mm: days.et0Mm.with(at, null) })
    expect(predictEt0(fit, gap(-1))).toEqual([])
    expect(predictEt0(fit, gap(-3))).toHaveLength(7)
  })
  it('is a number at any place, also where the sun does not rise and where it is unknown', () => {
    for (const latDeg of [null, -90, -35, 0, 80, 90]) {
      const there = seriesOf(800, latDeg)
      const ahead = predictEt0(fitEt0(there), there)
      expect(ahead).toHaveLength(7)
      for (const { value, lo, hi } of ahead) expect([value, lo, hi].every(Number.isFinite)).toBe(true)
    }
  })
})
