import { describe, expect, it } from 'vitest'
import {
  newProbe,
  observeProbe,
  type ProbeMemory,
  type ProbeSite,
} from '../../../services/irrigation-model/probe-trust.ts'

// 0.15 of water: the margin is 2 x 0.035 = 0.07
const site: ProbeSite = { fieldCapacity: 0.3, wiltingPoint: 0.15, mayStayWet: false }

/** A hundred members, whose water at the probe is spread evenly between two values. */
const between = (least: number, most: number) =>
  Float64Array.from({ length: 100 }, (_, m) => least + ((most - least) * m) / 99)

/** The probe after days of these readings, while the members have this water. */
const after = (
  readings: readonly number[],
  expected: Float64Array,
  from: ProbeMemory = newProbe,
  at: ProbeSite = site,
) => readings.reduce((probe, vwc) => observeProbe(probe, at, expected, vwc), from)
const days = (count: number, vwc: number) => Array.from({ length: count }, () => vwc)

describe('a soil probe', () => {
  // 82 % of them have at most 0.15 + 0.82 x 0.07 = 0.207
  const dried = between(0.15, 0.22)

  it('that stays wet while four fifths of the members have dried is contradicted on the third day', () => {
    expect(after(days(2, 0.29), dried).contradicts).toBeNull()
    expect(after(days(3, 0.29), dried).contradicts).toBe('stays-wet')
  })

  it('is not accused while a fifth of the members are wet still: the crop may be small or late', () => {
    const late = between(0.15, 0.3)
    expect(after(days(60, 0.29), late).contradicts).toBeNull()
  })

  describe('whose reading stands still', () => {
    /** The members dry by so much a day from a full soil, m³/m³, each as fast as the others. */
    const drying = (
      count: number,
      aDay: number,
      vwcOf: (day: number) => number,
      from: ProbeMemory = newProbe,
    ) =>
      Array.from({ length: count }, (_, day) => day).reduce((probe, day) => {
        const water = Math.max(0.15, 0.3 - aDay * day)
        return observeProbe(probe, site, between(Math.max(0.15, water - 0.1), water), vwcOf(day))
      }, from)

    it('while the members dry is contradicted before they are far below it', () => {
      const noise = [0.002, -0.003, 0.001]
      const still = (day: number) => 0.28 + noise[day % 3]!
      // 0.3 - 17 x 0.004 - 0.018: the reading is not yet 0.07 above four fifths of them
      expect(drying(14, 0.004, still).contradicts).toBeNull()
      expect(drying(18, 0.004, still).contradicts).toBe('stays-wet')
    })

    it('is not accused when it falls by a third of what they do', () => {
      expect(drying(16, 0.004, (day) => 0.28 - 0.0014 * day).contradicts).toBeNull()
    })

    it('is not accused at the dry end, where the soil gives no more water', () => {
      expect(drying(30, 0.004, () => 0.18).contradicts).toBeNull()
    })

    it('is judged from the last water on', () => {
      /** The water of four fifths of the members, day by day, under a reading that stands still. */
      const under = (edges: readonly number[]) =>
        edges.reduce((probe, edge) => observeProbe(probe, site, between(edge, edge), 0.27), newProbe)
      const [dries, rain, driesOn] = [[0.3, 0.28, 0.27], [0.285], [0.25, 0.24, 0.24, 0.24, 0.24]]
      expect(under([...dries, ...rain, ...driesOn]).contradicts).toBeNull()
      expect(under([...dries, ...driesOn]).contradicts).toBe('stays-wet')
    })
  })

  it('of shallow groundwater, below one that dries, is not accused', () => {
    expect(after(days(60, 0.29), dried, newProbe, { ...site, mayStayWet: true }).contradicts).toBeNull()
  })

  it('with an error of its level is not accused, in either direction', () => {
    for (const error of [-0.05, 0.05]) {
      const learned = after(days(20, 0.3 + error), between(0.29, 0.3))
      expect(learned.bias).toBeCloseTo(error, 1)
      expect(after(days(20, 0.18 + error), dried, learned).contradicts).toBeNull()
    }
  })

  it('that stays dry while all members are filled is contradicted on the fifth day', () => {
    const filled = between(0.28, 0.3)
    expect(after(days(4, 0.16), filled).contradicts).toBeNull()
    expect(after(days(5, 0.16), filled).contradicts).toBe('stays-dry')
    // a few members are dry as well: the crop may use more than the tables
    const mostly = Float64Array.from(filled, (vwc, m) => (m < 5 ? 0.16 : vwc))
    expect(after(days(30, 0.16), mostly).contradicts).toBeNull()
  })

  it('does not learn a lie as an error of its level', () => {
    expect(after(days(4, 0.16), between(0.29, 0.3)).bias).toBe(0)
  })

  it('in soil that stores little is judged by the share of its capacity', () => {
    const sand: ProbeSite = { fieldCapacity: 0.1, wiltingPoint: 0.04, mayStayWet: false }
    expect(after(days(3, 0.1), between(0.04, 0.05), newProbe, sand).contradicts).toBe('stays-wet')
  })

  it('is trusted again when its readings are possible and have moved; not when they are possible alone', () => {
    const wrong = after(days(3, 0.29), dried)
    const filled = between(0.28, 0.3)
    expect(after(days(9, 0.29), filled, wrong).contradicts).toBe('stays-wet')
    expect(
      after([...days(2, 0.2), ...days(3, 0.19)], dried, after(days(1, 0.29), filled, wrong)).contradicts,
    ).toBeNull()
  })
})
