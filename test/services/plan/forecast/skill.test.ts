/** The skill of forecasts, and the correction of the next one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import '../../../support/seed.ts'
import { calibrateForecast } from '../../../../services/plan/forecast/farm-forecasts.ts'
import { skillAt, verifySource, type VerifiedDay } from '../../../../services/plan/forecast/skill.ts'
import type { ForecastResponse } from '../../../../services/ports/forecast.ts'
import { at, rainForecast, tokyo } from '../farm.ts'

const pair = (lead: number, [lo, mid, hi]: [number, number, number], mm: number | null): VerifiedDay => ({
  lead,
  forecast: { rainMm: { lo, mid, hi }, rainChance: lo > 0 ? 1 : null, tempMinC: 20, tempMaxC: 30, et0Mm: 5 },
  observed: { rainMm: mm, tempMinC: 19, tempMaxC: 31.5, et0Mm: 4.8 },
})
const many = (days: number, of: (i: number) => VerifiedDay): VerifiedDay[] =>
  Array.from({ length: days }, (_, i) => of(i))
const wet: [number, number, number] = [6, 12, 18]
const dry: [number, number, number] = [0, 0, 0]

describe('the record of a source', () => {
  it('counts hits, misses and false alarms of 5 mm, and the error of temperatures, by days ahead', () => {
    const skill = verifySource('open-meteo', [
      pair(1, wet, 11),
      pair(1, wet, 14),
      pair(1, wet, 1),
      pair(1, dry, 9),
      pair(1, dry, 0),
      pair(5, dry, null), // not measured: no day of rain
    ])
    const next = skillAt(skill, 1)!
    expect(next.rain).toMatchObject({ days: 5, hits: 2, misses: 1, falseAlarms: 1 })
    expect(next.rain.inRange).toBeCloseTo(3 / 5, 9)
    expect(next.rain.mae).toBeCloseTo((1 + 2 + 11 + 9 + 0) / 5, 9)
    expect(next.tempMinC).toEqual({ days: 5, bias: 1, mae: 1 })
    expect(next.tempMaxC).toMatchObject({ bias: -1.5, mae: 1.5 })
    expect(next.et0Mm.bias).toBeCloseTo(0.2, 9)
    const far = skillAt(skill, 4)!
    expect(far.rain).toMatchObject({ days: 0, bias: null, brier: null, inRange: null })
    expect(far.tempMinC.days).toBe(1)
    expect(skillAt(skill, 8)).toBeNull()
  })

  it('a perfect source has a Brier score near 0, one without skill has that of a constant forecast', () => {
    const perfect = verifySource(
      'x',
      many(40, (i) => (i % 4 === 0 ? pair(1, [12, 12, 12], 12) : pair(1, dry, 0))),
    )
    expect(skillAt(perfect, 1)!.rain.brier).toBeLessThan(0.01)
    expect(skillAt(perfect, 1)!.rain.brierClimatology).toBeCloseTo(0.1875, 9) // 0.25 * 0.75
    const blind = verifySource(
      'x',
      many(40, (i) => pair(1, [0, 0, 5], i % 10 === 0 ? 12 : 0)),
    )
    const { brier, brierClimatology } = skillAt(blind, 1)!.rain
    expect(Math.abs(brier! - brierClimatology!)).toBeLessThan(0.01)
  })
})

describe('the correction of a forecast', () => {
  const answer: ForecastResponse = rainForecast([wet, wet, dry], { issuedMs: at(-10) })

  it('is none without a record, and with the record of another source', () => {
    expect(calibrateForecast(answer, null, tokyo)).toBe(answer)
    expect(
      calibrateForecast(
        answer,
        verifySource(
          'other',
          many(50, () => pair(1, wet, 0)),
        ),
        tokyo,
      ),
    ).toBe(answer)
  })

  it('shrinks a source that forecasts 6 mm where 1 falls, more with every day', () => {
    const loAfter = (days: number): number =>
      calibrateForecast(
        answer,
        verifySource(
          'test',
          many(days, () => pair(1, wet, 1)),
        ),
        tokyo,
      ).days[1]!.rainMm.lo
    expect(loAfter(4)).toBe(6)
    expect(loAfter(10)).toBeLessThan(6)
    expect(loAfter(100)).toBeLessThan(loAfter(10))
    expect(loAfter(1_000)).toBeCloseTo(1, 0)
    // the verification one day ahead does not apply to the day itself
    const oneAhead = calibrateForecast(
      answer,
      verifySource(
        'test',
        many(100, () => pair(1, wet, 1)),
      ),
      tokyo,
    )
    expect(oneAhead.days[0]!.rainMm).toEqual({ lo: 6, mid: 12, hi: 18 })
  })

  it('narrows the lower range of a source that is reliable and brings more', () => {
    const kept = calibrateForecast(
      answer,
      verifySource(
        'test',
        many(100, (i) => pair(1, wet, 10 + (i % 3))),
      ),
      tokyo,
    )
    const { lo, hi } = kept.days[1]!.rainMm
    expect(lo).toBeGreaterThan(6)
    expect(hi).toBeLessThan(18)
  })

  it('rain on days forecast dry widens dry forecasts', () => {
    const surprised = many(50, (i) => pair(2, dry, i % 5 === 0 ? 8 : 0))
    const { rainMm } = calibrateForecast(answer, verifySource('test', surprised), tokyo).days[2]!
    expect(rainMm).toMatchObject({ lo: 0, mid: 0 })
    expect(rainMm.hi).toBeGreaterThan(5)
  })

  it('for any observations the range stays in order and finite, and a dry median stays dry', () => {
    const anyPair = fc
      .tuple(
        fc.integer({ min: 0, max: 9 }),
        fc.array(fc.double({ min: 0, max: 90, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.option(fc.double({ min: 0, max: 200, noNaN: true })),
      )
      .map(([lead, mm, seen]) => pair(lead, mm.toSorted((a, b) => a - b) as [number, number, number], seen))
    fc.assert(
      fc.property(fc.array(anyPair, { maxLength: 60 }), (verified) => {
        for (const { rainMm } of calibrateForecast(answer, verifySource('test', verified), tokyo).days) {
          expect(rainMm.lo).toBeGreaterThanOrEqual(0)
          expect(rainMm.mid).toBeGreaterThanOrEqual(rainMm.lo)
          expect(rainMm.hi).toBeGreaterThanOrEqual(rainMm.mid)
          expect(Number.isFinite(rainMm.hi)).toBe(true)
        }
        expect(calibrateForecast(answer, verifySource('test', verified), tokyo).days[2]!.rainMm.mid).toBe(0)
      }),
    )
  })
})
