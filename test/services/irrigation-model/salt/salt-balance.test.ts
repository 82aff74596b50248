import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crops } from '../../../../services/agronomy/crops/catalogue.ts'
import { leachingOf } from '../../../../services/irrigation-model/salt/leaching.ts'
import {
  noSalt,
  saltAfterDay,
  saltEcDsM,
  saltEffectOf,
  saltNotes,
} from '../../../../services/irrigation-model/salt/salt-balance.ts'

const measured = (ecDsM: number, dueMm = 0) => ({ ecDsM, dueMm, measuredDay: '2026-05-01' })
const dry = { irrigationMm: 0, percolatedMm: 0, rootShare: 1, storeMm: 250 }
const mm = (max: number) => fc.double({ min: 0, max, noNaN: true })

describe('the salt of the roots', () => {
  it('100 mm of 2 dS/m bring a store of 250 mm at field capacity 0.4 dS/m more: 2 x 100 / (2 x 250)', () => {
    const after = saltAfterDay(measured(3), 'maize', 2, { ...dry, irrigationMm: 100 })
    expect(after.ecDsM).toBeCloseTo(3.4, 9)
  })

  it('is carried away by percolation, of rain as well: soil water has twice the EC of the extract', () => {
    const after = saltAfterDay(measured(3), 'maize', 2, { ...dry, percolatedMm: 50 })
    expect(after.ecDsM).toBeCloseTo(3 - (2 * 3 * 50) / 500, 9)
    expect(saltAfterDay(measured(3, 20), 'maize', 2, { ...dry, percolatedMm: 15 }).dueMm).toBeCloseTo(5, 9)
  })

  it('only moves down where young roots end above it', () => {
    const of = (rootShare: number) =>
      saltAfterDay(measured(3), 'maize', 2, { ...dry, percolatedMm: 50, rootShare }).ecDsM!
    expect(of(0.25)).toBeGreaterThan(of(1))
    expect(of(0)).toBe(3)
  })

  it('never falls below 0, and leaching that is due neither, for any water', () => {
    fc.assert(
      fc.property(
        mm(20),
        mm(12),
        mm(300),
        mm(400),
        mm(1),
        mm(200),
        (ec, water, irrigationMm, percolatedMm, rootShare, dueMm) => {
          const day = { irrigationMm, percolatedMm, rootShare, storeMm: 250 }
          const after = saltAfterDay(measured(ec, dueMm), 'maize', water, day)
          expect(after.ecDsM!).toBeGreaterThanOrEqual(0)
          expect(after.dueMm).toBeGreaterThanOrEqual(0)
          const more = saltAfterDay(measured(ec, dueMm), 'maize', water, {
            ...day,
            percolatedMm: percolatedMm + 10,
          })
          expect(more.ecDsM!).toBeLessThanOrEqual(after.ecDsM! + 1e-9)
          expect(more.dueMm).toBeLessThanOrEqual(after.dueMm + 1e-9)
        },
      ),
    )
  })

  it('that is not measured has 1.5 times the EC of the water (FAO-29 Table 3); unknown water gives no salt', () => {
    expect(saltEcDsM(noSalt, 2)).toBe(3)
    expect(saltEcDsM(noSalt, null)).toBeNull()
    expect(saltEffectOf(crops.maize, noSalt, null)).toEqual({ yieldShare: 1, ks: 1 })
    // 12 % for each dS/m above 1.7 (FAO-56 Table 23)
    expect(saltEffectOf(crops.maize, noSalt, 2).yieldShare).toBeCloseTo(1 - 0.12 * 1.3, 9)
  })

  it('is reported where it costs yield, where the water is too salty, and where 10 mm are due', () => {
    const keys = (ecDsM: number | null, waterEcDsM: number | null, dueMm = 0) =>
      saltNotes(crops.maize, { ecDsM, dueMm }, waterEcDsM, 0.8).map(({ key }) => key)
    expect(keys(1, 0.3)).toEqual([])
    expect(keys(3, 0.3)).toEqual(['salt-loss'])
    expect(keys(1, 5)).toEqual(['water-too-salty'])
    expect(keys(1, 0.3, 9)).toEqual([])
    expect(saltNotes(crops.maize, { ecDsM: 1, dueMm: 16 }, 0.3, 0.8)).toEqual([
      { key: 'leaching-due', params: { mm: 20 } },
    ])
  })
})

describe('leaching in addition to a refill', () => {
  const salts = { crop: 'soybean', waterEcDsM: 2.5, ecDsM: null, dueMm: 0 }
  const refill = { netMm: 40, missingMm: 40, mostMm: Infinity, rainHiMm: null }

  it('is a ninth of the water for soybean at 2.5 dS/m, and what past refills lack', () => {
    expect(leachingOf(salts, refill)!.netMm).toBeCloseTo(5, 9)
    expect(leachingOf({ ...salts, dueMm: 12 }, refill)!.netMm).toBeCloseTo(17, 9)
    expect(leachingOf({ ...salts, dueMm: 12 }, { ...refill, mostMm: 50 })!.netMm).toBeCloseTo(10, 9)
  })

  it('is not given by a partial refill, before rain, nor far below the threshold of the crop', () => {
    expect(leachingOf(salts, { ...refill, netMm: 30 })!.netMm).toBe(0)
    expect(leachingOf(salts, { ...refill, rainHiMm: 12 })).toMatchObject({ netMm: 0, waits: 'rain' })
    expect(leachingOf({ ...salts, ecDsM: 1 }, refill)).toBeNull()
    expect(leachingOf({ ...salts, ecDsM: 4.2 }, refill)!.netMm).toBeCloseTo(5, 9)
    expect(leachingOf({ ...salts, ecDsM: 4.2, waterEcDsM: null }, refill)!.waits).toBe('no-water-ec')
    expect(leachingOf(salts, { ...refill, netMm: 0 })).toBeNull()
  })
})
