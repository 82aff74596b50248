import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../firmware-sim/random.ts'
import { soilColumn, type Demand, type Fluxes } from '../../../firmware-sim/field/soil.ts'
import {
  limitsOf,
  soilFromLimits,
  soils,
  vwcAtSuction,
  type SoilName,
} from '../../../firmware-sim/field/soils.ts'

const names = Object.keys(soils) as SoilName[]
const even = (name: SoilName) => [{ toM: 2, soil: soils[name] }]
const nothing: Demand = {
  waterMm: 0,
  evaporationMm: 0,
  transpirationMm: 0,
  rootDepthM: 0.6,
  halfSuctionM: 30,
}
const out = (f: Fluxes) => f.runoffMm + f.drainageMm + f.evaporationMm + f.transpirationMm

describe('the true soil', () => {
  it('conserves water: 150 extreme days in each pair of soils balance to a millionth of a millimetre', () => {
    for (const top of names)
      for (const below of ['sand', 'clay'] as const) {
        const column = soilColumn([
          { toM: 0.3, soil: soils[top] },
          { toM: 2, soil: soils[below] },
        ])
        const chance = random(`${top}/${below}`)
        const before = column.storageMm()
        let [came, went, least] = [0, 0, 0]
        for (let hour = 0; hour < 150 * 24; hour++) {
          const noon = Math.max(0, Math.sin((((hour % 24) - 6) / 12) * Math.PI))
          const fluxes = column.step(3600, {
            waterMm: chance.next() < 0.03 ? chance.gamma(1, 15) : 0,
            evaporationMm: 0.3 * noon,
            transpirationMm: 0.7 * noon,
            rootDepthM: 0.2 + hour / 4000,
            halfSuctionM: 30,
          })
          came += fluxes.waterMm
          went += out(fluxes)
          least = Math.min(least, ...Object.values(fluxes))
        }
        expect(least).toBe(0)
        expect(Math.abs(column.storageMm() - before - came + went), `${top} on ${below}`).toBeLessThan(1e-6)
      }
  })

  it('never stores more than its pores nor less than nothing, for any input', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.double({ min: 1, max: 500, noNaN: true }),
        fc.array(
          fc.record({
            waterMm: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 120, noNaN: true })),
            evaporationMm: fc.double({ min: 0, max: 2, noNaN: true }),
            transpirationMm: fc.double({ min: 0, max: 3, noNaN: true }),
          }),
          { maxLength: 40 },
        ),
        (name, startSuctionM, steps) => {
          const column = soilColumn(even(name), { startSuctionM })
          for (const step of steps) {
            column.step(3600, { ...nothing, ...step })
            for (let z = 0; z <= 1.6; z += 0.1) {
              expect(column.vwcAt(z)).toBeGreaterThan(0)
              expect(column.vwcAt(z)).toBeLessThanOrEqual(soils[name].saturation + 1e-12)
            }
          }
        },
      ),
      { numRuns: 60, seed: 4 },
    )
  })

  it('does not depend on the step: steps of 10 min and of 1 h agree within 2 mm after a month', () => {
    const run = (seconds: number) => {
      const column = soilColumn(even('loam'))
      let drained = 0
      for (let at = 0; at < 30 * 86_400; at += seconds)
        drained += column.step(seconds, {
          ...nothing,
          waterMm: at % (6 * 86_400) < 3600 ? (20 * seconds) / 3600 : 0,
          transpirationMm: (5 * seconds) / 86_400,
        }).drainageMm
      return [drained, column.storageMm()]
    }
    const [fine, coarse] = [run(600), run(3600)]
    expect(Math.abs(fine[0]! - coarse[0]!)).toBeLessThan(2)
    expect(Math.abs(fine[1]! - coarse[1]!)).toBeLessThan(2)
  })

  it('drains from saturation to near its field capacity in three days and slowly after (loam)', () => {
    const column = soilColumn(even('loam'), { startSuctionM: 0.1 })
    const after = (days: number) => {
      for (let h = 0; h < 24 * days; h++) column.step(3600, nothing)
      return column.vwcAt(0.3)
    }
    const threeDays = after(3)
    expect(threeDays).toBeLessThan(soils.loam.saturation - 0.05)
    expect(threeDays).toBeGreaterThan(limitsOf(soils.loam).fieldCapacity - 0.02)
    expect(threeDays - after(3)).toBeLessThan(0.03)
  })

  it('absorbs a storm in sand, with partial runoff on clay', () => {
    const storm = (name: SoilName) => soilColumn(even(name)).step(3600, { ...nothing, waterMm: 60 })
    expect(storm('sand').runoffMm).toBe(0)
    expect(storm('clay').runoffMm).toBeGreaterThan(20)
  })

  it('holds rain on the surface until it has infiltrated', () => {
    const column = soilColumn(even('clay'))
    column.step(3600, { ...nothing, waterMm: 40 })
    const pond = column.pondMm()
    expect(pond).toBeGreaterThan(0)
    for (let h = 0; h < 24; h++) column.step(3600, nothing)
    expect(column.pondMm()).toBe(0)
  })

  it('lifts water from wet ground to a dry surface', () => {
    const column = soilColumn([
      { toM: 0.2, soil: soils['silt-loam'] },
      { toM: 2, soil: soils['silt-loam'] },
    ])
    for (let h = 0; h < 24 * 20; h++) column.step(3600, { ...nothing, evaporationMm: 0.25 })
    const dry = column.vwcAt(0.025)
    for (let h = 0; h < 24 * 5; h++) column.step(3600, nothing)
    expect(column.vwcAt(0.025)).toBeGreaterThan(dry)
  })

  it('supplies a crop fully from wet soil and ever less as it dries', () => {
    const column = soilColumn(even('loam'))
    const daily: number[] = []
    for (let day = 0; day < 60; day++) {
      let drunk = 0
      for (let h = 0; h < 24; h++)
        drunk += column.step(3600, { ...nothing, transpirationMm: 0.25 }).transpirationMm
      daily.push(drunk)
    }
    expect(daily[0]).toBeCloseTo(6, 6)
    expect(daily[59]).toBeLessThan(2)
    for (let i = 1; i < 60; i++) expect(daily[i]).toBeLessThanOrEqual(daily[i - 1]! + 1e-9)
  })
})

describe('soils', () => {
  it('have the water of Clapp and Hornberger: loam holds 0.31 at 33 kPa and 0.15 at 1500 kPa', () => {
    const { fieldCapacity, wiltingPoint } = limitsOf(soils.loam)
    expect(fieldCapacity).toBeCloseTo(0.31, 2)
    expect(wiltingPoint).toBeCloseTo(0.155, 2)
  })

  it('can be created from a laboratory report, and then return the same values', () => {
    const limits = { fieldCapacity: 0.225, wiltingPoint: 0.106, saturation: 0.38 }
    const soil = soilFromLimits(limits, 25)
    for (const [key, value] of Object.entries(limits))
      expect(limitsOf(soil)[key as keyof typeof limits]).toBeCloseTo(value, 9)
    expect(vwcAtSuction(soil, 0.001)).toBe(0.38)
    expect(() => soilFromLimits({ ...limits, wiltingPoint: 0.3 }, 25)).toThrow('soil limits must rise')
  })
})
