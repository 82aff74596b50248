/**
 * An hour and a window checked against the needs of a spray: missing data is never good, and the worst decides.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import { sprayLimits, standardLimits } from '../../../../services/plan/pest/spray-limits.ts'
import {
  judgeHours,
  type HourVerdict,
  type SprayHour,
  type SprayJob,
} from '../../../../services/plan/pest/spray-hour.ts'
import { judgeSpan, sprayWindows } from '../../../../services/plan/pest/spray-windows.ts'
import '../../../support/seed.ts'

/** 6 July 2026, 00:00 in Tokyo. */
const START_MS = Date.parse('2026-07-05T15:00:00Z')
const fine: Omit<SprayHour, 'atMs'> = {
  source: 'hour',
  tempC: 20,
  humidityPct: 70,
  windMps: 2,
  gustMps: 4,
  rainMm: 0,
  rainChance: 0,
  cloud: 0.2,
  isLeafWet: false,
  sunSine: 0.5,
}
const hoursOf = (count: number, set: (i: number) => Partial<SprayHour> = () => ({})): SprayHour[] =>
  Array.from({ length: count }, (_, i) => ({ ...fine, atMs: START_MS + i * HOUR_MS, ...set(i) }))
const job = (set: Partial<SprayJob> = {}): SprayJob => ({
  limits: standardLimits,
  rainFastHours: 2,
  isBeeHazard: false,
  isFlowering: false,
  elevationM: 30,
  timeZone: 'Asia/Tokyo',
  work: { fromMin: 0, toMin: 1440 },
  sprinklers: [],
  ...set,
})
/** The first hour, with good ones after it. */
const first = (hour: Partial<SprayHour>, set: Partial<SprayJob> = {}) =>
  judgeHours(
    hoursOf(30, (i) => (i === 0 ? hour : {})),
    job(set),
  )[0]!
const says = (hour: Partial<SprayHour>, set: Partial<SprayJob> = {}) => {
  const { verdict, terms } = first(hour, set)
  return [verdict, terms[0]?.key ?? null]
}

describe('an hour', () => {
  it('with a light wind, dry leaves and no rain is allowed', () => {
    expect(says({})).toEqual(['allowed', null])
  })

  it('is not allowed from 15 km/h on, marginal from 3 m/s on and in a calm', () => {
    expect(says({ windMps: 4.3 })).toEqual(['unsuitable', 'wind-strong'])
    expect(says({ windMps: 3.5 })).toEqual(['marginal', 'wind-strong'])
    expect(says({ windMps: 0.5 })).toEqual(['marginal', 'wind-calm'])
    expect(says({ gustMps: 9 })).toEqual(['marginal', 'wind-gusts'])
  })

  it("uses the label's own wind limit, also where it allows more than the advice", () => {
    expect(says({ windMps: 2.5 }, { limits: sprayLimits({ windMaxMps: 2 }) })).toEqual([
      'unsuitable',
      'wind-strong',
    ])
    expect(says({ windMps: 5 }, { limits: sprayLimits({ windMaxMps: 5.6 }) })).toEqual([
      'marginal',
      'wind-strong',
    ])
    expect(says({ windMps: 0.7 }, { limits: sprayLimits({ windMinMps: 0.8 }) })).toEqual([
      'unsuitable',
      'wind-calm',
    ])
  })

  it('dries droplets too fast above a Delta T of 10, and too slowly below 2', () => {
    expect(says({ tempC: 29, humidityPct: 25 })[1]).toBe('delta-t-high')
    expect(says({ tempC: 18, humidityPct: 95 })).toEqual(['marginal', 'delta-t-low'])
  })

  it('under a low sun, a clear sky and little wind lies in an inversion; wind of 3 m/s mixes it', () => {
    const inSydney = { timeZone: 'Australia/Sydney' }
    expect(says({ sunSine: 0.1, windMps: 2 }, inSydney)).toEqual(['unsuitable', 'inversion'])
    expect(says({ sunSine: 0.1, windMps: 2, cloud: 1 }, inSydney)).toEqual(['marginal', 'inversion-cloudy'])
    expect(says({ sunSine: 0.1, windMps: 2, cloud: null }, inSydney)).toEqual([
      'unknown',
      'inversion-unknown',
    ])
    expect(says({ sunSine: 0.1, windMps: 3 }, inSydney)).toEqual(['allowed', null])
  })

  it('in Japan asks for care in a clear, calm morning, which public advice recommends', () => {
    expect(says({ sunSine: 0.1, windMps: 2 })).toEqual(['marginal', 'inversion'])
    expect(says({ sunSine: 0.1, windMps: 2, cloud: null })).toEqual(['marginal', 'inversion-unknown'])
  })

  it('needs the rain-fast hours of its product after it, not one more', () => {
    const wetAt = (at: number, rainFastHours: number | null) =>
      judgeHours(
        hoursOf(30, (i) => (i === at ? { rainMm: 1 } : {})),
        job({ rainFastHours }),
      )[0]!
    expect(wetAt(2, 2).verdict).toBe('unsuitable')
    expect(wetAt(3, 2).verdict).toBe('allowed')
    // the label has no figure: a dry day is required, and is still no certainty
    expect(wetAt(3, null).verdict).toBe('unknown')
    expect(wetAt(25, null)).toMatchObject({ verdict: 'marginal', terms: [{ key: 'rain-fast-unknown' }] })
  })

  it('at the end of a forecast has unknown rain', () => {
    expect(judgeHours(hoursOf(2), job()).map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown'])
    const gap = hoursOf(6).filter((_, i) => i !== 1)
    expect(judgeHours(gap, job())[0]!.verdict).toBe('unknown')
  })

  it('with bees on flowers is not allowed for harmful products, by day and in warmth', () => {
    const hazard = { isBeeHazard: true, isFlowering: true }
    expect(says({}, hazard)).toEqual(['unsuitable', 'bees'])
    expect(says({ sunSine: -0.1, windMps: 3 }, hazard)).toEqual(['allowed', null])
    expect(says({ tempC: 9 }, hazard)).toEqual(['allowed', null])
    expect(says({}, { isBeeHazard: null, isFlowering: true })).toEqual(['unknown', 'bees-unknown'])
    expect(says({}, { isBeeHazard: true, isFlowering: null })).toEqual(['unknown', 'bees-unknown'])
    expect(says({}, { isBeeHazard: true, isFlowering: false })).toEqual(['allowed', null])
  })

  it('before a sprinkler that washes it off is not allowed; one only proposed makes way', () => {
    const run = (fromH: number, isFixed: boolean) => ({
      sprinklers: [{ fromMs: START_MS + fromH * HOUR_MS, toMs: START_MS + (fromH + 1) * HOUR_MS, isFixed }],
    })
    expect(says({}, run(1, true))).toEqual(['unsuitable', 'sprinkler-after'])
    expect(says({}, run(1, false))).toEqual(['marginal', 'sprinkler-proposed'])
    expect(says({}, run(3, true))).toEqual(['allowed', null])
    expect(says({}, run(-2, true))).toEqual(['marginal', 'sprinkler-before'])
  })

  it('outside the working hours is not allowed', () => {
    expect(says({}, { work: { fromMin: 300, toMin: 1140 } })).toEqual(['unsuitable', 'work-hours'])
  })

  it('from a daily forecast is at best marginal', () => {
    expect(says({ source: 'day' })).toEqual(['marginal', 'by-day'])
  })
})

const unknownable = ['tempC', 'humidityPct', 'windMps', 'rainMm', 'isLeafWet'] as const
const hourArb: fc.Arbitrary<Omit<SprayHour, 'atMs' | 'source'>> = fc.record({
  tempC: fc.double({ min: -5, max: 40, noNaN: true }),
  humidityPct: fc.double({ min: 5, max: 100, noNaN: true }),
  windMps: fc.double({ min: 0, max: 8, noNaN: true }),
  gustMps: fc.option(fc.double({ min: 0, max: 15, noNaN: true }), { nil: null }),
  rainMm: fc.constantFrom(0, 0, 0, 0.05, 0.1, 2),
  rainChance: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
  cloud: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
  isLeafWet: fc.boolean(),
  sunSine: fc.double({ min: -1, max: 1, noNaN: true }),
})
const jobArb: fc.Arbitrary<Partial<SprayJob>> = fc.record({
  rainFastHours: fc.constantFrom(null, 0, 1, 2, 6, 12),
  isBeeHazard: fc.constantFrom(null, true, false),
  isFlowering: fc.constantFrom(null, true, false),
})

describe('properties of hours and windows', () => {
  it('an input that goes missing never makes an hour allowed', () => {
    fc.assert(
      fc.property(
        fc.array(hourArb, { minLength: 3, maxLength: 40 }),
        jobArb,
        fc.constantFrom(...unknownable),
        fc.nat(39),
        (row, set, name, at) => {
          const hours = hoursOf(row.length, (i) => row[i]!)
          const missing = hours.map((hour, i) => (i === at % row.length ? { ...hour, [name]: null } : hour))
          const verdicts = judgeHours(missing, job(set)).map(({ verdict }) => verdict)
          expect(verdicts[at % row.length]).not.toBe('allowed')
          expect(verdicts[at % row.length]).not.toBe('marginal')
        },
      ),
    )
  })

  it('unknown data of the label or a person is never better than the worst case', () => {
    const badness: HourVerdict[] = ['allowed', 'marginal', 'unknown', 'unsuitable']
    fc.assert(
      fc.property(
        fc.array(hourArb, { minLength: 30, maxLength: 40 }),
        jobArb,
        fc.constantFrom('rainFastHours', 'isBeeHazard', 'isFlowering'),
        (row, set, name) => {
          const hours = hoursOf(row.length, (i) => row[i]!)
          const verdicts = (value: unknown) =>
            judgeHours(hours, job({ ...set, [name]: value })).map(({ verdict }) => verdict)
          const unsaid = verdicts(null)
          const said = name === 'rainFastHours' ? [0, 1, 6, 24].map(verdicts) : [true, false].map(verdicts)
          unsaid.forEach((verdict, i) => {
            if (verdict === 'allowed') for (const other of said) expect(other[i]).toBe('allowed')
            // nor is it worse than the worst
            const worst = Math.max(...said.map((other) => badness.indexOf(other[i]!)))
            if (verdict === 'unsuitable') expect(badness[worst]).toBe('unsuitable')
          })
        },
      ),
    )
  })

  it('a window holds only allowed or marginal hours, consecutive and long enough, and shows the worst', () => {
    fc.assert(
      fc.property(
        fc.array(hourArb, { minLength: 1, maxLength: 40 }),
        jobArb,
        fc.integer({ min: 1, max: 4 }),
        (row, set, leastHours) => {
          const judged = judgeHours(
            hoursOf(row.length, (i) => row[i]!),
            job(set),
          )
          for (const window of sprayWindows(judged, leastHours)) {
            const within = judged.filter(({ atMs }) => atMs >= window.fromMs && atMs < window.toMs)
            expect(within.length).toBeGreaterThanOrEqual(leastHours)
            expect(within.length * HOUR_MS).toBe(window.toMs - window.fromMs)
            expect(new Set(within.map(({ verdict }) => verdict))).not.toContain('unsuitable')
            expect(new Set(within.map(({ verdict }) => verdict))).not.toContain('unknown')
            const isDoubtful = within.some(({ verdict }) => verdict === 'marginal')
            expect(window.verdict).toBe(isDoubtful ? 'marginal' : 'allowed')
            expect(window.worst === null).toBe(!isDoubtful)
            expect(judgeSpan(judged, window).verdict).toBe(window.verdict)
          }
        },
      ),
    )
  })

  it('a span that reaches beyond the hours is unknown at best', () => {
    const judged = judgeHours(hoursOf(10), job())
    expect(judgeSpan(judged, { fromMs: START_MS, toMs: START_MS + 3 * HOUR_MS }).verdict).toBe('allowed')
    expect(judgeSpan(judged, { fromMs: START_MS - HOUR_MS, toMs: START_MS + HOUR_MS }).verdict).toBe(
      'unknown',
    )
    expect(judgeSpan(judged, { fromMs: START_MS + 9 * HOUR_MS, toMs: START_MS + 12 * HOUR_MS }).verdict).toBe(
      'unknown',
    )
    expect(judgeSpan([], { fromMs: START_MS, toMs: START_MS + HOUR_MS }).verdict).toBe('unknown')
  })

  it('of a stretch with marginal hours the allowed part is used where it is long enough', () => {
    const judged = judgeHours(
      hoursOf(12, (i) => (i < 2 ? { windMps: 3.5 } : {})),
      job(),
    )
    expect(sprayWindows(judged, 2)[0]).toMatchObject({
      fromMs: START_MS + 2 * HOUR_MS,
      verdict: 'allowed',
      worst: null,
    })
    expect(sprayWindows(judged, 9)[0]).toMatchObject({
      fromMs: START_MS,
      verdict: 'marginal',
      worst: { key: 'wind-strong' },
    })
  })
})
