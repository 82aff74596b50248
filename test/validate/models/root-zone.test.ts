import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cropOf } from '../../../services/agronomy/crops/catalogue.ts'
import { rootDepthM } from '../../../services/agronomy/crops/growth.ts'
import { profileDay, profileDepletionMm, profileState, type ProfileSoil } from './root-zone.ts'

const maize = cropOf('maize')!
const soil: ProfileSoil = {
  fieldCapacity: 0.25,
  wiltingPoint: 0.12,
  surface: { fieldCapacity: 0.25, wiltingPoint: 0.12, layerM: 0.1, rewMm: 9 },
}
const dry = {
  et0Mm: 0,
  rainMm: 0,
  irrigationMm: 0,
  wettedFraction: 1,
  climate: { windMps: 2, humidityMinPct: 45 },
}

describe('a field whose whole profile is known', () => {
  it('roots that grow into dry soil find it dry', () => {
    const young = profileState(
      (toM) => 1000 * (0.25 * Math.min(toM, 0.15) + 0.15 * Math.max(0, toM - 0.15)),
      soil,
      maize,
      0,
    )
    expect(young.depletionMm).toBeCloseTo(0, 9)
    expect(young.belowMm).toBeCloseTo(100 * (1 - 0.15), 9)
    let state = young
    for (let age = 1; age <= 40; age++) state = profileDay(state, dry, soil, maize, age, 1)
    const grownM = rootDepthM(maize, 40) - 0.15
    expect(state.depletionMm).toBeCloseTo(100 * grownM, 6)
    expect(profileDepletionMm(state)).toBeCloseTo(profileDepletionMm(young), 6)
  })

  it('water that drains out of the roots fills the soil below first', () => {
    const state = profileState((toM) => 150 * toM, soil, maize, 20)
    const next = profileDay(state, { ...dry, rainMm: state.depletionMm + 30 }, soil, maize, 20, 1)
    expect(next.depletionMm).toBeCloseTo(0, 9)
    expect(next.belowMm).toBeCloseTo(state.belowMm - 30, 9)
  })

  it('in any season the profile gains no more than its input, and every value is finite', () => {
    const day = fc.record({
      et0Mm: fc.double({ min: 0, max: 14, noNaN: true }),
      rainMm: fc.double({ min: 0, max: 120, noNaN: true }),
      irrigationMm: fc.double({ min: 0, max: 60, noNaN: true }),
    })
    fc.assert(
      fc.property(
        fc.array(day, { minLength: 1, maxLength: 170 }),
        fc.double({ min: 0.05, max: 0.45, noNaN: true }),
        fc.double({ min: 0.2, max: 2, noNaN: true }),
        (days, vwc, scale) => {
          let state = profileState((toM) => 1000 * vwc * toM, soil, maize, 0)
          days.forEach((one, i) => {
            const before = profileDepletionMm(state)
            state = profileDay(state, { ...dry, ...one }, soil, maize, i + 1, scale)
            expect(Object.values(state).every(Number.isFinite)).toBe(true)
            expect(state.depletionMm).toBeGreaterThanOrEqual(0)
            expect(before - profileDepletionMm(state)).toBeLessThanOrEqual(
              one.rainMm + one.irrigationMm + 1e-6,
            )
          })
        },
      ),
    )
  })
})
