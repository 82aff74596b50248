/**
 * NRCS curve number (NEH 630), Hawkins et al. 1985 for the antecedent moisture; AquaCrop's capillary rise. By hand.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capillaryRiseMm } from '../../../../services/agronomy/water/capillary.ts'
import { curveNumberOf, curveNumberToday, runoffMm } from '../../../../services/agronomy/water/runoff.ts'
import { soils } from '../../../../services/agronomy/water/soils.ts'

const upTo = (max: number) => fc.double({ min: 0, max, noNaN: true })

describe('run-off', () => {
  it('of 80 mm on CN 80 is 33.8 mm: S = 62.5, (80 - 12.5)² / (80 + 50)', () => {
    expect(runoffMm(80, 80)).toBeCloseTo(67.5 ** 2 / 130, 9)
    expect(runoffMm(12.5, 80)).toBe(0)
    expect(runoffMm(80, 100)).toBe(80)
    expect(runoffMm(80, 0)).toBe(0)
  })
  it('CN 75 is 57 on dry ground and 87 on wet', () => {
    const at = (De: number) => curveNumberToday(75, De, 20, 10)
    expect(at(0)).toBeCloseTo(75 / (0.427 + 0.00573 * 75), 9)
    expect(at(0)).toBeCloseTo(87.5, 0)
    expect(at(20)).toBeCloseTo(56.8, 1)
    expect(at(9)).toBeCloseTo((at(0) + at(20)) / 2, 9) // half way between 0.5 REW and 0.7 REW + 0.3 TEW
  })
  it('clay sheds more than sand, a row crop more than an orchard on grass', () => {
    expect(curveNumberOf('clay', 'row')).toBe(89)
    expect(curveNumberOf('sand', 'row')).toBe(67)
    expect(curveNumberOf('loam', 'orchard')).toBe(58)
    expect(curveNumberOf('granite', 'row')).toBe(curveNumberOf('loam', 'row'))
  })
  it('is never more than the rain, and grows with it', () => {
    fc.assert(
      fc.property(upTo(400), upTo(100), upTo(30), (rain, CN, more) => {
        const off = runoffMm(rain, CN)
        expect(off).toBeGreaterThanOrEqual(0)
        expect(off).toBeLessThanOrEqual(rain + 1e-9)
        expect(runoffMm(rain + more, CN)).toBeGreaterThanOrEqual(off - 1e-9)
        expect(Number.isFinite(curveNumberToday(CN, more, 0, 0))).toBe(true)
      }),
    )
  })
})

describe('capillary rise', () => {
  it('of a sandy loam: a = -0.3906, b = 1.2556 (AquaCrop, Ksat 1200 mm/d), at 1 m below dry roots', () => {
    // exp((ln 1 - 1.2556) / -0.3906)
    expect(capillaryRiseMm('sandy-loam', 1.5, 0.5, 50, 50)).toBeCloseTo(Math.exp(1.2556 / 0.3906), 1)
  })
  it('is unknown without a water table, and 0 at field capacity', () => {
    expect(capillaryRiseMm('loam', null, 0.5, 20, 60)).toBeNull()
    expect(capillaryRiseMm('granite', 1.5, 0.5, 20, 60)).toBeNull()
    expect(capillaryRiseMm('loam', 1.5, 0.5, 0, 60)).toBe(0)
  })
  it('a deeper table gives less, never more than the depletion', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(soils)),
        fc.double({ min: 0, max: 6, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        upTo(1),
        (texture, table, deeper, share) => {
          const near = capillaryRiseMm(texture, table, 0.5, share * 60, 60)!
          expect(near).toBeGreaterThanOrEqual(0)
          expect(near).toBeLessThanOrEqual(share * 60 + 1e-9)
          expect(capillaryRiseMm(texture, table + deeper, 0.5, share * 60, 60)!).toBeLessThanOrEqual(
            near + 1e-9,
          )
        },
      ),
    )
  })
})
