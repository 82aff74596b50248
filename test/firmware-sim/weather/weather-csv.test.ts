import { describe, expect, it } from 'vitest'
import { parseWeatherCsv } from '../../../firmware-sim/weather/weather-csv.ts'
import type { Site } from '../../../firmware-sim/weather/weather-types.ts'

const maricopa: Site = { latDeg: 33.069, lonDeg: -111.972, elevationM: 361, timeZone: 'America/Phoenix' }
const HEADER = 'date,srad_MJ_m2,tmax_C,tmin_C,tdew_C,rhmax_pct,rhmin_pct,wind3m_m_s,rain_mm,eto_azmet_mm'
const read = (...lines: string[]) => parseWeatherCsv(lines.join('\n'), 'w.csv', maricopa)
const reason = (...lines: string[]) => {
  const result = read(...lines)
  return result.ok ? 'accepted' : result.error
}

describe('a CSV of days', () => {
  it('is read with every column of the Maricopa file, wind height and reference ET too', () => {
    const result = read(
      HEADER,
      '2003-01-01,12.48,17.5,-0.5,-0.1,95.4,24.9,1.0,0.0,1.45',
      '2003-01-02,12.68,21.9,0.4,-2.5,81.9,14.1,2.0,0.0,2.71',
    )
    if (!result.ok) throw new Error(result.error)
    expect(result.value).toMatchObject({ windHeightM: 3, firstDay: '2003-01-01', lastDay: '2003-01-02' })
    expect(result.value.day('2003-01-02')).toEqual({
      day: '2003-01-02',
      tempMinC: 0.4,
      tempMaxC: 21.9,
      dewPointC: -2.5,
      windMps: 2,
      radiationMJm2: 12.68,
      rainMm: 0,
      et0Mm: 2.71,
    })
    expect(result.value.day('2003-01-03')).toBeUndefined()
    expect(result.value.assumed.size).toBe(0)
  })

  it('calculates the dew point from humidity: 82 % at 18 °C and 54 % at 25 °C are 1.70 kPa, 14.9 °C (FAO-56 Example 5)', () => {
    const result = read('date,tmax_C,tmin_C,rhmax_pct,rhmin_pct,rain_mm', '2026-07-06,25,18,82,54,0')
    if (!result.ok) throw new Error(result.error)
    expect(result.value.day('2026-07-06')!.dewPointC).toBeCloseTo(14.96, 1)
  })

  it('estimates missing values by a named rule, and counts them', () => {
    const result = read('date,tmin_C,tmax_C,rain_mm,et0_mm', '1990-01-01,-12.00,14.59,0.00,2.75')
    if (!result.ok) throw new Error(result.error)
    const { dewPointC, windMps, radiationMJm2, et0Mm } = result.value.day('1990-01-01')!
    expect({ dewPointC, windMps, et0Mm }).toEqual({ dewPointC: -12, windMps: 2, et0Mm: 2.75 })
    expect(radiationMJm2).toBeGreaterThan(8)
    expect([...result.value.assumed]).toEqual([
      ['dew point = tmin', 1],
      ['wind = 2 m/s', 1],
      ['radiation from tmax - tmin', 1],
    ])
  })

  it.each([
    ['date,tmax_C,rain_mm\n2026-01-01,3,0', 'line 1: no column tmin_C; it has date, tmax_C, rain_mm'],
    ['', 'line 1: no column date, tmin_C, tmax_C, rain_mm; it has nothing'],
    ['date,tmin_C,tmax_C,rain_mm', 'w.csv: has a header and no days'],
    [
      'date,tmin_C,tmax_C,rain_mm\n06/07/2026,1,2,0',
      'line 2: date: expected a day like 2026-07-06, got "06/07/2026"',
    ],
    [
      'date,tmin_C,tmax_C,rain_mm\n2026-02-30,1,2,0',
      'line 2: date: expected a day like 2026-07-06, got "2026-02-30"',
    ],
    [
      'date,tmin_C,tmax_C,rain_mm\n2026-01-01,1,2,0\n2026-01-03,1,2,0',
      'line 3: date: expected 2026-01-02, the day after the line before, got 2026-01-03',
    ],
    ['date,tmin_C,tmax_C,rain_mm\n2026-01-01,1,warm,0', 'line 2: tmax_C: expected a number, got "warm"'],
    ['date,tmin_C,tmax_C,rain_mm\n2026-01-01,1,2,', 'line 2: rain_mm: expected a number, got nothing'],
    ['date,tmin_C,tmax_C,rain_mm\n2026-01-01,9,2,0', 'line 2: tmin_C: expected at most tmax_C 2, got 9'],
    ['date,tmin_C,tmax_C,rain_mm\n2026-01-01,60,85,0', 'line 2: tmax_C: expected -70 to 65, got 85'],
    [
      'date,tmin_C,tmax_C,rain_mm,srad_MJ_m2\n2026-01-01,1,2,0,210',
      'line 2: srad_MJ_m2: expected 0 to 45, got 210',
    ],
  ])('refuses %j by line and column', (text, expected) => {
    expect(reason(text)).toContain(expected)
  })
})
