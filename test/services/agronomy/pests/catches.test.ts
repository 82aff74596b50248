/** Biofix and midpoint of a flight from catches. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  halfCd,
  shiftedShareAt,
  shareAt,
  type CatchCurve,
} from '../../../../services/agronomy/pests/catch-curve.ts'
import { biofixDay, caughtSince } from '../../../../services/agronomy/pests/biofix.ts'
import { halfFlight, genericCurve, type CatchSpan } from '../../../../services/agronomy/pests/catches.ts'
import { pests } from '../../../../services/agronomy/pests/catalogue.ts'

const codling = pests['codling-moth'].flight.curve

describe('a curve of catches', () => {
  it('codling moth: half of the overwintered flight at about 315 °C·d from 1 January (Rincon et al. 2024)', () => {
    expect(halfCd(codling)).toBeCloseTo(314.6, 1)
    expect(shareAt(codling, halfCd(codling))).toBeCloseTo(0.5, 6)
  })
  it('never falls, from 0 to 1, with any shift and stretch', () => {
    const curves = fc.constantFrom<CatchCurve>(codling, genericCurve(600))
    const sum = fc.double({ min: -2000, max: 4000, noNaN: true })
    fc.assert(
      fc.property(curves, sum, sum, fc.double({ min: 0.5, max: 2, noNaN: true }), (curve, a, b, stretch) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((x) =>
          shiftedShareAt(curve, 500, stretch, x),
        )
        return low! >= 0 && high! <= 1 && low! <= high! + 1e-6
      }),
    )
  })
})

describe('the biofix', () => {
  const checks = [0, 1, 0, 0, 2, 5, 9, 4].map((count, i) => ({ day: `2026-05-0${i + 1}`, count }))
  it('is the first sustained catch, not a stray moth', () => {
    expect(biofixDay('first-catch', checks)).toBe('2026-05-05')
    expect(biofixDay('first-catch', checks.slice(0, 5))).toBeNull() // not sustained yet
  })
  it('is the peak, once it has passed', () => {
    expect(biofixDay('peak-catch', checks)).toBe('2026-05-07')
    expect(biofixDay('peak-catch', checks.slice(0, 7))).toBeNull()
    expect(biofixDay('peak-catch', [{ day: '2026-05-01', count: 0 }])).toBeNull()
  })
  it('is 1 January of the season, whatever the catches', () => {
    expect(biofixDay('first-january', checks)).toBe('2026-01-01')
    expect(biofixDay('first-january', [])).toBeNull()
    expect(biofixDay('date-03-01', checks)).toBe('2026-03-01')
  })
  it('the catch of an unchecked trap is unknown', () => {
    expect(caughtSince(checks, '2026-05-06')).toBe(18)
    expect(caughtSince(checks, '2026-05-09')).toBeNull()
    expect(caughtSince(checks.slice(2, 4), '2026-05-03')).toBe(0)
  })
})

describe('half of a flight', () => {
  const curve: CatchCurve = { kind: 'logistic', midCd: 300, scaleCd: 40 }
  const before = { midCd: 300, sdCd: 60 }
  /** Catches of a trap of `insects` up to a sum, with the midpoint at `midCd`. */
  const flown = (midCd: number, untilCd: number, insects = 200): CatchSpan[] =>
    Array.from({ length: 40 }, (_, i) => ({ fromCd: i * 20, toCd: i * 20 + 20 }))
      .filter(({ toCd }) => toCd <= untilCd)
      .map(({ fromCd, toCd }) => ({
        fromCd,
        toCd,
        count: Math.round(
          insects * (shiftedShareAt(curve, midCd, 1, toCd) - shiftedShareAt(curve, midCd, 1, fromCd)),
        ),
      }))

  it('is the prior while nothing is caught', () => {
    const half = halfFlight(curve, before, flown(300, 100, 0))!
    expect(half.midCd).toBeCloseTo(300, 0)
    expect(half.hiCd - half.loCd).toBeCloseTo(2 * 1.2816 * 60, -1)
  })
  it('moves to the catches, with a smaller interval', () => {
    const half = halfFlight(curve, before, flown(380, 600))!
    expect(half.midCd).toBeGreaterThan(360)
    expect(half.midCd).toBeLessThan(390)
    expect(half.hiCd - half.loCd).toBeLessThan(80)
  })
  it('without a prior is found once the flight is past its midpoint, and not while it rises', () => {
    const window = { fromCd: 0, toCd: 800 }
    expect(halfFlight(curve, window, flown(380, 800))!.midCd).toBeCloseTo(380, -1)
    expect(halfFlight(curve, window, flown(380, 260))).toBeNull()
    expect(halfFlight(curve, window, [])).toBeNull()
  })
  it('is three numbers in order, or null, whatever a trap reports', () => {
    const span = fc
      .tuple(
        fc.double({ min: 0, max: 900, noNaN: true }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.nat(5000),
      )
      .map(([fromCd, widthCd, count]) => ({ fromCd, toCd: fromCd + widthCd, count }))
    const knowledge = fc.constantFrom(before, { fromCd: 0, toCd: 600 }, { midCd: 300, sdCd: 0 })
    fc.assert(
      fc.property(
        fc.array(span, { maxLength: 30 }),
        knowledge,
        fc.constantFrom(curve, codling),
        (spans, known, shape) => {
          const half = halfFlight(shape, known, spans)
          return (
            half === null ||
            (half.loCd <= half.midCd && half.midCd <= half.hiCd && Number.isFinite(half.hiCd - half.loCd))
          )
        },
      ),
    )
  })
})
