/** From weighed loads to a yield on a stated base, by the printed examples and by what must always hold. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { basisText } from '../../../../services/report/text/basis-text.ts'
import { seasonYield } from '../../../../services/domain/yield/season-yield.ts'
import { basisOf, loadFormsOf } from '../../../../services/domain/yield/yield-bases.ts'
import {
  areaWeighted,
  atMoisture,
  hulledKg,
  loadsYield,
  standardLoad,
  type Weighed,
} from '../../../../services/domain/yield/standard-mass.ts'
import type { HarvestLoadRow } from '../../../../services/tables.ts'
import { readBasis } from '../../../../services/domain/yield/entered-basis.ts'

const load = (change: Partial<Weighed> = {}): Weighed => ({
  form: 'grain',
  grossKg: 1000,
  moisturePct: 15.5,
  foreignPct: 0,
  grade: null,
  ...change,
})
const maize = basisOf('maize', 'America/Chicago')
const rice = basisOf('rice', 'Asia/Tokyo')

describe('mass at a stated moisture', () => {
  it('10,000 lb of maize at 20 % are 9,467 lb at 15.5 %, not 9,240 (UF/IFAS AG442)', () => {
    expect(atMoisture(10_000, 20, 15.5)).toBeCloseTo(9467.5, 1)
    // the common mistake of the same page: the dry mass and 15.5 % of it
    expect(atMoisture(10_000, 20, 15.5)).not.toBeCloseTo(8000 + 1240, 0)
  })

  it('1,688 kg of rough rice at 25.48 % are a coefficient of 87.16 % and about 1,470 kg at 14.5 % (statement of a JA)', () => {
    expect(atMoisture(100, 25.48, 14.5)).toBeCloseTo(87.16, 2)
    const dryKg = atMoisture(1688, 25.48, 14.5, { coefficientPct: 2, kg: 0 })
    expect(dryKg).toBe(1471)
    expect(Math.abs(dryKg - 1470)).toBeLessThanOrEqual(1.5)
  })

  it('1,470 kg hulled at 71.44 % are 1,050 kg of brown rice (the same statement)', () => {
    expect(hulledKg(1470, 0.7144, { kg: 0 })).toBe(1050)
  })

  it('is reversible, and keeps the dry matter', () => {
    const pct = fc.double({ min: 0, max: 60, noNaN: true })
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), pct, pct, (kg, from, to) => {
        expect(atMoisture(atMoisture(kg, from, to), to, from)).toBeCloseTo(kg, 4)
        expect((atMoisture(kg, from, to) * (100 - to)) / (kg * (100 - from))).toBeCloseTo(1, 9)
      }),
    )
  })
})

describe('a load', () => {
  it('is clean mass: foreign matter is subtracted first', () =>
    expect(standardLoad(load({ foreignPct: 2 }), maize, null)).toEqual({ kg: 980 }))

  it('of rough rice is converted to brown rice at 15 %, by the measured share before the stated one', () => {
    const rough = load({ form: 'rough-rice', grossKg: 1688, moisturePct: 25.48 })
    const brownAt15 = (share: number) => ((1688 * 74.52) / 85.5) * share * (85.5 / 85)
    expect(standardLoad(rough, rice, 0.7144)).toEqual({ kg: expect.closeTo(brownAt15(0.7144), 6) })
    expect(standardLoad(rough, rice, null)).toEqual({ kg: expect.closeTo(brownAt15(0.8), 6) })
  })

  it('without its moisture or its foreign matter is unknown, and so is one of another form', () => {
    expect(standardLoad(load({ moisturePct: null }), maize, null)).toEqual({ missing: 'moisture' })
    expect(standardLoad(load({ foreignPct: null }), maize, null)).toEqual({ missing: 'foreign' })
    expect(standardLoad(load({ form: 'brown-rice' }), maize, null)).toEqual({ missing: 'form' })
  })

  it('of a crop without a basis is as weighed', () => {
    const tomato = basisOf('tomato', 'Asia/Tokyo')
    expect(standardLoad(load({ form: 'fresh', moisturePct: null }), tomato, null)).toEqual({ kg: 1000 })
    expect(loadFormsOf('tomato')).toEqual(['fresh'])
    // nobody measures foreign matter there; what is stated counts
    const fresh = load({ form: 'fresh', moisturePct: null, foreignPct: null })
    expect(standardLoad(fresh, tomato, null)).toEqual({ kg: 1000 })
    expect(standardLoad({ ...fresh, foreignPct: 2 }, tomato, null)).toEqual({ kg: 980 })
  })
})

describe('the loads of a season', () => {
  it('have an unknown total while one of them is unknown: a part is no total', () => {
    const found = loadsYield([load(), load({ moisturePct: null }), load({ foreignPct: null })], maize, null)
    expect(found).toEqual({ kg: null, lowKg: 0, lacking: { moisture: 1, foreign: 1 } })
    expect(loadsYield([], maize, null).kg).toBeNull()
  })

  it('exclude low grade, and an unknown load of low grade leaves the yield known', () => {
    const low = load({ grade: 'low', grossKg: 70 })
    expect(loadsYield([load(), low], maize, null)).toEqual({ kg: 1000, lowKg: 70, lacking: {} })
    expect(loadsYield([load(), load({ grade: 'low', moisturePct: null })], maize, null)).toMatchObject({
      kg: 1000,
      lowKg: null,
    })
  })

  const anyLoad = fc.record({
    form: fc.constantFrom('rough-rice' as const, 'brown-rice' as const),
    grossKg: fc.double({ min: 1, max: 1e5, noNaN: true }),
    moisturePct: fc.double({ min: 8, max: 35, noNaN: true }),
    foreignPct: fc.double({ min: 0, max: 10, noNaN: true }),
    grade: fc.constantFrom('1' as const, '3' as const, 'low' as const, null),
  })

  it('are the sum of their parts under any split', () => {
    fc.assert(
      fc.property(fc.array(anyLoad, { minLength: 2, maxLength: 12 }), fc.nat(), (loads, at) => {
        const cut = 1 + (at % (loads.length - 1))
        const [whole, a, b] = [loads, loads.slice(0, cut), loads.slice(cut)].map((some) =>
          loadsYield(some, rice, 0.78),
        ) as [ReturnType<typeof loadsYield>, ReturnType<typeof loadsYield>, ReturnType<typeof loadsYield>]
        expect(whole.kg! / (a.kg! + b.kg! || 1)).toBeCloseTo(whole.kg === 0 ? 0 : 1, 9)
        expect(whole.lowKg!).toBeCloseTo(a.lowKg! + b.lowKg!, 4)
      }),
    )
  })

  it('weighed as one or in pieces are the same', () => {
    fc.assert(
      fc.property(anyLoad, fc.integer({ min: 1, max: 9 }), (one, pieces) => {
        const parts = Array.from({ length: pieces }, () => ({ ...one, grossKg: one.grossKg / pieces }))
        const [whole, split] = [[one], parts].map((loads) => loadsYield(loads, rice, null))
        expect(split!.kg! + split!.lowKg!).toBeCloseTo(whole!.kg! + whole!.lowKg!, 4)
      }),
    )
  })
})

describe('the mean of several areas', () => {
  it('is weighted by area: 10 a of 600 and 90 a of 500 kg/10a are 510, not 550', () => {
    const parts = [
      { amount: 600, areaM2: 1000 },
      { amount: 4500, areaM2: 9000 },
    ]
    expect(areaWeighted(parts)).toBeCloseTo(5100, 9)
  })

  it('omits unknown amounts with their area', () => {
    const parts = [
      { amount: 600, areaM2: 1000 },
      { amount: null, areaM2: 9000 },
    ]
    expect(areaWeighted(parts)).toBeCloseTo(6000, 9)
    expect(areaWeighted([{ amount: null, areaM2: 1 }])).toBeNull()
  })
})

describe('the basis as text', () => {
  it('round-trips', () => {
    for (const lang of ['en', 'ja'] as const)
      expect(readBasis(basisText(rice, 1.85, lang), 'rice')).toEqual({
        form: 'brown-rice',
        moisturePct: 15,
        sieveMm: 1.85,
      })
    expect(readBasis('13 % moisture', 'soybean')).toEqual({ form: 'grain', moisturePct: 13, sieveMm: null })
    expect(readBasis('玄米、水分１４．５％', 'rice')).toMatchObject({ moisturePct: 14.5 })
  })

  it('without a moisture, or for rice without a form, is not guessed', () => {
    expect(readBasis('brown rice, 2 % broken', 'rice')).toBeNull()
    expect(readBasis('15 % moisture', 'rice')).toBeNull()
    expect(readBasis('dry', 'maize')).toBeNull()
  })
})

describe('the yield of a season', () => {
  const place = { areaM2: 3000, timeZone: 'America/Chicago' }
  const season = {
    crop: 'maize',
    yieldKg: 900,
    yieldBasis: '18 % moisture',
    harvestedM2: null,
    hullShare: null,
  }
  const row = (change: Partial<HarvestLoadRow> = {}): HarvestLoadRow => ({
    id: 'l',
    org: 'o',
    farmId: 'f',
    fieldId: 'f',
    seasonId: 's',
    day: '2026-10-01',
    ticket: null,
    sieveMm: null,
    destination: null,
    meter: null,
    meterDay: null,
    enteredBy: 'u',
    enteredAtMs: 0,
    voidedBy: null,
    voidedAtMs: null,
    voidReason: null,
    ...load(),
    ...change,
  })

  it('is the sum of its loads if there are loads, whatever was entered', () => {
    const found = seasonYield(season, place, [row(), row({ grossKg: 500 })])
    expect(found).toMatchObject({ from: 'loads', kg: 1500, loads: 2, entered: null, areaM2: 3000 })
  })

  it('is the entered yield while there are none, or all are voided, converted from its basis', () => {
    const found = seasonYield(season, place, [row({ voidedAtMs: 1 })])
    expect(found).toMatchObject({ from: 'entered', loads: 0, entered: { kg: 900 } })
    expect(found.kg).toBeCloseTo((900 * 82) / 84.5, 9)
  })

  it('entered with an unreadable basis is shown, and compared with nothing', () => {
    const found = seasonYield({ ...season, yieldBasis: 'dry' }, place, [])
    expect(found).toMatchObject({ from: 'entered', kg: null, lacking: { basis: 1 }, entered: { kg: 900 } })
  })

  it('refers to the harvested area where it is known', () =>
    expect(seasonYield({ ...season, harvestedM2: 2500 }, place, []).areaM2).toBe(2500))

  it('names a sieve only if all loads used the same', () => {
    const sieved = (...mm: (number | null)[]) =>
      seasonYield(
        season,
        place,
        mm.map((sieveMm) => row({ sieveMm })),
      ).sieveMm
    expect([sieved(1.85, 1.85), sieved(1.85, 1.7), sieved(1.85, null)]).toEqual([1.85, null, null])
  })
})
