/** Flights from the traps of several years, and the model learned from them. */
import { describe, expect, it } from 'vitest'
import { addDays, daysBetween, type Day } from '../../../../broker/contract/time.ts'
import { degreeDaysCd } from '../../../../services/agronomy/crops/degree-days.ts'
import { pests } from '../../../../services/agronomy/pests/catalogue.ts'
import { flightsOf } from '../../../../services/learn/pest-flight/load.ts'
import { fitFlight } from '../../../../services/learn/pest-flight/fit.ts'

const pest = pests['corn-earworm']
const place = { latDeg: 35 }
const HALF_CD = 200

/** Days of years that are warmer or cooler, from March on. */
const tempsOf = (year: number, warmerC: number) =>
  Array.from({ length: 260 }, (_, i) => ({
    day: addDays(`${year}-03-01`, i),
    tempMinC: 9 + warmerC + 9 * Math.sin((i * Math.PI) / 200),
    tempMaxC: 19 + warmerC + 9 * Math.sin((i * Math.PI) / 200),
  }))

/**
 * A trap that is checked every third day from the biofix on: the first flight at HALF_CD, the second a generation
 * later.
 */
function checksOf(days: ReturnType<typeof tempsOf>, biofix: Day) {
  let sumCd = 0
  let before = 0
  return days.flatMap(({ day, ...temps }) => {
    if (day < biofix) return [{ day, count: 0 }]
    sumCd += degreeDaysCd(pest.heat, temps)
    const flown = [0, 1].reduce(
      (sum, k) => sum + 5000 / (1 + Math.exp(-(sumCd - HALF_CD - k * pest.generationCd) / 30)),
      0,
    )
    if (daysBetween(biofix, day) % 3 !== 0) return []
    const count = Math.max(day === biofix ? 1 : 0, Math.round(flown - before))
    before = flown
    return [{ day, count }]
  })
}

const years = [2019, 2020, 2021, 2022].map((year, i) => {
  const days = tempsOf(year, [0, 3, -1, 2][i]!)
  // a trap catches the first moths in May
  return { year, days, checks: checksOf(days, `${year}-05-0${1 + i}`) }
})
const all = (of: typeof years) =>
  flightsOf(
    pest,
    { fieldId: 'field1', biofixDay: '2022-05-04' },
    place,
    of.flatMap(({ checks }) => checks),
    of.flatMap(({ days }) => days),
  )

describe('the flights of a field', () => {
  it('are found year by year, each by its generation, counted from the first sustained catch', () => {
    const flights = all(years)
    expect([...flights.keys()].slice(0, 2)).toEqual([1, 2])
    expect(flights.get(1)!.map(({ year }) => year)).toEqual([2019, 2020, 2021, 2022])
    for (const { halfCd, scaleCd } of flights.get(1)!) {
      expect(Math.abs(halfCd - HALF_CD)).toBeLessThan(25) // a check every third day
      expect(Math.abs(scaleCd - 30)).toBeLessThan(12)
    }
  })
  it('a season without temperatures is left out, and a flight that is not over', () => {
    const noTemps = [...years.slice(0, 3), { ...years[3]!, days: [] }]
    expect(
      all(noTemps)
        .get(1)!
        .map(({ year }) => year),
    ).toEqual([2019, 2020, 2021])
    const cut = [{ ...years[0]!, days: years[0]!.days.slice(0, 90) }]
    expect(all(cut).get(2)).toBeUndefined()
  })
  it('south of the equator a season runs over the new year', () => {
    const day = (i: number) => addDays('2021-10-01', i)
    const flights = flightsOf(
      pest,
      { fieldId: 'f', biofixDay: day(0) },
      { latDeg: -33 },
      Array.from({ length: 130 }, (_, i) => ({ day: day(i), count: 2 })),
      Array.from({ length: 150 }, (_, i) => ({ day: day(i), tempMinC: 12, tempMaxC: 28 })),
    )
    expect(flights.get(1)).toMatchObject([{ year: 2022 }])
  })
})

describe('the model of a flight', () => {
  const data = (of: typeof years, publishedCd: number | null = null) => ({
    flights: all(of).get(1)!,
    publishedCd,
    fromDay: '2019-03-01',
    throughDay: '2022-12-31',
  })
  it('is used where degree-days predict held-out years better than the mean date', () => {
    const fit = fitFlight(data(years))
    expect(fit).toMatchObject({ state: 'used', rows: 4, reason: { key: 'better' } })
    expect(fit.terms[0]!.key).toBe('flight-half')
    expect(Math.abs(fit.terms[0]!.coefficient - HALF_CD)).toBeLessThan(20)
    expect(fit.skill[0]!.persistence).toBeGreaterThan(fit.skill[0]!.rmse)
  })
  it('falls back where the published sum is as good', () => {
    const half = fitFlight(data(years)).terms[0]!.coefficient
    expect(fitFlight(data(years, half))).toMatchObject({
      state: 'fallback',
      reason: { key: 'no-better' },
    })
  })
  it('has too few data with two years, and states how many it needs', () => {
    expect(fitFlight(data(years.slice(2)))).toMatchObject({
      state: 'insufficient-data',
      reason: { key: 'too-few-years', params: { years: 2, need: 3 } },
      rows: 0,
    })
  })
})
