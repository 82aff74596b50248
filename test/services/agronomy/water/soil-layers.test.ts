/** A cascade of buckets: by hand, and water in = water out + storage. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  layerDepletionMm,
  layersAround,
  layersDay,
  layerTawMm,
  type LayersInput,
  type SoilLayer,
} from '../../../../services/agronomy/water/soil-layers.ts'

const loam = { fieldCapacity: 0.25, wiltingPoint: 0.12 }
const sand = { fieldCapacity: 0.12, wiltingPoint: 0.05 }
const layers = layersAround([60, 10, 30], 0.8, (cm) => (cm > 40 ? sand : loam))

describe('layers around sensors', () => {
  it('each extends half way to the next, the lowest to the roots', () => {
    expect(layers.map(({ fromM, toM }) => [fromM, toM])).toEqual([
      [0, 0.2],
      [0.2, 0.45],
      [0.45, 0.8],
    ])
    expect(layers.map(layerTawMm)).toEqual([26, 32.5, 24.5].map((mm) => expect.closeTo(mm, 9) as number))
  })
  it('a sensor below the roots and a duplicate add no layer', () => {
    expect(layersAround([10, 10, 90], 0.8, () => loam)).toHaveLength(1)
    expect(layersAround([], 0.8, () => loam)).toEqual([])
  })
  it("has its sensor's deficit to field capacity, at most its capacity", () => {
    expect(layerDepletionMm(layers[0]!, 0.2)).toBeCloseTo(10, 9)
    expect(layerDepletionMm(layers[0]!, 0.4)).toBe(0)
    expect(layerDepletionMm(layers[0]!, 0.01)).toBeCloseTo(26, 9)
  })
})

const still: LayersInput = {
  layers,
  depletionMm: [10, 10, 10],
  rootDepthM: 0.8,
  p: 0.5,
  inMm: 0,
  evaporationMm: 0,
  transpirationMm: 0,
}

describe('a day of layers', () => {
  it('water fills them from above: 25 mm fill two and half of the third, 40 mm drain 10', () => {
    expect(layersDay({ ...still, inMm: 25 })).toMatchObject({ depletionMm: [0, 0, 5], deepPercolationMm: 0 })
    expect(layersDay({ ...still, inMm: 40 })).toMatchObject({ depletionMm: [0, 0, 0], deepPercolationMm: 10 })
  })
  it('roots take 40 % from their upper quarter, 70 % from their upper half', () => {
    const day = layersDay({ ...still, depletionMm: [0, 0, 0], transpirationMm: 5 })
    expect(day.depletionMm[0]).toBeCloseTo(2, 9)
    expect(day.transpirationMm).toBeCloseTo(5, 9)
  })
  it('lower layers compensate for a dry top layer, until most roots are in dry soil', () => {
    const dryTop = layersDay({ ...still, depletionMm: [26, 0, 0], transpirationMm: 5 })
    expect(dryTop).toMatchObject({ ks: 1, depletionMm: [26, expect.any(Number), expect.any(Number)] })
    const dryAbove = layersDay({ ...still, depletionMm: [26, 32.5, 0], transpirationMm: 5 })
    expect(dryAbove.ks).toBeLessThan(1)
    expect(dryAbove.ks).toBeGreaterThan(0)
    expect(layersDay({ ...still, depletionMm: layers.map(layerTawMm), transpirationMm: 5 })).toMatchObject({
      ks: 0,
      transpirationMm: 0,
    })
  })
  it('evaporation dries the topmost layer alone, as far as it has water', () => {
    expect(layersDay({ ...still, evaporationMm: 4 }).depletionMm).toEqual([14, 10, 10])
    expect(layersDay({ ...still, evaporationMm: 40 }).evaporationMm).toBeCloseTo(16, 9)
  })
  it('water in = water out + storage, each layer within its capacity, in any season', () => {
    const upTo = (max: number) => fc.double({ min: 0, max, noNaN: true })
    const layer = fc.record({
      thick: fc.double({ min: 0.05, max: 0.6, noNaN: true }),
      wp: upTo(0.2),
      held: upTo(0.2),
    })
    const weather = fc.record({
      inMm: upTo(80),
      evaporationMm: upTo(8),
      transpirationMm: upTo(10),
      rootDepthM: fc.double({ min: 0.1, max: 2, noNaN: true }),
      p: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(layer, { maxLength: 5 }),
        upTo(1),
        fc.array(weather, { minLength: 1, maxLength: 30 }),
        (shapes, share, days) => {
          const soil: SoilLayer[] = []
          for (const { thick, wp, held } of shapes) {
            const fromM = soil.at(-1)?.toM ?? 0
            soil.push({ fromM, toM: fromM + thick, wiltingPoint: wp, fieldCapacity: wp + held })
          }
          let depletionMm = soil.map((one) => share * layerTawMm(one))
          const total = (all: readonly number[]) => all.reduce((sum, mm) => sum + mm, 0)
          const before = total(depletionMm)
          let [inMm, outMm] = [0, 0]
          for (const each of days) {
            const day = layersDay({ ...each, layers: soil, depletionMm })
            inMm += each.inMm
            outMm += day.evaporationMm + day.transpirationMm + day.deepPercolationMm
            expect(day.ks).toBeGreaterThanOrEqual(0)
            expect(day.ks).toBeLessThanOrEqual(1)
            expect(day.transpirationMm).toBeLessThanOrEqual(each.transpirationMm + 1e-9)
            for (const [i, mm] of day.depletionMm.entries()) {
              expect(mm).toBeGreaterThanOrEqual(0)
              expect(mm).toBeLessThanOrEqual(layerTawMm(soil[i]!) + 1e-9)
            }
            depletionMm = day.depletionMm
          }
          expect(Math.abs(inMm - outMm - (before - total(depletionMm)))).toBeLessThan(1e-6)
        },
      ),
    )
  })
})
