/** Golden numbers: Topp et al. 1980, Seyfried et al. 2005, hours of USDA SCAN 2184 (test/vectors). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  atReferenceTemp,
  decagon10hsVwc,
  decagonEc5Vwc,
  hydraProbeVwc,
  toppVwc,
  twoPointVwc,
} from '../../../../services/agronomy/water/sensor-conversion.ts'
import { conversionTrial } from '../../../validate/lines/conversions.ts'
import { readVectors } from '../../../validate/read-vectors.ts'
import { allOf } from '../../../validate/score.ts'

const path = join(import.meta.dirname, '../../../vectors/sensor_conversions.json')

describe('raw values to water content', () => {
  it('reproduces every published and measured vector', () => {
    const read = readVectors(readFileSync(path, 'utf8'), 'sensor_conversions.json')
    if (!read.ok) throw new Error(read.error)
    const score = allOf('vectors', read.value.map(conversionTrial))
    expect(score.missed).toEqual([])
    expect(score.notBuilt).toEqual([])
    expect(score.value).toBe(27)
  })
  it('a capacitive sensor is level beyond its two points, whichever way its counts run', () => {
    const falling = { rawDry: 820, rawWet: 380, vwcDry: 0.05, vwcWet: 0.4 }
    expect(twoPointVwc(900, falling)).toBe(0.05)
    expect(twoPointVwc(300, falling)).toBe(0.4)
    const rising = { rawDry: 380, rawWet: 820, vwcDry: 0.05, vwcWet: 0.4 }
    expect(twoPointVwc(900, rising)).toBe(0.4)
    expect(twoPointVwc(600, rising)).toBeCloseTo(0.225, 12)
  })
  it('two points of one raw value calibrate nothing', () =>
    expect(twoPointVwc(500, { rawDry: 500, rawWet: 500, vwcDry: 0, vwcWet: 0.4 })).toBeNull())
  it('ten degrees above the reference at 0.001 a degree are 1 % vol too much', () => {
    expect(atReferenceTemp(0.25, 35, { perC: 0.001, refC: 25 })).toBeCloseTo(0.24, 12)
    expect(atReferenceTemp(0.25, 25, { perC: 0.001, refC: 25 })).toBe(0.25)
  })
  it('no number, however wrong, becomes NaN', () => {
    const points = { rawDry: 820, rawWet: 380, vwcDry: 0.05, vwcWet: 0.4 }
    fc.assert(
      fc.property(fc.double(), fc.double(), (raw, tempC) => {
        const given = [
          toppVwc(raw),
          hydraProbeVwc(raw),
          decagon10hsVwc(raw),
          decagonEc5Vwc(raw),
          twoPointVwc(raw, points),
          atReferenceTemp(raw, tempC, { perC: 0.001, refC: 25 }),
        ]
        for (const vwc of given) expect(vwc === null || Number.isFinite(vwc)).toBe(true)
      }),
    )
  })
})
