/** The simulated truth of the loop bench: it conserves water, and its crop suffers where and when it should. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { declinedCover, grownCover } from '../../bench/loop/canopy.ts'
import { climates, type Climate } from '../../bench/loop/climates.ts'
import { cotton, maize, potato, wheat, type LoopCrop } from '../../bench/loop/crops.ts'
import { simulateDay, yieldTHa, type Field, type TrueDay } from '../../bench/loop/field.ts'
import { flowersBetween, referenceIndex } from '../../bench/loop/harvest.ts'
import { drain, infiltrate, loopSoil, runoffMm, storageMm } from '../../bench/loop/soil.ts'
import { bareField } from '../../bench/loop/state.ts'
import { stress, stressCurve, thresholdShift } from '../../bench/loop/stress.ts'

const climate = (name: string): Climate => climates.find((one) => one.name === name)!
const sandyLoam = loopSoil({
  saturation: 0.41,
  fieldCapacity: 0.22,
  wiltingPoint: 0.1,
  kSatMmD: 1200,
  curveNumber: 61,
})
const summer: TrueDay = { tMinC: 14, tMaxC: 29, rainMm: 0, et0Mm: 6 }

/** A season of the same dry day, watered by a rule of growing degrees and depletion. */
function grownWith(field: Field, water: (heatCd: number, age: number) => number, day = summer) {
  const state = bareField(field.soil.fieldCapacity, field.crop.rootMaxM)
  while (!state.isRipe) simulateDay(field, state, day, water(state.heatCd, state.age))
  return { state, tHa: yieldTHa(field.crop, state) }
}

describe('the soil of the closed loop', () => {
  it('neither makes nor loses water, whatever falls on whatever grows', () => {
    const day = fc.record({
      tMinC: fc.double({ min: -5, max: 25, noNaN: true }),
      rise: fc.double({ min: 1, max: 20, noNaN: true }),
      rainMm: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 180, noNaN: true })),
      et0Mm: fc.double({ min: 0, max: 12, noNaN: true }),
      irrigationMm: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 80, noNaN: true })),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...climates),
        fc.double({ min: 0.05, max: 0.46, noNaN: true }),
        fc.array(day, { minLength: 120, maxLength: 200 }),
        ({ soil, crop }, vwc, days) => {
          const state = bareField(Math.min(vwc, soil.saturation), crop.rootMaxM)
          const startMm = storageMm(state.theta)
          for (const { rise, irrigationMm, ...one } of days)
            simulateDay({ soil, crop }, state, { ...one, tMaxC: one.tMinC + rise }, irrigationMm)
          const outMm = state.runoffMm + state.drainageMm + state.evaporationMm + state.transpirationMm
          const inMm = state.rainMm + state.irrigationMm
          expect(Math.abs(startMm + inMm - outMm - storageMm(state.theta))).toBeLessThan(1e-9 * (1 + inMm))
          for (const theta of state.theta) {
            expect(theta).toBeLessThanOrEqual(soil.saturation + 1e-12)
            expect(theta).toBeGreaterThanOrEqual(Math.min(vwc, soil.wiltingPoint / 2) - 1e-12)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('drains a saturated column to field capacity and no further', () => {
    const theta = bareField(sandyLoam.saturation, 2.3).theta
    let out = 0
    for (let i = 0; i < 400; i++) out += drain(sandyLoam, theta)
    for (const one of theta) expect(one).toBeCloseTo(sandyLoam.fieldCapacity, 2)
    expect(out).toBeGreaterThan(0.95 * 0.19 * 2300)
    expect(drain(sandyLoam, bareField(sandyLoam.fieldCapacity, 2.3).theta)).toBe(0)
  })

  it('takes a run into a dry soil from the top, and lets a wet one pass it on', () => {
    const dry = bareField(0.12, 2.3).theta
    expect(infiltrate(sandyLoam, dry, 30)).toEqual({ refusedMm: 0, drainageMm: 0 })
    expect(dry[0]).toBeGreaterThan(sandyLoam.fieldCapacity)
    expect(dry[5]).toBe(0.12)
    const full = bareField(sandyLoam.saturation, 2.3).theta
    expect(infiltrate(sandyLoam, full, 30).drainageMm).toBeCloseTo(30, 9)
  })

  it('runs off more from wet ground, none from a shower, and follows the curve number', () => {
    const at = (vwc: number, mm: number) => runoffMm(sandyLoam, bareField(vwc, 2.3).theta, mm)
    expect(at(0.16, 5)).toBe(0)
    expect(at(0.22, 60)).toBeGreaterThan(at(0.1, 60))
    // half wet: CN 61 as it stands; S = 254 (100/61 - 1) = 162.4 mm; (60 - 8.12)² / (60 + 154.3)
    expect(at(0.16, 60)).toBeCloseTo(12.56, 1)
  })
})

describe('the stress curves', () => {
  it('are 1 above, 0 below, and convex between', () => {
    const curve = stressCurve(0.5, 1, 3)
    expect([0.3, 0.5, 1, 1.2].map((share) => stress(curve, share, 0))).toEqual([1, 1, 0, 0])
    // 1 - (e^1.5 - 1) / (e^3 - 1)
    expect(stress(curve, 0.75, 0)).toBeCloseTo(0.8176, 4)
    expect(stress(stressCurve(0.5, 1, 0), 0.75, 0)).toBe(0.5)
  })

  it('begin earlier on a day of thirsty air', () => {
    expect(thresholdShift(0.5, 5)).toBe(0)
    expect(thresholdShift(0.5, 8)).toBeLessThan(0)
    expect(thresholdShift(0.5, 2)).toBeGreaterThan(0)
  })
})

describe('the canopy', () => {
  it.each([maize, wheat, potato, cotton])(
    'of $name grows by steps as the closed form does',
    (crop: LoopCrop) => {
      const { coverStart, coverMost, growthPerCd } = crop
      let cover = coverStart
      for (let cd = 1; cd <= 900; cd++) {
        cover = grownCover(crop, cover, 1, 1)
        const young = coverStart * Math.exp(growthPerCd * cd)
        const half = Math.log(coverMost / 2 / coverStart) / growthPerCd
        const old = coverMost - (coverMost / 2) * Math.exp(-growthPerCd * (cd - half))
        expect(cover).toBeCloseTo(young <= coverMost / 2 ? young : old, 6)
      }
      expect(grownCover(crop, 0.3, 12, 0)).toBe(0.3)
    },
  )

  it('declines as FAO Paper 66 has it, by any step', () => {
    const from = 0.9
    const closed = from * (1 - 0.05 * Math.expm1(((3.33 * maize.declinePerCd) / (from + 2.29)) * 120))
    let cover = from
    for (let i = 0; i < 12; i++) cover = declinedCover(maize, cover, from, 10, 1)
    expect(cover).toBeCloseTo(closed, 9)
    expect(declinedCover(maize, 0.01, from, 500, 1)).toBe(0)
  })
})

describe('the harvest', () => {
  it.each([maize, wheat, potato, cotton])('of $name rises to its index and stays', (crop: LoopCrop) => {
    const at = [0, 0.25, 0.5, 0.75, 1, 1.5].map((share) => referenceIndex(crop, share * crop.yieldLengthCd))
    expect(at).toEqual([...at].sort((a, b) => a - b))
    expect(at[0]).toBe(0)
    expect(at[4]! / crop.harvestIndex).toBeGreaterThan(0.97)
    expect(at[5]).toBe(at[4])
  })

  it('opens all flowers once', () => {
    let sum = 0
    for (let i = -5; i < 25; i++) sum += flowersBetween(i / 20, (i + 1) / 20)
    expect(sum).toBeCloseTo(1, 12)
  })

  it('loses what was not pollinated and what closed stomata cost, and gains from stressed leaves up to a limit', () => {
    const ripe = {
      ...bareField(0.2, 2.3),
      biomassG: 2000,
      harvestIndex: 0.48,
      pollinated: 1.5,
      formedCd: 700,
    }
    const of = (part: Partial<typeof ripe>) => yieldTHa(maize, { ...ripe, stomataSum: 700, ...part })
    expect(of({})).toBeCloseTo(9.6, 9)
    expect(of({ pollinated: 0.5 })).toBeCloseTo(4.8, 9)
    expect(of({ stomataSum: 560 })).toBeCloseTo(0.8 * 9.6, 9)
    expect(of({ leafCd: 100, leafSum: 107 })).toBeCloseTo(1.01 * 9.6, 9)
    expect(of({ leafCd: 700, leafSum: 1400 })).toBeCloseTo(1.15 * 9.6, 9)
    expect(of({ formedCd: 0 })).toBe(0)
  })

  it('is not set where the flowers open in dry soil', () => {
    // flowers in soil at its wilting point, the rest of the season moist
    const pollinated = (dry: boolean) => {
      const field = { soil: sandyLoam, crop: maize }
      const state = bareField(sandyLoam.fieldCapacity, maize.rootMaxM)
      while (!state.isRipe) {
        const isFlowering = state.heatCd > maize.floweringCd - 20 && state.heatCd < maize.floweringCd + 200
        if (dry && isFlowering) state.theta.fill(sandyLoam.wiltingPoint + 0.002)
        simulateDay(field, state, summer, dry && isFlowering ? 0 : 7)
      }
      return state.pollinated
    }
    expect(pollinated(false)).toBeCloseTo(1.5, 6)
    expect(pollinated(true)).toBeLessThan(0.3)
  })

  it('is worth less with thirst, and thirst at flowering costs more than the same at the end', () => {
    const field = { soil: sandyLoam, crop: maize }
    const wet = grownWith(field, () => 7).tHa
    const without = (fromCd: number, toCd: number) =>
      grownWith(field, (heatCd) => (heatCd >= fromCd && heatCd < toCd ? 0 : 7)).tHa
    const never = grownWith(field, () => 0).tHa
    const flowering = without(500, 1000)
    const end = without(1250, 1750)
    expect(wet).toBeGreaterThan(11)
    expect(wet).toBeLessThan(17)
    expect(never).toBeLessThan(0.7 * wet)
    expect(flowering).toBeLessThan(0.95 * wet)
    expect(end).toBeGreaterThan(0.98 * wet)
  })

  it('of a desert without irrigation is next to nothing', () => {
    const { soil, crop } = climate('phoenix-cotton')
    const day = { tMinC: 24, tMaxC: 40, rainMm: 0, et0Mm: 8.5 }
    const dry = bareField(soil.wiltingPoint + 0.3 * (soil.fieldCapacity - soil.wiltingPoint), crop.rootMaxM)
    while (!dry.isRipe) simulateDay({ soil, crop }, dry, day, 0)
    const { tHa } = grownWith({ soil, crop }, () => 10, day)
    expect(yieldTHa(crop, dry)).toBeLessThan(0.1 * tHa)
    expect(tHa).toBeGreaterThan(3)
  })

  it('decreases where roots are waterlogged', () => {
    const { soil, crop } = climate('deccan-maize')
    const moist = grownWith({ soil, crop }, () => 8).tHa
    const drowned = grownWith({ soil, crop }, () => 220).tHa
    expect(drowned).toBeLessThan(0.9 * moist)
  })

  it('transpires no more than the atmospheric demand and its canopy allow', () => {
    const { state } = grownWith({ soil: sandyLoam, crop: maize }, () => 7)
    expect(state.transpirationMm).toBeLessThan(1.05 * 6 * state.age)
    expect(state.biomassG).toBeLessThanOrEqual((maize.waterProductivity * state.transpirationMm) / 6 + 1e-9)
    expect(state.stressDays).toBe(0)
  })
})
