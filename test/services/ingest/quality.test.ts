import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { quantities, quantityOf } from '../../../broker/contract/quantities.ts'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { computeFlag, flagWithTime } from '../../../services/ingest/quality.ts'

const air = quantityOf('air.temperature')! // -50 to 60 °C, 3 °C a minute (WMO)
const at = (minutes: number) => minutes * MINUTE_MS

const path = join(import.meta.dirname, '../../vectors/params_disease_qc.json')
const { quality_control: published } = JSON.parse(readFileSync(path, 'utf8')) as {
  quality_control: { ismn_ranges: Record<string, [number, number]> }
}

describe('quality flags (QARTOD)', () => {
  it('the ranges of the soil are those of the ISMN (Dorigo et al. 2013)', () => {
    const range = ({ min, max }: { min: number; max: number }) => [min, max]
    const { ismn_ranges } = published
    expect(range(quantities['soil.moisture'])).toEqual(ismn_ranges.soil_moisture_pct)
    expect(range(quantities['soil.temperature'])).toEqual(ismn_ranges.soil_temperature_C)
    expect(range(quantities['soil.tension'])).toEqual(ismn_ranges.soil_suction_kPa)
  })
  it('a value within its range passes, one outside fails, none is missing', () => {
    expect(computeFlag(air, 24.1, 0, null)).toBe(1)
    expect(computeFlag(air, -50, 0, null)).toBe(1)
    expect(computeFlag(air, 60.1, 0, null)).toBe(4)
    expect(computeFlag(air, null, 0, null)).toBe(9)
  })
  it('more than 3 °C in a minute is suspect, the same over ten minutes is weather', () => {
    const last = { atMs: 0, value: 20 }
    expect(computeFlag(air, 23, at(1), last)).toBe(1)
    expect(computeFlag(air, 23.2, at(1), last)).toBe(3)
    expect(computeFlag(air, 40, at(10), last)).toBe(1)
    expect(computeFlag(air, 23, at(0.1), last)).toBe(1)
  })
  it('a late reading is not compared with a later one', () => {
    expect(computeFlag(air, 0, at(1), { atMs: at(5), value: 30 })).toBe(1)
  })
  it('any step of the wind is real', () =>
    expect(computeFlag(quantities['wind.speed'], 40, at(1), { atMs: 0, value: 0 })).toBe(1))
  it('an uncertain time makes a good reading "not evaluated", and leaves a bad one bad', () => {
    const unsure = { isEstimated: true, isAhead: false }
    expect(flagWithTime(1, unsure)).toBe(2)
    expect(flagWithTime(4, unsure)).toBe(4)
    expect(flagWithTime(1, { isEstimated: false, isAhead: true })).toBe(3)
  })
})
