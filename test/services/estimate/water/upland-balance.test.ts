/** The water of an upland field by FAO-56 chapters 7 and 8; by hand where a number is given. */
import { describe, expect, it } from 'vitest'
import { crops } from '../../../../services/agronomy/crops/catalogue.ts'
import { wettingOf } from '../../../../services/estimate/water/irrigation-depth.ts'
import { waterTableOf } from '../../../../services/estimate/days/field-day.ts'
import {
  correctedSurfaceMm,
  meanKcAhead,
  uplandWaterDay,
  type StateBefore,
  type Ground,
} from '../../../../services/estimate/water/upland-balance.ts'
import { zoneRow } from '../farm.ts'

const ground: Ground = {
  crop: crops.maize,
  days: 10,
  rootDepthM: 0.3,
  texture: 'loam',
  limits: { fieldCapacity: 0.25, wiltingPoint: 0.12 }, // TAW 39 mm, TEW 19 mm, REW 9 mm
  wetting: wettingOf([]),
  climate: undefined,
}
const wet: StateBefore = { depletionMm: 0, surfaceDepletionMm: 0, wettedFraction: 1 }
const dry: StateBefore = { depletionMm: 30, surfaceDepletionMm: 19, wettedFraction: 1 }
const sunny = { et0Mm: 5, dayShare: 1, rainMm: 0, irrigationMm: 0, waterTableM: null }

describe('the water of an upland field', () => {
  it('a seedling on wet ground: the ground evaporates seven times as much as the plant transpires', () => {
    const water = uplandWaterDay(ground, wet, sunny)
    expect(water).toMatchObject({ kcb: 0.15, ks: 1, runoffMm: 0, capillaryMm: null, deepPercolationMm: 0 })
    expect(water.kc).toBeCloseTo(1.2, 9)
    expect(water.evaporationMm).toBeCloseTo(5.25, 9)
    expect(water.etaMm).toBeCloseTo(6, 9)
  })
  it('half a day uses half, with the stress of the whole day', () => {
    const half = uplandWaterDay(ground, wet, { ...sunny, dayShare: 0.5 })
    expect(half.etaMm).toBeCloseTo(3, 9)
    expect(half.rawMm).toBeCloseTo(uplandWaterDay(ground, wet, sunny).rawMm, 9)
  })
  it('drip on a third of the ground evaporates a third of what a sprinkler does', () => {
    const drip = wettingOf([zoneRow({ method: 'drip', wettedFraction: 0.3 })])
    const after = (wetting: Ground['wetting']) =>
      uplandWaterDay({ ...ground, wetting }, dry, { ...sunny, irrigationMm: 20 })
    const next = (wetting: Ground['wetting']) => uplandWaterDay({ ...ground, wetting }, after(wetting), sunny)
    expect(after(drip).wettedFraction).toBe(0.3)
    expect(next(drip).evaporationMm).toBeCloseTo(0.3 * 1.2 * 5, 9)
    expect(next(drip).evaporationMm!).toBeLessThan(next(wettingOf([zoneRow()])).evaporationMm!)
  })
  it('rain on a day of drip wets the ground between the drippers as well, by its share of the water', () => {
    const drip = wettingOf([zoneRow({ method: 'drip', wettedFraction: 0.3 })])
    const fwAfter = (rainMm: number) =>
      uplandWaterDay({ ...ground, wetting: drip }, dry, { ...sunny, rainMm, irrigationMm: 5 }).wettedFraction
    expect(fwAfter(0)).toBe(0.3)
    expect(fwAfter(2.9)).toBe(0.3) // less than 3 mm do not wet the surface
    expect(fwAfter(15)).toBeCloseTo((5 * 0.3 + 15) / 20, 9)
  })
  it('zones of a field count by their area', () => {
    const zones = [
      zoneRow({ areaM2: 3000, method: 'drip', wettedFraction: 0.4 }),
      zoneRow({ areaM2: 1000, wettedFraction: 1 }),
    ]
    expect(wettingOf(zones)).toEqual({
      wettedFraction: expect.closeTo(0.55, 9) as number,
      isUnderCanopy: true,
      isBunded: false,
    })
  })
  it('60 mm of rain run off a loam in part; a basin keeps them all', () => {
    const storm = { ...sunny, rainMm: 60 }
    expect(uplandWaterDay(ground, dry, storm).runoffMm).toBeGreaterThan(0)
    const basin = wettingOf([zoneRow({ method: 'flood' })])
    expect(uplandWaterDay({ ...ground, wetting: basin }, dry, storm).runoffMm).toBe(0)
  })
  it('a water table at one metre supplies dry roots; wet ones take nothing', () => {
    expect(waterTableOf(-1000)).toBe(1)
    expect(waterTableOf(40)).toBeNull()
    const shallow = { ...sunny, waterTableM: 1 }
    expect(uplandWaterDay(ground, dry, shallow).capillaryMm).toBeGreaterThan(1)
    expect(uplandWaterDay(ground, wet, shallow).capillaryMm).toBe(0)
    const noon = uplandWaterDay(ground, dry, { ...shallow, dayShare: 0.5 })
    expect(noon.capillaryMm).toBeCloseTo(uplandWaterDay(ground, dry, shallow).capillaryMm! / 2, 9)
    expect(uplandWaterDay(ground, dry, { ...sunny, waterTableM: 5 }).capillaryMm!).toBeLessThan(0.25)
  })
  it('without a Kcb the single Kc is used, with the same account of water', () => {
    const water = uplandWaterDay(ground, dry, { ...sunny, rainMm: 60 }, null)
    expect(water).toMatchObject({ kc: 0.3, kcb: null, ke: null, surfaceDepletionMm: null })
    const outMm = water.runoffMm + water.etaMm + water.deepPercolationMm
    expect(outMm + dry.depletionMm - water.depletionMm).toBeCloseTo(60, 9)
  })
})

describe('the surface with a corrected depletion', () => {
  const at = (depletionMm: number, surfaceDepletionMm: number, wettedFraction = 1) =>
    correctedSurfaceMm(ground, { surfaceDepletionMm, wettedFraction }, depletionMm)
  it('has no depletion where the root zone has none', () => expect(at(0, 15)).toBe(0))
  it('is at the wilting point at least where the roots are', () => expect(at(39, 2)).toBeCloseTo(13, 9))
  it('is unchanged where both are consistent', () => expect(at(20, 10)).toBe(10))
  it('may have a larger depletion on the wetted strip', () => expect(at(5, 15, 0.5)).toBe(10))
})

it("Kc ahead of a wet field lies between today's and that of the plants alone", () => {
  const today = uplandWaterDay(ground, wet, sunny)
  const ahead = meanKcAhead(ground, wet, 5, today.kcb)
  expect(ahead).toBeLessThan(today.kc)
  expect(ahead).toBeGreaterThan(today.kcb!)
  expect(meanKcAhead(ground, dry, 5, today.kcb)).toBeCloseTo(0.15, 1)
})
