/**
 * Golden numbers: two seasons of pyfao56 (USDA-ARS, CC0), FAO-56 chapter 7. Invariants: water in = water out + storage,
 * coefficients in their ranges, whatever the day.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dualDay, type DualInput, type DualState } from '../../../../services/agronomy/water/dual-day.ts'
import {
  coverOf,
  exposedWetOf,
  kcMaxOf,
  keOf,
  krOf,
  layerTranspirationOf,
  STANDARD_CLIMATE,
  tewMm,
  wettedFractionOf,
} from '../../../../services/agronomy/water/dual-kc.ts'
import { readDualSeason, runDualSeason } from '../../../validate/dual-season.ts'

const vectors = join(import.meta.dirname, '../../../vectors')
const names = ['cotton2013_dry', 'cotton2018_100']
const fileOf = (name: string) =>
  JSON.parse(readFileSync(join(vectors, `dual_kc_season_${name}.json`), 'utf8')) as {
    meta: Record<'tolerance' | 'independent_max_abs_difference', Record<string, number>>
  }

describe.each(names)('the season %s of pyfao56', (name) => {
  const file = fileOf(name)
  const season = readDualSeason(file)
  if (!season.ok) throw new Error(season.error)
  const got = runDualSeason(season.value)
  it.each(Object.keys(season.value.days[0]!.expected))('%s of every day', (state) => {
    // the file's ET0 has two decimals: its own second run differs by as much
    const { tolerance, independent_max_abs_difference: rounding } = file.meta
    const limit = Math.max(tolerance[state]!, rounding[state]!) + 1e-9
    const wrong = season.value.days.filter(
      ({ expected }, i) => !(Math.abs(got[i]![state]! - expected[state]!) <= limit),
    )
    expect(wrong.map(({ day }) => day)).toEqual([])
  })
})

describe('the evaporating layer', () => {
  it('Kc max is 1.20 in the climate of the tables, and at least Kcb + 0.05 (Eq. 72)', () => {
    expect(kcMaxOf(0.3, 0.3, STANDARD_CLIMATE)).toBe(1.2)
    expect(kcMaxOf(1.18, 2, STANDARD_CLIMATE)).toBeCloseTo(1.23, 9)
    expect(kcMaxOf(1.15, 2, { windMps: 4, humidityMinPct: 30 })).toBeCloseTo(1.323965, 6)
  })
  it('wind beyond 1-6 m/s and a humidity beyond 20-80 % are limited to the bound', () => {
    const at = (windMps: number, humidityMinPct: number) => kcMaxOf(0.3, 2, { windMps, humidityMinPct })
    expect(at(9, 45)).toBe(at(6, 45))
    expect(at(0, 45)).toBe(at(1, 45))
    expect(at(2, 5)).toBe(at(2, 20))
    expect(at(2, 95)).toBe(at(2, 80))
  })
  it('TEW of 0.10 m of loamy sand is 12 mm (Eq. 73)', () => {
    expect(tewMm({ fieldCapacity: 0.15, wiltingPoint: 0.06 }, 0.1)).toBeCloseTo(12, 9)
  })
  it('evaporation is unrestricted until REW is used, then decreases, and is 0 at TEW (Eq. 74)', () => {
    expect([8, 12, 18, 20, 25].map((De) => krOf(De, 20, 8))).toEqual([
      1,
      expect.closeTo(0.6667, 4),
      expect.closeTo(0.1667, 4),
      0,
      0,
    ])
    expect(krOf(3, 2, 2)).toBe(0)
  })
  it('the wetted fraction of a wetting is kept until the next; 3 mm of rain wet the whole surface', () => {
    const none = { mm: 0, wettedFraction: 0.5 }
    expect(wettedFractionOf(1, 0, { mm: 20, wettedFraction: 0.5 })).toBe(0.5)
    expect(wettedFractionOf(0.5, 0, none)).toBe(0.5)
    expect(wettedFractionOf(0.5, 2.9, none)).toBe(0.5)
    expect(wettedFractionOf(0.5, 3, none)).toBe(1)
  })
  it('only wet and exposed ground evaporates; drip under the canopy wets shaded ground (Eq. 75)', () => {
    expect(exposedWetOf(0.3, 1, false)).toBeCloseTo(0.7, 9)
    expect(exposedWetOf(0.3, 0.4, false)).toBe(0.4)
    expect(exposedWetOf(0.6, 0.4, true)).toBeCloseTo(0.24, 9)
  })
  it('bare ground has no cover, a closed crop covers at most 0.99 (Eq. 76)', () => {
    expect(coverOf(0.15, 0.15, 1.2, 0.05)).toBe(0)
    expect(coverOf(0.1, 0.15, 1.2, 0.05)).toBe(0)
    expect(coverOf(1.2, 0.15, 1.2, 0)).toBe(0.99)
  })
  it('Ke never exceeds the limit of the wet and exposed ground (Eq. 71)', () => {
    expect(keOf(1, 1.2, 0.2, 0.4)).toBeCloseTo(0.48, 9)
    expect(keOf(1, 1.2, 1.1, 0.9)).toBeCloseTo(0.1, 9)
  })
  it('roots of 0.3 m take half of their water from a layer of 0.1 m, and less as it dries', () => {
    const roots = { depletionMm: 0, tawMm: 40 }
    const kt = layerTranspirationOf({ depletionMm: 0, tewMm: 20 }, roots, 1 / 3)
    expect(kt).toBeCloseTo((1 / 3) ** 0.6, 9)
    expect(layerTranspirationOf({ depletionMm: 10, tewMm: 20 }, roots, 1 / 3)).toBeCloseTo(kt / 2, 9)
    expect(layerTranspirationOf({ depletionMm: 0, tewMm: 20 }, roots, 0)).toBe(0)
  })
})

const still: DualInput = {
  before: { depletionMm: 0, surfaceDepletionMm: 0, wettedFraction: 1 },
  kcb: 0.15,
  kcMin: 0.15,
  heightM: 0.05,
  climate: STANDARD_CLIMATE,
  tawMm: 100,
  pTable: 0.5,
  tewMm: 20,
  rewMm: 8,
  layerShare: 0,
  curveNumber: null,
  et0Mm: 5,
  dayShare: 1,
  rainMm: 0,
  irrigation: { mm: 0, wettedFraction: 1, isUnderCanopy: false },
  capillaryMm: 0,
}

describe('a day of the two stores', () => {
  it('bare, wet ground evaporates Kc max less Kcb; Dr and De both lose it (Eq. 69, 77, 85)', () => {
    const day = dualDay(still)
    expect(day.ke).toBeCloseTo(1.05, 9)
    expect(day.evaporationMm).toBeCloseTo(5.25, 9)
    expect(day.etcMm).toBeCloseTo(6, 9)
    expect(day.surfaceDepletionMm).toBeCloseTo(5.25, 9)
    expect(day.depletionMm).toBeCloseTo(6, 9)
  })
  it('evaporation from half of the surface dries that half twice as far: De is divided by few', () => {
    const half = { ...still, before: { ...still.before, wettedFraction: 0.5 } }
    const day = dualDay(half)
    expect(day.evaporationMm).toBeCloseTo(0.5 * 1.2 * 5, 9) // few Kc max
    expect(day.surfaceDepletionMm).toBeCloseTo(day.evaporationMm / 0.5, 9)
  })
  it('water on half of the surface wets it twice as deep: irrigation is divided by fw', () => {
    const dry = { depletionMm: 60, surfaceDepletionMm: 20, wettedFraction: 1 }
    const irrigation = { mm: 8, wettedFraction: 0.5, isUnderCanopy: false }
    expect(dualDay({ ...still, before: dry, et0Mm: 0, irrigation })).toMatchObject({
      surfaceDepletionMm: 4,
      depletionMm: 52,
      wettedFraction: 0.5,
    })
  })
  it('Dr is unchanged when roots grow: the new soil is taken at field capacity', () => {
    const before = { depletionMm: 30, surfaceDepletionMm: 20, wettedFraction: 1 }
    expect(dualDay({ ...still, before, et0Mm: 0, tawMm: 200 }).depletionMm).toBe(30)
  })
  it('p is that of the table at 5 mm/d, and stays inside 0.1-0.8', () => {
    const p = (et0Mm: number, pTable = 0.5) => dualDay({ ...still, et0Mm, pTable, kcb: 0 }).rawMm / 100
    const atFive = 5 / 1.2 // the surface alone takes Kc max
    expect(p(atFive)).toBeCloseTo(0.5, 9)
    expect(p(0)).toBeCloseTo(0.7, 9)
    expect(p(30)).toBe(0.1)
    expect(p(0, 0.75)).toBe(0.8)
  })
  it('a stressed crop transpires less while wet ground evaporates on (Eq. 80)', () => {
    const before = { depletionMm: 75, surfaceDepletionMm: 0, wettedFraction: 1 }
    const day = dualDay({ ...still, before, kcb: 0.6 })
    expect(day.ks).toBeLessThan(1)
    expect(day.etaMm).toBeCloseTo(day.ks * 0.6 * 5 + day.evaporationMm, 9)
    expect(day.evaporationMm).toBeCloseTo(day.ke * 5, 9)
  })
  it('capillary rise fills the depletion and no more', () => {
    const before = { depletionMm: 6, surfaceDepletionMm: 20, wettedFraction: 1 }
    const day = dualDay({ ...still, before, et0Mm: 0, capillaryMm: 9 })
    expect(day).toMatchObject({ capillaryMm: 6, depletionMm: 0, deepPercolationMm: 0 })
  })
  it('rejects an input that is not a number instead of propagating it', () => {
    expect(() => dualDay({ ...still, et0Mm: NaN })).toThrow(RangeError)
    expect(() => dualDay({ ...still, rainMm: Infinity })).toThrow(RangeError)
  })
})

const share = fc.double({ min: 0, max: 1, noNaN: true })
const upTo = (max: number) => fc.double({ min: 0, max, noNaN: true })
const anyDay = fc.record({
  kcb: upTo(1.4),
  kcMin: upTo(0.4),
  heightM: upTo(8),
  climate: fc.record({ windMps: upTo(30), humidityMinPct: upTo(100) }),
  tawMm: upTo(300),
  pTable: upTo(1),
  tewMm: upTo(40),
  rewMm: upTo(15),
  layerShare: share,
  curveNumber: fc.option(upTo(100)),
  et0Mm: upTo(15),
  dayShare: share,
  rainMm: upTo(300),
  irrigation: fc.record({ mm: upTo(100), wettedFraction: share, isUnderCanopy: fc.boolean() }),
  capillaryMm: upTo(20),
})
const start = fc.record({
  root: share,
  surface: share,
  wettedFraction: fc.double({ min: 0.01, max: 1, noNaN: true }),
})

describe('any season', () => {
  it('water in = water out + storage, and every state stays in its range', () => {
    fc.assert(
      fc.property(start, fc.array(anyDay, { minLength: 1, maxLength: 40 }), (begin, days) => {
        const [{ tawMm: taw, tewMm: tew }] = days as [(typeof days)[number]]
        let state: DualState = {
          depletionMm: begin.root * taw,
          surfaceDepletionMm: begin.surface * tew,
          wettedFraction: begin.wettedFraction,
        }
        const first = state.depletionMm
        let [inMm, outMm] = [0, 0]
        for (const weather of days) {
          // one soil a season
          const day = dualDay({ ...weather, tawMm: taw, tewMm: tew, before: state })
          inMm += weather.rainMm + weather.irrigation.mm + day.capillaryMm
          outMm += day.runoffMm + day.etaMm + day.deepPercolationMm
          for (const part of [day.ks, day.kr, day.cover, day.exposedWet, day.wettedFraction]) {
            expect(part).toBeGreaterThanOrEqual(0)
            expect(part).toBeLessThanOrEqual(1)
          }
          expect(day.ke).toBeGreaterThanOrEqual(0)
          expect(day.ke).toBeLessThanOrEqual(day.kcMax)
          expect(day.runoffMm).toBeLessThanOrEqual(weather.rainMm)
          expect(day.etaMm).toBeLessThanOrEqual(day.etcMm + 1e-9)
          expect(day.evaporationMm).toBeLessThanOrEqual(day.etaMm + 1e-9)
          expect(day.depletionMm).toBeLessThanOrEqual(taw + 1e-9)
          expect(day.surfaceDepletionMm).toBeLessThanOrEqual(tew)
          expect(
            Math.min(day.depletionMm, day.surfaceDepletionMm, day.effectiveRainMm),
          ).toBeGreaterThanOrEqual(0)
          expect(Object.values(day).every(Number.isFinite)).toBe(true)
          state = day
        }
        expect(Math.abs(inMm - outMm - (first - state.depletionMm))).toBeLessThan(1e-6)
      }),
    )
  })
})
