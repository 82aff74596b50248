/** Properties of any weather and any place, by random inputs; and the edges: poles, midnights, calm, saturation. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clearSkyCheck,
  clearSkyFullMJm2,
} from '../../../../services/agronomy/evapotranspiration/clear-sky.ts'
import { et0Best } from '../../../../services/agronomy/evapotranspiration/et0-with-fallbacks.ts'
import {
  cloudRatios,
  hourlyEtMm,
  type HourlyWeather,
} from '../../../../services/agronomy/evapotranspiration/hourly-et.ts'
import { saturationKPa } from '../../../../services/agronomy/evapotranspiration/psychrometrics.ts'
import {
  daylightHours,
  extraterrestrialHourMJm2,
  extraterrestrialMJm2,
} from '../../../../services/agronomy/evapotranspiration/radiation.ts'
import {
  FAO56,
  et0Mm,
  type DailyWeather,
  type Standard,
} from '../../../../services/agronomy/evapotranspiration/penman-monteith.ts'
import { runs } from '../../../support/runs.ts'

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const sites = fc.record({
  latDeg: number(-90, 90),
  lonDeg: number(-180, 180),
  elevationM: number(-400, 5000),
})
const daysOfYear = fc.integer({ min: 1, max: 366 })
const standards: fc.Arbitrary<Standard> = fc.record({
  surface: fc.constantFrom('fao56', 'asce-short', 'asce-tall'),
  clearSky: fc.constantFrom('simple', 'full'),
})
const days = fc
  .record({
    dayOfYear: daysOfYear,
    tempMinC: number(-60, 45),
    rangeC: number(0, 25),
    humidity: number(0, 1.2),
    windMps: number(0, 40),
    radiationMJm2: number(0, 45),
  })
  .map(({ rangeC, humidity, ...day }) => ({
    ...day,
    tempMaxC: day.tempMinC + rangeC,
    vapourKPa: humidity * saturationKPa(day.tempMinC),
  }))

describe('any day at any place', () => {
  it('has a reference ET that is a number and not below 0', () =>
    fc.assert(
      fc.property(days, sites, standards, (day, site, standard) => {
        const et = et0Mm(day, site, standard)
        expect(Number.isFinite(et) && et >= 0).toBe(true)
      }),
      { numRuns: runs(2000) },
    ))
  it('has an ET0 and an expected error with any combination of sensors', () =>
    fc.assert(
      fc.property(days, sites, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (day, site, alive) => {
        const [vapour, wind, radiation, sunshine] = alive
        const { et0Mm, sdMm } = et0Best(
          {
            ...day,
            vapourKPa: vapour ? day.vapourKPa : null,
            windMps: wind ? day.windMps : null,
            radiationMJm2: radiation ? day.radiationMJm2 : null,
            sunshineH: sunshine ? 5 : null,
          },
          site,
        )
        expect(Number.isFinite(et0Mm) && et0Mm >= 0 && sdMm > 0).toBe(true)
      }),
      { numRuns: runs(1000) },
    ))
  it('is rejected instead of giving NaN', () =>
    fc.assert(
      fc.property(days, sites, fc.constantFrom(NaN, Infinity, -Infinity), (day, site, broken) => {
        for (const key of Object.keys(day) as (keyof DailyWeather)[])
          expect(() => et0Mm({ ...day, [key]: broken }, site)).toThrow(RangeError)
        for (const key of ['latDeg', 'elevationM'] as const)
          expect(() => et0Mm(day, { ...site, [key]: broken })).toThrow(RangeError)
      }),
    ))
  it('the full clear-sky radiation is between 0 and extraterrestrial radiation', () =>
    fc.assert(
      fc.property(sites, daysOfYear, number(0, 8), (site, J, vapourKPa) => {
        const Ra = extraterrestrialMJm2(site.latDeg, J)
        const Rso = clearSkyFullMJm2(Ra, site, J, vapourKPa)
        expect(Rso).toBeGreaterThanOrEqual(0)
        expect(Rso).toBeLessThanOrEqual(Ra)
      }),
    ))
})

describe('hours', () => {
  const tokyo = { latDeg: 35.7, lonDeg: 139.7, elevationM: 40 }
  // 6 July: hours of Tokyo's civil day (UTC+9), by their middle in UTC
  const clearDay = (place: typeof tokyo, J: number, firstUtcHour: number): HourlyWeather[] =>
    Array.from({ length: 24 }, (_, i) => {
      const midUtcHour = firstUtcHour + i + 0.5
      return {
        dayOfYear: J,
        midUtcHour,
        tempC: 22,
        vapourKPa: 1.8,
        windMps: 2,
        radiationMJm2: 0.75 * extraterrestrialHourMJm2(place, J, midUtcHour),
      }
    })

  it('of space radiation add up to their day within 1 %, in both hemispheres and where the sun does not set', () =>
    fc.assert(
      fc.property(sites, daysOfYear, number(-24, 24), (place, J, first) => {
        const hours = clearDay(place, J, first)
        const sum = hours.reduce((s, hour) => s + extraterrestrialHourMJm2(place, J, hour.midUtcHour), 0)
        const day = extraterrestrialMJm2(place.latDeg, J)
        expect(Math.abs(sum - day)).toBeLessThan(0.01 * day + 0.01)
      }),
    ))
  it('are numbers anywhere, at any hour', () =>
    fc.assert(
      fc.property(sites, daysOfYear, standards, number(-24, 24), (place, J, standard, first) => {
        expect(hourlyEtMm(clearDay(place, J, first), place, standard).every(Number.isFinite)).toBe(true)
      }),
    ))
  it('add up to nearly the ET0 of their day', () => {
    const hours = clearDay(tokyo, 187, -9)
    const radiationMJm2 = hours.reduce((sum, hour) => sum + hour.radiationMJm2, 0)
    const day = { dayOfYear: 187, tempMinC: 22, tempMaxC: 22, vapourKPa: 1.8, windMps: 2, radiationMJm2 }
    const sum = hourlyEtMm(hours, tokyo).reduce((total, mm) => total + mm, 0)
    expect(Math.abs(sum - et0Mm(day, tokyo))).toBeLessThan(0.1 * sum)
  })
  it('do not depend on a time zone: the same instant is the same hour, in any zone or summer time', () => {
    const noon = (dayOfYear: number, midUtcHour: number) =>
      extraterrestrialHourMJm2(tokyo, dayOfYear, midUtcHour)
    expect(noon(187, 2.7)).toBeCloseTo(noon(187, 26.7), 12) // counted from the day before
    expect(noon(187, 2.7)).toBeGreaterThan(noon(187, 1.7))
    expect(noon(187, 2.7)).toBeGreaterThan(noon(187, 3.7))
  })
  it('of the night have the sky of the evening before, of the first night the given one', () => {
    const night = clearDay(tokyo, 187, -9)
    const clouds = cloudRatios(night, tokyo, FAO56, 0.5)
    expect(clouds[0]).toBe(0.5)
    expect(clouds.at(-1)).toBeCloseTo(1, 1)
  })
  it('of a polar winter have half a cover, since no sun shows the sky', () => {
    const pole = { latDeg: 80, lonDeg: 0, elevationM: 0 }
    expect(new Set(cloudRatios(clearDay(pole, 355, 0), pole, FAO56))).toEqual(new Set([0.65]))
    expect(daylightHours(80, 355)).toBe(0)
    expect(daylightHours(-80, 355)).toBeCloseTo(24, 9)
  })
  it('that are not numbers are rejected', () => {
    const [hour] = clearDay(tokyo, 187, 0) as [HourlyWeather]
    expect(() => hourlyEtMm([{ ...hour, tempC: NaN }], tokyo)).toThrow(/tempC/)
    expect(() => hourlyEtMm([{ ...hour, windMps: -1 }], tokyo)).toThrow(/windMps/)
  })
})

describe('clear days check a pyranometer (ASCE 2005 App. D)', () => {
  const weeks = (gain: number, count = 60) =>
    Array.from({ length: count }, (_, i) => ({
      clearSkyMJm2: 28,
      radiationMJm2: gain * 28 * (i % 5 === 0 ? 1 : 0.4 + 0.01 * (i % 50)), // one day in five is clear
    }))
  it('reads well, low by a fifth, high by a tenth', () => {
    expect(clearSkyCheck(weeks(1))).toMatchObject({ ratio: 1, reads: 'well' })
    expect(clearSkyCheck(weeks(0.8))?.reads).toBe('low')
    expect(clearSkyCheck(weeks(0.8))?.ratio).toBeCloseTo(0.8, 12)
    expect(clearSkyCheck(weeks(1.1))?.reads).toBe('high')
  })
  it('one spike is no gain error; fewer than thirty days give no result', () => {
    const spiked = weeks(1).with(3, { clearSkyMJm2: 28, radiationMJm2: 90 })
    expect(clearSkyCheck(spiked)?.reads).toBe('well')
    expect(clearSkyCheck(weeks(1, 29))).toBeNull()
  })
})
