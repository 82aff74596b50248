import { describe, expect, it } from 'vitest'
import { dayOfYear, HOUR_MS, startOfDay } from '../../../broker/contract/time.ts'
import { airOf, STATION_HOURS, stationSample } from '../../../firmware-sim/decide/station-day.ts'
import { saturationKPa } from '../../../firmware-sim/weather/weather.ts'
import { dayWeather } from '../../../services/estimate/days/day-weather.ts'
import type { Hours } from '../../../services/estimate/days/hours.ts'
import { stationDay } from '../../../services/estimate/days/station-day.ts'

const sites = {
  nebraska: { latDeg: 40.4, lonDeg: -98, elevationM: 600, timeZone: 'America/Chicago' },
  desert: { latDeg: 33.1, lonDeg: -112, elevationM: 360, timeZone: 'America/Phoenix' },
  deccan: { latDeg: 17.4, lonDeg: 78.5, elevationM: 540, timeZone: 'Asia/Kolkata' },
}
type Weather = Parameters<typeof airOf>[0]

/** The day as Tilth closes it, from the samples of the station. */
function closed(weather: Weather, day: string, site: (typeof sites)['desert']) {
  const air = airOf(weather, day, site)
  const startMs = startOfDay(day, site.timeZone)
  const samples = STATION_HOURS.map((hour) => ({
    atMs: Math.floor((startMs + hour * HOUR_MS) / HOUR_MS) * HOUR_MS,
    sample: stationSample(hour, day, air, { beforeMm: 100, mm: weather.rainMm ?? null }, site),
  }))
  const column = (valueOf: (sample: NonNullable<(typeof samples)[number]['sample']>) => unknown): Hours => {
    const rows = samples.flatMap(({ atMs, sample }) => {
      const value = sample && valueOf(sample)
      return typeof value === 'number' ? [{ atMs, value }] : []
    })
    const values = rows.map(({ value }) => value)
    return {
      atMs: rows.map(({ atMs }) => atMs),
      mean: values,
      min: values,
      max: values,
      first: values,
      last: values,
    }
  }
  const span = { fromMs: Math.ceil(startMs / HOUR_MS) * HOUR_MS, toMs: 0 }
  span.toMs = span.fromMs + 24 * HOUR_MS
  const rain = column(({ rain }) => rain?.cumulative)
  const before = <T>(list: readonly T[], value: T) => [value, ...list]
  const hours = {
    temperature: column(({ air }) => air?.temperature),
    humidity: column(({ air }) => air?.relativeHumidity),
    wind: column(({ wind }) => wind?.speed),
    solar: column(({ tilth }) => tilth?.solarRadiation),
    rain: {
      ...rain,
      atMs: before(rain.atMs, span.fromMs - 4 * HOUR_MS),
      first: before(rain.first, 100),
      last: before(rain.last, 100),
    },
  }
  const stationDays = stationDay(hours, span, { windHeightM: 2, everyS: 6 * 3_600 })
  const near = { device: 'station', km: 0, day: stationDays, light: null }
  return dayWeather([near], site, dayOfYear(day), [])
}

describe('a station on the day of a line', () => {
  it.each([
    ['nebraska', '1995-05-01', { tMinC: 7.2, tMaxC: 19.8, rainMm: 0, et0Mm: 4.4 }],
    ['nebraska', '1995-07-20', { tMinC: 17, tMaxC: 31, rainMm: 21.3, et0Mm: 2.1 }],
    ['nebraska', '1995-10-28', { tMinC: -2, tMaxC: 6, rainMm: 0, et0Mm: 0.6 }],
    ['desert', '2001-06-20', { tMinC: 22, tMaxC: 42, rainMm: 0, et0Mm: 11.5 }],
    ['deccan', '2001-07-20', { tMinC: 23, tMaxC: 27, rainMm: 64, et0Mm: 1.8 }],
    ['deccan', '2001-11-20', { tMinC: 15, tMaxC: 29, rainMm: 0, et0Mm: 4.9 }],
  ] as const)('gives the ET0 of the line within 2 %% (%s, %s)', (site, day, weather) => {
    const { et0Mm, et0Method, tempMinC, tempMaxC, rainMm } = closed(weather, day, sites[site])
    expect(et0Method).toBe('fao56-pm')
    expect(Math.abs(et0Mm! / weather.et0Mm - 1)).toBeLessThan(0.02)
    expect([tempMinC, tempMaxC]).toEqual([weather.tMinC, weather.tMaxC])
    expect(rainMm).toBeCloseTo(weather.rainMm, 2)
  })

  it('has a thermometer alone where the line has no ET0, and Tilth estimates it', () => {
    const day = closed({ tMinC: 7, tMaxC: 20, rainMm: 3 }, '1995-05-01', sites.nebraska)
    expect(day).toMatchObject({ et0Method: 'hargreaves', rainMm: 3 })
  })

  it('publishes no ET0 without temperatures, and nothing for what is unknown', () => {
    expect(airOf({ et0Mm: 4 }, '1995-05-01', sites.nebraska)).toBeNull()
    expect(airOf({ tMinC: 20, tMaxC: 10, et0Mm: 4 }, '1995-05-01', sites.nebraska)).toBeNull()
    const rain = { beforeMm: 7, mm: null }
    expect(stationSample(9, '1995-05-01', null, rain, sites.nebraska)).toBeNull()
    expect(stationSample(21, '1995-05-01', null, { ...rain, mm: 2 }, sites.nebraska)).toEqual({
      rain: { cumulative: 9 },
    })
  })

  it('has no dew above saturation', () => {
    const air = airOf({ tMinC: 12, tMaxC: 14, et0Mm: 0.2 }, '1995-05-01', sites.nebraska)!
    for (const hour of STATION_HOURS) {
      const { air: sample } = stationSample(hour, '1995-05-01', air, { beforeMm: 0, mm: 0 }, sites.nebraska)!
      const vapour = (sample!.relativeHumidity! / 100) * saturationKPa(sample!.temperature!)
      expect(sample!.relativeHumidity).toBeLessThanOrEqual(100)
      expect(vapour).toBeCloseTo(saturationKPa(air.rest!.dewPointC), 1)
    }
  })
})
