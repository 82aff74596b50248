import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extraterrestrialHourMJm2 } from '../../../../services/agronomy/evapotranspiration/radiation.ts'
import { neighbourFindings, weatherFindings } from '../../../../services/agronomy/quality/weather.ts'

const maricopa = { latDeg: 33.069, lonDeg: -111.972, elevationM: 361 }
const hours = Array.from({ length: 48 }, (_, h) => ({
  J: 187 + Math.floor(h / 24),
  midUtcHour: (h % 24) + 0.5,
}))
const Ra = hours.map(({ J, midUtcHour }) => extraterrestrialHourMJm2(maricopa, J, midUtcHour))
const clearWm2 = Ra.map((MJ) => (0.77 * MJ * 1e6) / 3600)
const tempC = hours.map(({ midUtcHour }) => 30 + 8 * Math.sin((2 * Math.PI * (midUtcHour - 16)) / 24))
const changed = (column: readonly number[], at: number, value: number) =>
  column.map((old, i) => (i === at ? value : old))
const noonAt = Ra.indexOf(Math.max(...Ra))
const nightAt = Ra.findIndex((MJ, at) => at > 0 && MJ === 0 && Ra[at - 1] === 0 && Ra[at + 1] === 0)

describe('the hours of a station', () => {
  it('pass under a clear sky in July', () =>
    expect(weatherFindings({ hours, tempC, radiationWm2: clearWm2 }, maricopa)).toEqual([]))
  it('light in the night is not the sun', () =>
    expect(weatherFindings({ hours, radiationWm2: changed(clearWm2, nightAt, 40) }, maricopa)).toEqual([
      { test: 'night-sun', of: 'radiationWm2', from: nightAt, to: nightAt + 1 },
    ]))
  it('more light than extraterrestrial radiation is no measurement', () => {
    const topWm2 = (Ra[noonAt]! * 1e6) / 3600
    const found = (share: number) =>
      weatherFindings({ hours, radiationWm2: changed(clearWm2, noonAt, share * topWm2) }, maricopa)
    expect(found(1.1)).toEqual([{ test: 'too-much-sun', of: 'radiationWm2', from: noonAt, to: noonAt + 1 }])
    expect(found(1.04)).toEqual([])
  })
  it('a logger that sends the mean of three hours is not flagged for the sun of the first', () => {
    const every3 = clearWm2.map((_, at) =>
      at % 3 === 2 ? (clearWm2[at - 2]! + clearWm2[at - 1]! + clearWm2[at]!) / 3 : null,
    )
    expect(every3.some((Rs, at) => Rs !== null && Rs > (1.05 * Ra[at]! * 1e6) / 3600)).toBe(true)
    expect(weatherFindings({ hours, radiationWm2: every3 }, maricopa)).toEqual([])
  })
  it('a dew point above the air and a mean outside its extremes are contradictions', () => {
    const dewC = tempC.map((T, at) => (at === 5 ? T + 1 : T - 6))
    expect(weatherFindings({ hours, tempC, dewC }, maricopa)).toEqual([
      { test: 'dew-point', of: 'dewC', from: 5, to: 6 },
    ])
    const tempMaxC = tempC.map((T, at) => (at === 7 ? T - 1 : T + 1))
    expect(weatherFindings({ hours, tempC, tempMaxC }, maricopa)).toEqual([
      { test: 'extremes', of: 'tempC', from: 7, to: 8 },
    ])
  })
  it('one temperature for half a day is a stuck sensor', () => {
    const stuck = tempC.map((T, at) => (at >= 10 && at < 24 ? 31.2 : T))
    expect(weatherFindings({ hours, tempC: stuck }, maricopa)).toEqual([
      { test: 'stuck', of: 'tempC', from: 10, to: 24 },
    ])
  })
  it('of three stations the one that deviates by 8 degrees for a day is flagged; of two, none', () => {
    const warm = tempC.map((T) => T + 8)
    const near = tempC.map((T) => T + 0.7)
    expect(neighbourFindings(warm, [tempC, near])).toHaveLength(2)
    expect(neighbourFindings(tempC, [warm, near])).toEqual([])
    expect(neighbourFindings(warm, [tempC])).toEqual([])
  })
  it('findings lie within the hours of any record', () => {
    const column = fc.array(fc.option(fc.double()), { minLength: 48, maxLength: 48 })
    fc.assert(
      fc.property(column, column, column, (temp, dewC, radiationWm2) => {
        for (const { from, to } of weatherFindings({ hours, tempC: temp, dewC, radiationWm2 }, maricopa)) {
          expect(from).toBeGreaterThanOrEqual(0)
          expect(to).toBeGreaterThan(from)
          expect(to).toBeLessThanOrEqual(48)
        }
      }),
    )
  })
})
