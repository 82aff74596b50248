/** What is learned of a flight over the years, on flights made by a known rule. */
import { describe, expect, it } from 'vitest'
import {
  dayOfSum,
  flightRequirement,
  flightSkill,
  leaveOneYearOut,
  logisticScale,
  sumAtShare,
  type FlightYear,
} from '../../../../services/learn/pest-flight/flights.ts'

/** Early years are warm: 12 °C·d a day; late ones 8. */
const season = (year: number, halfCd: number): FlightYear => {
  const paceCd = year % 2 === 0 ? 12 : 8
  const points = Array.from({ length: 120 }, (_, i) => ({ dayOfYear: 60 + i, sumCd: i * paceCd }))
  return { place: 'a', year, points, halfCd, scaleCd: 40 }
}
const years = [2018, 2019, 2020, 2021].map((year, i) => season(year, [400, 410, 390, 400][i]!))

describe('reading a sum as a date', () => {
  const points = [
    { dayOfYear: 100, sumCd: 0 },
    { dayOfYear: 107, sumCd: 70 },
    { dayOfYear: 114, sumCd: 210 },
  ]
  it('reads between two points, and goes on at the last pace', () => {
    expect(dayOfSum(points, 35)).toBeCloseTo(103.5)
    expect(dayOfSum(points, 230)).toBeCloseTo(115)
    expect(dayOfSum(points, -10)).toBeCloseTo(99)
  })
  it('names the edge of what is known where there is no heat', () => {
    expect(
      dayOfSum(
        [
          { dayOfYear: 1, sumCd: 5 },
          { dayOfYear: 8, sumCd: 5 },
        ],
        2,
      ),
    ).toBe(1)
  })
})

describe('one flight', () => {
  const caught = [0.1, 0.3, 0.6, 0.9].map((share, i) => ({ sumCd: 100 * i, share }))
  it('is at its half between the checks that bracket it', () => {
    expect(sumAtShare(caught, 0.5)).toBeCloseTo(100 + (2 / 3) * 100)
    expect(sumAtShare(caught, 0.95)).toBeNull() // it went on after the last check
    expect(sumAtShare(caught, 0.05)).toBeNull() // it had begun before the first one
  })
  it('of a logistic curve has the spread of that curve', () => {
    const logistic = Array.from({ length: 60 }, (_, i) => ({
      sumCd: i * 10,
      share: 1 / (1 + Math.exp(-(i * 10 - 300) / 50)),
    }))
    expect(logisticScale(logistic, 300)).toBeCloseTo(50, 0)
  })
})

describe('flights over the years', () => {
  it('need what they needed on average, and one year says nothing', () => {
    expect(flightRequirement(years)).toMatchObject({ midCd: 400, scaleCd: 40, rows: 4 })
    expect(flightRequirement(years.slice(0, 1))).toBeNull()
  })
  it('no year is foretold from itself', () => {
    const odd = [...years, season(2022, 4000)]
    expect(leaveOneYearOut(odd).find(({ flight }) => flight.year === 2022)!.need.midCd).toBe(400)
  })
  it('heat beats the mean date where years differ in warmth, by as much as it should', () => {
    const skill = flightSkill(years, null)!
    expect(skill).toMatchObject({ key: 'leave-one-year-out', unit: 'd', n: 4, physics: null })
    expect(skill.rmse).toBeLessThan(2)
    expect(skill.persistence).toBeGreaterThan(10)
    expect(skill.skill).toBeGreaterThan(0.8)
  })
  it('a published sum that is right is not beaten by few years', () => {
    const skill = flightSkill(years, 400)!
    expect(skill.physics).toBeLessThan(skill.rmse)
    expect(skill.skill).toBeLessThan(0)
  })
  it('many flights of one year do not outvote the others where years differ', () => {
    const many = [390, 395, 400, 405, 410, 400, 395, 405].map((halfCd) => season(2021, halfCd))
    const need = flightRequirement([
      season(2019, 290),
      season(2019, 310),
      season(2020, 350),
      season(2020, 350),
      ...many,
    ])!
    expect(need.midCd).toBeGreaterThan(340)
    expect(need.midCd).toBeLessThan(355)
  })
  it('where the date was the better guide inside the other years it is taken, with its interval', () => {
    // flights on day 90 whatever the heat
    const byDate = [2018, 2019, 2020, 2021].map((year, i) => season(year, year % 2 === 0 ? 360 + i : 240 + i))
    for (const { model, calendar, heat, actual, lo, hi } of leaveOneYearOut(byDate)) {
      expect(model).toBe(calendar)
      expect(Math.abs(model - actual)).toBeLessThan(1)
      expect(Math.abs(heat - actual)).toBeGreaterThan(3)
      expect(hi - model).toBeCloseTo(model - lo, 9)
      expect(hi - lo).toBeGreaterThan(0.1)
      expect(hi - lo).toBeLessThan(2)
    }
    for (const { model, heat } of leaveOneYearOut(years)) expect(model).toBe(heat)
  })
  it('with a single year to learn from, heat is believed', () => {
    for (const { model, heat } of leaveOneYearOut([...years, ...years].filter(({ year }) => year > 2019)))
      expect(model).toBe(heat)
  })
  it('a single year is not judged', () => expect(flightSkill(years.slice(0, 1), 400)).toBeNull())
})
