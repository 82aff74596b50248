/** Golden numbers: FAO-56 Tables 11, 12, 19, 22 and Eq. 62, 82-88. Invariants: water in = water out + storage. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { cropOf, crops } from '../../../../services/agronomy/crops/catalogue.ts'
import {
  kcClimatic,
  kcOf,
  rootDepthM,
  seasonLengthD,
  stageOf,
} from '../../../../services/agronomy/crops/growth.ts'
import { soilOf, soils } from '../../../../services/agronomy/water/soils.ts'
import {
  balanceDay,
  depletionSdMm,
  ksOf,
  pAdjusted,
  rawMm,
  tawMm,
  unknownSdMm,
} from '../../../../services/agronomy/water/soil-water.ts'

const maize = crops.maize

describe('soil', () => {
  it('loam holds 13 % between its limits (FAO-56 Table 19, middle of the ranges)', () => {
    expect(soilOf('loam')).toEqual({
      fieldCapacity: 0.25,
      wiltingPoint: 0.12,
      saturation: 0.463,
      rewMm: 9,
    })
    expect(soilOf('Sandy loam')).toBe(soils['sandy-loam'])
    expect(soilOf('granite')).toBeUndefined()
  })
  it('every soil is drier at wilting than at field capacity, and that drier than full', () => {
    for (const soil of Object.values(soils)) {
      expect(soil.wiltingPoint).toBeLessThan(soil.fieldCapacity)
      expect(soil.fieldCapacity).toBeLessThan(soil.saturation)
    }
  })
  // texture limits, Zr, p, ETc -> RAW (FAO-56 Eq. 82, 83 and Table 22 footnote 2)
  it.each([
    ['onion on loamy sand', 0.15, 0.06, 0.4, 0.3, 8, 6.48],
    ['tomato on loamy sand', 0.15, 0.06, 0.8, 0.4, 3, 34.56],
    ['maize on sandy loam', 0.23, 0.11, 1.2, 0.55, 5, 79.2],
    ['maize on silty clay', 0.36, 0.23, 1.2, 0.55, 8, 67.08],
  ])('RAW of %s', (_name, fieldCapacity, wiltingPoint, Zr, p, etcMm, printed) => {
    expect(rawMm(tawMm({ fieldCapacity, wiltingPoint }, Zr), pAdjusted(p, etcMm))).toBeCloseTo(printed, 6)
  })
  it('p stays inside 0.1-0.8 (FAO-56 Table 22 footnote 2)', () => {
    expect(pAdjusted(0.2, 12)).toBe(0.1)
    expect(pAdjusted(0.7, 0)).toBe(0.8)
  })
  it('Ks is 0.8 at Dr 60 and 0.5 at Dr 75 of TAW 100 with p 0.5 (FAO-56 Eq. 84)', () => {
    expect(ksOf(40, 100, 0.5)).toBe(1)
    expect(ksOf(60, 100, 0.5)).toBeCloseTo(0.8, 9)
    expect(ksOf(75, 100, 0.5)).toBeCloseTo(0.5, 9)
    expect(ksOf(120, 100, 0.5)).toBe(0)
  })
})

describe('crop', () => {
  it('maize grows from Kc 0.30 to 1.20 and ends at 0.35 (FAO-56 Table 12)', () => {
    expect(kcOf(maize, 0)).toBe(0.3)
    expect(kcOf(maize, 50)).toBeCloseTo(0.75, 9) // half way through development, Eq. 66
    expect(kcOf(maize, 90)).toBe(1.2)
    expect(kcOf(maize, 150)).toBeCloseTo(0.35, 9)
    expect(kcOf(maize, 400)).toBeCloseTo(0.35, 9)
    expect(seasonLengthD(maize)).toBe(150)
    expect(stageOf(maize, 69)).toBe('development')
    expect(stageOf(maize, 70)).toBe('mid-season')
  })
  it('Kc of maize is 1.07 at Taipei and 1.30 at Mocha (FAO-56 Example 27)', () => {
    expect(kcClimatic(1.2, 2, { windMps: 1.3, humidityMinPct: 75 })).toBeCloseTo(1.07, 2)
    expect(kcClimatic(1.2, 2, { windMps: 4.6, humidityMinPct: 44 })).toBeCloseTo(1.3, 2)
    expect(kcClimatic(0.35, 2, { windMps: 4.6, humidityMinPct: 44 })).toBe(0.35)
  })
  it('roots of maize reach 1 m at mid-season; an apple tree has its roots from the start', () => {
    expect(rootDepthM(maize, 0)).toBe(0.15)
    expect(rootDepthM(maize, 70)).toBe(1)
    expect(rootDepthM(maize, 200)).toBe(1)
    expect(rootDepthM(crops.apple, 0)).toBe(1)
  })
  it('paddy is rice, and corn is maize; an unknown crop is undefined', () => {
    expect(cropOf('paddy')).toBe(crops.rice)
    expect(cropOf('Corn')).toBe(crops.maize)
    expect(cropOf('unobtainium')).toBeUndefined()
  })
})

describe('balance of the root zone', () => {
  const input = fc.record({
    tawMm: fc.double({ min: 5, max: 300, noNaN: true }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    p: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
    etcMm: fc.double({ min: 0, max: 15, noNaN: true }),
    rainMm: fc.double({ min: 0, max: 300, noNaN: true }),
    irrigationMm: fc.double({ min: 0, max: 100, noNaN: true }),
  })
  it('water in = water out + storage, and Dr stays inside 0..TAW, whatever the day', () => {
    fc.assert(
      fc.property(input, ({ share, ...x }) => {
        const before = share * x.tawMm
        const day = balanceDay({ ...x, depletionMm: before })
        const inMm = x.rainMm + x.irrigationMm
        const outMm = day.etaMm + day.deepPercolationMm
        expect(Math.abs(inMm - outMm - (before - day.depletionMm))).toBeLessThan(1e-9)
        expect(day.depletionMm).toBeGreaterThanOrEqual(0)
        expect(day.depletionMm).toBeLessThanOrEqual(x.tawMm + 1e-9)
        expect(day.etaMm).toBeLessThanOrEqual(x.etcMm)
        expect(day.effectiveRainMm).toBeGreaterThanOrEqual(0)
      }),
    )
  })
  it('40 mm of rain on a depletion of 20 fill it and drain the rest (FAO-56 Eq. 85, 88)', () => {
    const day = balanceDay({ depletionMm: 20, tawMm: 100, p: 0.5, etcMm: 5, rainMm: 40, irrigationMm: 0 })
    expect(day).toEqual({
      depletionMm: 0,
      ks: 1,
      etaMm: 5,
      deepPercolationMm: 15,
      effectiveRainMm: 25,
    })
  })
  it('a stressed crop uses less: half of ETc at three quarters of TAW', () => {
    const day = balanceDay({ depletionMm: 75, tawMm: 100, p: 0.5, etcMm: 6, rainMm: 0, irrigationMm: 0 })
    expect(day.etaMm).toBeCloseTo(3, 9)
    expect(day.depletionMm).toBeCloseTo(78, 9)
  })
  it('uncertainty grows day by day up to complete ignorance, and drainage resets it', () => {
    let sdMm = 2
    const errors = { kcSdMm: 0.5, et0SdMm: 0.5, rainSdMm: 0, irrigationSdMm: 0 }
    for (let i = 0; i < 10; i++) {
      const next = depletionSdMm({ sdMm, ...errors }, { deepPercolationMm: 0 }, 100)
      expect(next).toBeGreaterThan(sdMm)
      sdMm = next
    }
    // ten days of a Kc with a constant error: at least ten times its error
    expect(sdMm).toBeGreaterThan(2 + 10 * 0.5)
    expect(depletionSdMm({ sdMm: 500, ...errors }, { deepPercolationMm: 0 }, 100)).toBe(unknownSdMm(100))
    expect(depletionSdMm({ sdMm: 5, ...errors }, { deepPercolationMm: 30 }, 100)).toBe(5)
    expect(depletionSdMm({ sdMm: 14, ...errors }, { deepPercolationMm: 30 }, 100)).toBe(5)
  })
})
