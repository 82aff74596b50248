import { describe, expect, it } from 'vitest'
import { crops } from '../../../services/agronomy/crops/catalogue.ts'
import { canopyOf } from '../../../services/irrigation-model/canopy.ts'
import { stressOf } from '../../../services/irrigation-model/crop-stress.ts'
import { advanceEnsemble } from '../../../services/irrigation-model/ensemble-day.ts'
import { deficitBetween, meanMember, rootsOf } from '../../../services/irrigation-model/ensemble-members.ts'
import { assimilateReading, unprobedAt } from '../../../services/irrigation-model/ensemble-reading.ts'
import {
  param,
  PARAM_COUNT,
  createEnsemble,
  forgetReadings,
  ensembleLayers,
  defaultPrior,
  thicknessMm,
  type FieldEnsemble,
} from '../../../services/irrigation-model/field-ensemble.ts'

const crop = crops.maize
const canopy = canopyOf(crop)
const stress = stressOf(crop)
const sandyLoam = { fieldCapacity: 0.22, wiltingPoint: 0.1 }
const rootDepthAt = (ageD: number) => Math.min(1.6, 0.3 + ageD / 50)

function field({ toM = 2, vwc = 0.22 } = {}): FieldEnsemble {
  const layers = ensembleLayers(toM, () => sandyLoam)
  return createEnsemble(
    layers,
    [0.2, 0.5],
    { vwc, sd: 0.005 },
    { canopy, prior: defaultPrior(crop, 2, 0) },
    7,
  )
}

/** A day without rain on a stand that covers the ground, at an age at which roots go to 1.6 m. */
function dryDay(on: FieldEnsemble, more: { rainMm?: number; ageD?: number; saltKs?: number } = {}): void {
  advanceEnsemble(on, {
    ageD: more.ageD ?? 75,
    days: 1,
    et0Mm: 6,
    surface: { tewMm: 25, rewMm: 6 },
    wettedFraction: 1,
    rainMm: more.rainMm ?? 0,
    irrigationMm: 0,
    isMetered: true,
    rootDepthAt,
    stress,
    saltKs: more.saltKs ?? 1,
  })
}
const covered = (on: FieldEnsemble): void => {
  for (const state of on.states) state[on.layers.length + param.cover] = 0.95
}

describe('a day of the ensemble of a field', () => {
  describe('root uptake', () => {
    /** Mean mm that a day takes of the soil above 0.35 m and below 0.65 m, where all members share their uptake in this way. */
    function takenWith(uptake: number): { topMm: number; deepMm: number; allMm: number } {
      const on = field()
      covered(on)
      for (const state of on.states) state[on.layers.length + param.uptake] = uptake
      const parts = () => [
        deficitBetween(on, 0, 0.35),
        deficitBetween(on, 0.65, 1.6),
        deficitBetween(on, 0, 2),
      ]
      const before = parts()
      dryDay(on)
      const [topMm, deepMm, allMm] = parts().map((mm, i) => mm - before[i]!)
      return { topMm: topMm!, deepMm: deepMm!, allMm: allMm! }
    }

    it('of wet soil is near the surface from the top down, and at every depth in proportion', () => {
      const [topDown, half, inProportion] = [takenWith(0), takenWith(0.5), takenWith(1)]
      expect(topDown.topMm).toBeGreaterThan(4)
      // the layers' own noise alone
      expect(topDown.deepMm).toBeLessThan(1)
      expect(inProportion.deepMm).toBeGreaterThan(2)
      // the layers have errors of their own
      expect(half.topMm).toBeCloseTo((topDown.topMm + inProportion.topMm) / 2, 1)
      expect(half.deepMm).toBeCloseTo((topDown.deepMm + inProportion.deepMm) / 2, 1)
    })

    it('is as much in both, as long as the soil gives it', () => {
      expect(takenWith(1).allMm).toBeCloseTo(takenWith(0).allMm, 1)
    })

    it('differs between the members of a field, and readings change it', () => {
      const on = field()
      covered(on)
      const shares = () => on.states.map((state) => state[on.layers.length + param.uptake]!)
      const before = shares()
      expect(Math.min(...before)).toBe(0)
      expect(Math.max(...before)).toBeGreaterThan(0.5)
      const mean = (of: readonly number[]) => of.reduce((sum, share) => sum + share, 0) / of.length
      for (let i = 0; i < 12; i++) {
        dryDay(on)
        // the upper soil stays wet and the lower one dries: roots take water at depth
        assimilateReading(on, 0, 0.2)
        assimilateReading(on, 1, 0.15)
      }
      expect(mean(shares())).toBeGreaterThan(mean(before) + 0.05)
    })

    it('reaches ever deeper as the soil dries', () => {
      const on = field()
      covered(on)
      for (let i = 0; i < 21; i++) dryDay(on)
      expect(deficitBetween(on, 0.65, 1.6)).toBeGreaterThan(15)
      expect(deficitBetween(on, 0, 0.3)).toBeGreaterThan(deficitBetween(on, 0.9, 1.2))
    })
  })

  describe('rain', () => {
    /** Mean mm that arrive between two depths on dry soil. */
    function arrivedMm(rainMm: number, fromM: number, toM: number): number {
      const lacking = (mm: number): number => {
        const on = field({ vwc: 0.12 })
        dryDay(on, { ageD: 1, rainMm: mm })
        return deficitBetween(on, fromM, toM)
      }
      return lacking(0) - lacking(rainMm)
    }

    it('reaches deeper before the upper soil is full, and none is lost', () => {
      // the upper 25 cm lack 25 mm
      expect(arrivedMm(20, 0, 0.25)).toBeLessThan(19)
      expect(arrivedMm(20, 0.25, 0.45)).toBeGreaterThan(1)
      // each member has its error of the rain and of each layer
      expect(Math.abs(arrivedMm(20, 0, 2) - 20)).toBeLessThan(1)
    })

    it('fills the soil the more the more falls', () => {
      const lackMm = deficitBetween(field({ vwc: 0.12 }), 0, 0.35)
      expect(arrivedMm(20, 0, 0.35) / lackMm).toBeLessThan(0.6)
      expect(arrivedMm(150, 0, 0.35) / lackMm).toBeGreaterThan(0.93)
    })
  })

  it('a shower on dry, bare soil lies on its skin and evaporates the next day, not stored by the dry soil below', () => {
    const [wetted, dry] = [field({ vwc: 0.06 }), field({ vwc: 0.06 })]
    for (const on of [wetted, dry]) for (let i = 0; i < 3; i++) dryDay(on, { ageD: 1 })
    const before = deficitBetween(wetted, 0, 0.15)
    dryDay(wetted, { ageD: 1, rainMm: 5 })
    dryDay(dry, { ageD: 1 })
    expect(deficitBetween(wetted, 0, 0.15)).toBeLessThan(before - 3)
    dryDay(wetted, { ageD: 1 })
    dryDay(dry, { ageD: 1 })
    expect(deficitBetween(wetted, 0, 0.15)).toBeGreaterThan(before - 1.5)
  })

  it('roots end where the soil does', () => {
    const shallow = field({ toM: 0.6 })
    covered(shallow)
    const { rootM, tawMm } = meanMember(shallow, { ageD: 90, rootDepthAt })
    expect(rootM).toBeLessThanOrEqual(0.6 + 1e-9)
    expect(tawMm).toBeLessThanOrEqual(0.6 * 120 + 1e-9)
    expect(meanMember(field(), { ageD: 90, rootDepthAt }).rootM).toBeGreaterThan(1)
  })

  it('in a shallow soil keep the uncertainty of a deep one: not every member reaches the rock', () => {
    const shallow = field({ toM: 0.9 })
    const depths = shallow.states.map((state) => rootsOf(shallow, state, { ageD: 90, rootDepthAt }).rootM)
    expect(Math.max(...depths)).toBeCloseTo(0.9, 9)
    expect(depths.filter((rootM) => rootM < 0.8).length).toBeGreaterThan(depths.length / 3)
  })
})

describe('the depletion that is as likely exceeded as not', () => {
  it('is below the mean after water that wet members could not hold', () => {
    const on = field()
    covered(on)
    for (const [m, state] of on.states.entries()) state.fill(m / 10, 0, on.layers.length)
    const roots = { ageD: 75, rootDepthAt }
    const differs = ({ depletionMm, likelyMm }: ReturnType<typeof meanMember>) =>
      (depletionMm - likelyMm) / depletionMm
    const before = meanMember(on, roots)
    expect(differs(before)).toBeLessThan(0.1)
    dryDay(on, { rainMm: 1.2 * before.depletionMm })
    expect(differs(meanMember(on, roots))).toBeGreaterThan(0.2)
  })
})

describe('a shift of field capacity', () => {
  it('downwards leaves less for the roots above the same wilting point, upwards shifts that as well', () => {
    const roots = { ageD: 90, rootDepthAt }
    const tawOf = (level: number) => {
      const on = field()
      const state = on.states[0]!
      state[on.layers.length + param.level] = level
      const { tawMm, rootM } = rootsOf(on, state, roots)
      return tawMm / rootM
    }
    expect(tawOf(0)).toBeCloseTo(120, 6)
    expect(tawOf(-0.02)).toBeCloseTo(100, 6)
    expect(tawOf(0.03)).toBeCloseTo(120, 6)
    // never less than the least that a soil holds
    expect(tawOf(-0.1)).toBeCloseTo(30, 6)
  })

  it('that readings show leaves the thresholds of stress where they are above the wilting point', () => {
    const usedOf = (level: number, sensorDepthsM: number[]) => {
      const on = { ...field(), sensorDepthsM }
      for (const state of on.states) {
        state[on.layers.length + param.level] = level
        // half of the entered capacity is left
        for (let i = 0; i < on.layers.length; i++) state[i] = (0.06 + level) * thicknessMm(on.layers, i)
      }
      return meanMember(on, { ageD: 90, rootDepthAt }).used
    }
    expect(usedOf(0, [0.2])).toBeCloseTo(0.5, 6)
    expect(usedOf(-0.03, [0.2])).toBeCloseTo(0.5, 6)
    // without a probe nothing is known of the shift: each member has its own capacity
    expect(usedOf(-0.03, [])).toBeCloseTo(0.03 / 0.09, 6)
  })
})

describe('a reading', () => {
  it('moves the water and the use of the members, and not what it cannot show: leaves, root tips, stress, ripening', () => {
    const on = field()
    covered(on)
    for (let i = 0; i < 10; i++) dryDay(on)
    const before = on.states.map((state) => state.slice())
    for (let i = 0; i < 5; i++) for (const sensor of [0, 1]) assimilateReading(on, sensor, 0.2)
    const n = on.layers.length
    const hasMoved = (j: number) => on.states.some((state, m) => Math.abs(state[j]! - before[m]![j]!) > 1e-6)
    for (const kept of [param.cover, param.deep, param.tolerance, param.ripe])
      expect(hasMoved(n + kept)).toBe(false)
    for (const moved of [0, 2, n + param.use, n + param.sink, n + PARAM_COUNT])
      expect(hasMoved(moved)).toBe(true)
  })
})

describe('the members of a field without a past season', () => {
  it('close their stomata earlier than FAO 66 has it, where FAO-56 has a lower p', () => {
    const toleranceOf = (of: keyof typeof crops) => defaultPrior(crops[of], 0, 0).tolerance.mean
    // p 0.55 of Table 22 and 0.69 of FAO 66
    expect(toleranceOf('maize')).toBeCloseTo(-0.07, 9)
    // 0.65 of both
    expect(toleranceOf('cotton')).toBe(0)
  })
})

describe('the members without readings', () => {
  it('are the members as long as no reading is assimilated', () => {
    const on = field()
    for (let i = 0; i < 10; i++) dryDay(on)
    expect(on.unprobed.states).toEqual(on.states)
  })

  it('follow weather alone, and the field returns to them', () => {
    const on = field()
    covered(on)
    for (const state of on.unprobed.states) state[on.layers.length + param.cover] = 0.95
    for (let i = 0; i < 15; i++) {
      dryDay(on)
      // it falls, but too slowly
      assimilateReading(on, 0, 0.22 - 0.004 * i)
      assimilateReading(on, 1, 0.22)
    }
    const believedMm = deficitBetween(on, 0, 1)
    expect(Math.max(...unprobedAt(on, 0))).toBeLessThan(0.15)
    forgetReadings(on)
    expect(deficitBetween(on, 0, 1)).toBeGreaterThan(believedMm + 10)
    expect(on.states).toEqual(on.unprobed.states)
    expect(on.states[0]).not.toBe(on.unprobed.states[0])
  })

  it('take up less water by the Ks of salt', () => {
    const [sweet, salty] = [field(), field()]
    for (const on of [sweet, salty]) covered(on)
    const fromMm = deficitBetween(sweet, 0, 2)
    dryDay(sweet)
    dryDay(salty, { saltKs: 0.5 })
    const [sweetMm, saltyMm] = [deficitBetween(sweet, 0, 2) - fromMm, deficitBetween(salty, 0, 2) - fromMm]
    // the soil evaporates as before
    expect(saltyMm / sweetMm).toBeLessThan(0.6)
  })
})
