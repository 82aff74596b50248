import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, HOUR_MS, MINUTE_MS, startOfDay } from '../../../broker/contract/time.ts'
import { sinElevation } from '../../../firmware-sim/weather/sun.ts'
import { topRadiationMJm2 } from '../../../firmware-sim/weather/day-profile.ts'
import { weatherAt } from '../../../firmware-sim/weather/weather.ts'
import type { Site } from '../../../firmware-sim/weather/weather-types.ts'
import { normals, weatherFromNormals } from '../../../firmware-sim/weather/weather-normals.ts'
import { plain, steady } from '../places.ts'

const day = '2026-07-06'
const start = startOfDay(day, plain.timeZone)
const hours = Array.from({ length: 24 }, (_, hour) => start + hour * HOUR_MS)

describe('the air of a day', () => {
  it('touches the minimum and the maximum of every day of a year, and never passes them', () => {
    const source = weatherFromNormals('rice-plain', '2026-01-01', '3')
    const weather = weatherAt(source, plain, '3')
    for (let today = '2026-01-02'; today < '2026-12-31'; today = addDays(today, 1)) {
      const from = startOfDay(today, plain.timeZone)
      const temps = Array.from({ length: 144 }, (_, i) => weather.at(from + i * 10 * MINUTE_MS).tempC)
      expect(Math.min(...temps), today).toBeCloseTo(source.day(today)!.tempMinC, 9)
      expect(Math.max(...temps), today).toBeCloseTo(source.day(today)!.tempMaxC, 9)
    }
  })

  it('preserves the daily radiation for a logger that stores means, at any interval', () => {
    const weather = weatherAt(steady(), plain, '1')
    for (const minutes of [5, 20, 60, 240]) {
      let total = 0
      for (let from = start; from < start + 24 * HOUR_MS; from += minutes * MINUTE_MS)
        total += weather.mean(from, from + minutes * MINUTE_MS).radiationWm2 * minutes * 60e-6
      expect(total, `${minutes} min`).toBeCloseTo(21.5, 9)
    }
  })

  it('has the wind of the day as its mean, and more of it in the afternoon', () => {
    const weather = weatherAt(steady(), plain, '1')
    expect(weather.mean(start, start + 24 * HOUR_MS).windMps).toBeCloseTo(2.3, 9)
    expect(weather.at(hours[15]!).windMps).toBeGreaterThan(weather.at(hours[3]!).windMps)
  })

  it('is dark at night and brightest near noon of the sun', () => {
    const weather = weatherAt(steady(), plain, '1')
    const light = hours.map((at) => weather.at(at).radiationWm2)
    expect(light[0]).toBe(0)
    expect(light[23]).toBe(0)
    // 139° E under the clock of 135° E: noon is about 11:48
    expect(light.indexOf(Math.max(...light))).toBe(12)
  })

  it('has a constant dew point, so that humidity falls as the day warms', () => {
    const weather = weatherAt(steady(), plain, '1')
    // 100 e0(14.1) / e0(T) with FAO-56 Table 2.3: 1.61 kPa over 1.96 (17.2 °C) and 4.10 (29.4 °C)
    expect(weather.at(hours[15]!).humidityPct).toBeCloseTo(39.2, 0)
    const humidest = Math.max(...hours.map((at) => weather.at(at).humidityPct))
    expect(humidest).toBeCloseTo(82, 0)
  })

  it('rains the whole total of the day before midnight, for any times of reading', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 250, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 24, noNaN: true }), { maxLength: 8 }),
        (rainMm, looks) => {
          const weather = weatherAt(steady({ rainMm }), plain, '9')
          const times = [0, ...looks.sort((a, b) => a - b), 24].map((hour) => start + hour * HOUR_MS)
          let sum = 0
          for (let i = 1; i < times.length; i++) sum += weather.rainMm(times[i - 1]!, times[i]!)
          expect(sum).toBeCloseTo(rainMm, 6)
          expect(weather.rainMm(start + 23 * HOUR_MS, start + 24 * HOUR_MS)).toBe(0)
        },
      ),
      { numRuns: 50, seed: 1 },
    )
  })

  it('fits days of 23 and 25 hours', () => {
    const graz: Site = { latDeg: 47.07, lonDeg: 15.44, elevationM: 353, timeZone: 'Europe/Vienna' }
    const weather = weatherAt(steady({ rainMm: 8 }), graz, '1')
    for (const [change, length] of [
      ['2026-03-29', 23],
      ['2026-10-25', 25],
    ] as const) {
      const [from, to] = [startOfDay(change, graz.timeZone), startOfDay(addDays(change, 1), graz.timeZone)]
      expect((to - from) / HOUR_MS).toBe(length)
      expect(weather.rainMm(from, to)).toBeCloseTo(8, 9)
      expect((weather.mean(from, to).radiationWm2 * (to - from)) / 1e9).toBeCloseTo(21.5, 9)
      expect(weather.mean(from, to).windMps).toBeCloseTo(2.3, 9)
    }
  })

  it('names its days when another is requested', () => {
    const weather = weatherAt(steady(), plain, '1')
    expect(() => weather.at(startOfDay('2027-01-02', plain.timeZone))).toThrow(
      'steady has no weather for 2027-01-02: it covers 2026-01-01 to 2026-12-31',
    )
  })
})

describe('the sun', () => {
  it('is at 66.6° over Greenwich latitude 51.48 minus tilt at midsummer noon: 90 - 51.48 + 23.44 = 61.96°', () => {
    const elevation = (Math.asin(sinElevation(Date.UTC(2026, 5, 21, 12, 2), 51.48, 0)) * 180) / Math.PI
    expect(elevation).toBeCloseTo(61.96, 1)
  })

  it('sends 32.2 MJ/m2 to the top of the air at 20° S on 3 September (FAO-56 Example 8)', () => {
    const site: Site = { latDeg: -20, lonDeg: 0, elevationM: 0, timeZone: 'UTC' }
    expect(topRadiationMJm2('2026-09-03', site)).toBeCloseTo(32.2, 0)
  })
})

describe('weather from normals', () => {
  const years = 30
  const month = (name: string, of: number) => {
    const source = weatherFromNormals(name, '2026-01-01', '5')
    const days = []
    for (let today = '2026-01-01'; today < `${2026 + years}-01-01`; today = addDays(today, 1))
      if (Number(today.slice(5, 7)) === of) days.push(source.day(today)!)
    return days
  }
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length

  it.each(Object.keys(normals))('%s matches its normals over thirty years', (name) => {
    const july = month(name, 7)
    const normal = normals[name]!
    expect(mean(july.map((d) => d.tempMaxC))).toBeCloseTo(normal.tempMaxC[6]!, -0.2)
    expect(mean(july.map((d) => d.radiationMJm2)) / normal.radiationMJm2[6]!).toBeCloseTo(1, 1)
    for (const { tempMinC, tempMaxC, dewPointC, radiationMJm2, windMps, rainMm } of july) {
      expect(tempMinC).toBeLessThan(tempMaxC)
      expect(dewPointC).toBeLessThan(tempMaxC)
      expect(radiationMJm2).toBeGreaterThan(0)
      expect(windMps).toBeGreaterThan(0)
      expect(rainMm).toBeGreaterThanOrEqual(0)
    }
  })

  it('has a rainy season on the rice plain and typhoons after it', () => {
    const wet = (days: { rainMm: number }[]) => days.filter(({ rainMm }) => rainMm > 0).length / days.length
    expect(wet(month('rice-plain', 7))).toBeGreaterThan(wet(month('rice-plain', 5)))
    expect(Math.max(...month('rice-plain', 9).map(({ rainMm }) => rainMm))).toBeGreaterThan(80)
  })

  it('is the same for the same seed, in any order of days', () => {
    const [a, b] = [1, 2].map(() => weatherFromNormals('semi-arid-plain', '2026-01-01', '8'))
    const late = a!.day('2026-09-01')
    expect(b!.day('2026-03-01')).toEqual(a!.day('2026-03-01'))
    expect(b!.day('2026-09-01')).toEqual(late)
    expect(weatherFromNormals('semi-arid-plain', '2026-01-01', '9').day('2026-09-01')).not.toEqual(late)
  })

  it('refuses an unknown place', () => {
    expect(() => weatherFromNormals('moon', '2026-01-01', '1')).toThrow(
      'normals must be one of rice-plain, semi-arid-plain, got moon',
    )
  })
})
