import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS } from '../../../../broker/contract/time.ts'
import { toJson } from '../../../../services/tables.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import { cropUse } from '../../../../services/plan/run/crop-use.ts'
import { rainBetween } from '../../../../services/plan/run/rain-outlook.ts'
import {
  basisKeys,
  counterfactualKeys,
  leachingKeys,
  limitKeys,
  termKeys,
  unknownKeys,
  verdictKeys,
  withheldKeys,
} from '../../../../services/plan/message-keys.ts'
import { windowOf } from '../../../../services/plan/windows.ts'
import {
  at,
  fieldRow,
  irrigationRow,
  pumpRow,
  rainForecast,
  seasonRow,
  snapshot,
  stateRow,
  strategyRow,
  tokyo,
  zoneRow,
} from '../farm.ts'
import { runs } from '../../../support/runs.ts'

const mm = (max: number) => fc.double({ min: 0, max, noNaN: true })
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

/** Any farm of one field that rows can describe. */
const farms = fc
  .record({
    isPaddy: fc.boolean(),
    age: fc.integer({ min: 0, max: 130 }),
    tawMm: mm(200).map((taw) => taw + 1),
    wetness: mm(1),
    p: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
    etcMm: orNull(mm(12)),
    sdMm: orNull(mm(30)),
    rainMm: orNull(mm(60)),
    levelMm: orNull(fc.integer({ min: -300, max: 150 })),
    forecast: orNull(fc.array(fc.tuple(mm(30), mm(30), mm(30)), { minLength: 1, maxLength: 5 })),
    comingMm: orNull(mm(40)),
    zone: fc.record({
      mode: fc.constantFrom('off', 'advise', 'approve', 'auto'),
      madFraction: orNull(fc.double({ min: 0.05, max: 0.95, noNaN: true })),
      applicationRateMmH: fc.double({ min: 0.5, max: 60, noNaN: true }),
      efficiency: fc.double({ min: 0.3, max: 1, noNaN: true }),
      adjustPercent: fc.integer({ min: -50, max: 50 }),
      maxDepthMm: fc.integer({ min: 5, max: 120 }),
      minMinutes: fc.integer({ min: 1, max: 60 }),
      maxMinutes: fc.integer({ min: 60, max: 900 }),
      windowFromMin: fc.integer({ min: 0, max: 1439 }),
      windowToMin: fc.integer({ min: 0, max: 1440 }),
      dailyMaxLitres: orNull(fc.integer({ min: 1_000, max: 500_000 })),
    }),
    capacityLpm: fc.integer({ min: 100, max: 10_000 }),
    freshness: fc.constantFrom('ok', 'late', 'lost', 'none'),
    nowMin: fc.integer({ min: 0, max: 330 }),
    strategy: orNull(
      fc.record({
        kind: fc.constantFrom('full', 'regulated', 'supplemental'),
        allowedDepletion: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        irrigations: fc.integer({ min: 0, max: 3 }),
        riskAversion: orNull(fc.double({ min: 0, max: 1, noNaN: true })),
        cropPricePerT: orNull(mm(5_000)),
        waterEcDsM: orNull(mm(8)),
        soilEcDsM: orNull(mm(10)),
      }),
    ),
    waterPerM3: orNull(mm(20)),
  })
  .map((x) => {
    const planted = new Date(at(0) + 9 * HOUR_MS - x.age * 24 * HOUR_MS).toISOString().slice(0, 10)
    return {
      nowMs: at(-4) + x.nowMin * 60_000,
      farm: snapshot({
        fields: [fieldRow({ kind: x.isPaddy ? 'paddy' : 'upland', soilTexture: 'clay' })],
        seasons: [seasonRow({ plantedDay: planted })],
        zones: [zoneRow(x.zone as object)],
        pumps: [
          pumpRow({
            capacityLpm: x.capacityLpm,
            waterPrice: x.waterPerM3 === null ? null : toJson({ waterPerM3: x.waterPerM3 }),
          }),
        ],
        strategies:
          x.strategy === null
            ? []
            : [
                strategyRow({
                  kind: x.strategy.kind as 'full',
                  limits: toJson({
                    allowedDepletion: {
                      vegetative: x.strategy.allowedDepletion,
                      ripening: x.strategy.allowedDepletion,
                    },
                    maxIrrigations: x.strategy.irrigations,
                  }),
                  riskAversion: x.strategy.riskAversion,
                  cropPricePerT: x.strategy.cropPricePerT,
                  waterEcDsM: x.strategy.waterEcDsM,
                  soilEcDsM: x.strategy.soilEcDsM,
                  soilEcDay: '2026-05-01',
                }),
              ],
        states: [
          stateRow({
            tawMm: x.tawMm,
            depletionMm: x.wetness * x.tawMm,
            rawMm: x.p * x.tawMm,
            etcWholeDayMm: x.etcMm,
            etcTodayMm: x.etcMm === null ? null : x.etcMm / 2,
            kc: null,
            depletionSdMm: x.sdMm,
            rainTodayMm: x.rainMm,
            levelMm: x.levelMm,
            levelAtMs: x.levelMm === null ? null : at(-5),
            freshness: x.freshness as 'ok',
          }),
        ],
        irrigations:
          x.comingMm === null
            ? []
            : [irrigationRow({ openedAtMs: at(-4), closedAtMs: at(-3), netMm: x.comingMm })],
        forecast:
          x.forecast &&
          rainForecast(x.forecast.map((day) => [...day].sort((a, b) => a - b) as [number, number, number])),
      }),
    }
  })

const chain = [
  'available-now',
  'level-now',
  'water-coming',
  'water-leaving',
  'crop-use',
  'paddy-loss',
  'rain-expected',
]
/** Terms with reasons, which add nothing: at most three. */
const because = [
  ...['paddy-stage', 'level-calculated', 'storm-room', 'credit-days', 'night-loss', 'paddy-hot'],
  ...['refill-line', 'latest-start', 'water-uncertain', 'leaching-postponed'],
]

describe('for any farm', () => {
  it('the terms of a decision add up to the last digit', () => {
    fc.assert(
      fc.property(farms, ({ farm, nowMs }) => {
        const { terms } = planFarm(farm, { nowMs, stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity })
          .advice[0]!.decision
        const saying = terms.filter(({ key }) => because.includes(key))
        expect(saying.length).toBeLessThanOrEqual(3)
        expect(saying.map(({ mm }) => mm)).toEqual(saying.map(() => null))
        expect(terms.length - saying.length).toBeLessThanOrEqual(8)
        const then = terms.find(({ key }) => key === 'available-then' || key === 'level-then')
        if (!then) {
          expect(terms).toEqual([])
          return
        }
        const sum = terms
          .filter(({ key }) => chain.includes(key))
          .reduce((total, term) => total + (term.mm ?? 0), 0)
        expect(Math.round(sum * 10)).toBe(Math.round(then.mm! * 10))
        // the depth fills the rest, corrected and limited as its parameters state
        const depth = terms.find(({ key }) => key === 'depth')
        if (!depth || depth.params!.limit !== null) return
        const of = (key: string) => terms.find((term) => term.key === key)
        const fullMm = of('available-now')!.params!.fullMm as number
        // the rain reserve, and the leaching
        const besideMm =
          (of('leaching')?.mm ?? 0) + (of('below-roots')?.mm ?? 0) - (of('rain-reserve')?.mm ?? 0)
        const efficiency = (depth.params!.efficiencyPercent as number) / 100
        const adjust = 1 + (depth.params!.adjustPercent as number) / 100
        const wantedMm = ((fullMm - then.mm! + besideMm) * adjust) / efficiency
        const halfMinuteMm = (depth.params!.rateMmH as number) / 120
        // the percent is shown whole, so it may be off by half of one
        expect(Math.abs(depth.mm! - wantedMm)).toBeLessThan(
          halfMinuteMm + 0.2 + (0.006 / efficiency) * wantedMm,
        )
      }),
      { numRuns: runs(1000), seed: 3 },
    )
  })

  it('a run is inside its hours, its depth and length limits and the pump; off and unknown get none', () => {
    fc.assert(
      fc.property(farms, ({ farm, nowMs }) => {
        const zone = farm.zones[0]!
        const plan = planFarm(farm, { nowMs, stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity })
        for (const { run } of plan.outcomes) {
          if (!run) continue
          expect(zone.mode).not.toBe('off')
          expect(run.grossMm).toBeLessThanOrEqual(zone.maxDepthMm + 0.05)
          expect(run.minutes).toBeLessThanOrEqual(zone.maxMinutes)
          expect(run.minutes).toBeGreaterThanOrEqual(zone.minMinutes)
          const flow = (zone.applicationRateMmH * zone.areaM2) / 60
          expect(flow).toBeLessThanOrEqual(farm.pumps[0]!.capacityLpm)
          if (zone.dailyMaxLitres !== null)
            expect(run.minutes * flow).toBeLessThanOrEqual(zone.dailyMaxLitres + 1e-6)
          expect(run.startMs).toBeGreaterThan(nowMs)
          const endMs = run.startMs + run.minutes * 60_000
          const isInside = ['2026-07-22', '2026-07-23', '2026-07-24', '2026-07-25', '2026-07-26'].some(
            (day) => {
              const window = windowOf(zone, day, tokyo)
              return run.startMs >= window.fromMs && endMs <= window.toMs
            },
          )
          expect(isInside).toBe(true)
        }
        if (plan.outcomes.length === 0) expect(plan.advice[0]!.status).toBe('unknown')
      }),
      { numRuns: runs(1000), seed: 5 },
    )
  })

  it('every key that is written is in the catalogue, with exactly its parameters', () => {
    const names = (table: Record<string, readonly string[]>, key: string) => [...table[key]!].sort()
    fc.assert(
      fc.property(farms, ({ farm, nowMs }) => {
        const { decision } = planFarm(farm, { nowMs, stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity })
          .advice[0]!
        expect(Object.keys(decision.params).sort()).toEqual(names(verdictKeys, decision.key))
        for (const term of decision.terms) {
          expect(Object.keys(term.params ?? {}).sort()).toEqual(names(termKeys, term.key))
          for (const value of [term.mm, term.lo ?? 0, term.hi ?? 0])
            if (value !== null) expect(Number.isFinite(value)).toBe(true)
          const limit = term.params?.limit ?? null
          if (limit !== null) expect(Object.keys(limitKeys)).toContain(limit)
          if (term.key === 'refill-line') expect(Object.keys(basisKeys)).toContain(term.params!.basis)
          if (term.key === 'leaching-postponed')
            expect(Object.keys(leachingKeys)).toContain(term.params!.reason)
        }
        if (decision.counterfactuals)
          expect(Object.keys(decision.counterfactuals.params).sort()).toEqual(
            names(counterfactualKeys, decision.counterfactuals.key),
          )
        if (decision.key === 'cannot-judge')
          expect(Object.keys(unknownKeys)).toContain(decision.params.reason)
        if (decision.key === 'withheld') expect(Object.keys(withheldKeys)).toContain(decision.params.reason)
        if (decision.key === 'needs-capacity')
          expect(Object.keys(limitKeys)).toContain(decision.params.reason)
      }),
      { numRuns: runs(1000), seed: 9 },
    )
  })
})

describe('the use of a crop', () => {
  it('follows daylight: nothing at night, half of it by noon', () => {
    const use = cropUse(stateRow({ atMs: at(0), etcTodayMm: 0, etcWholeDayMm: 6 }), null, tokyo)!
    expect(use.untilMm(at(5))).toBe(0)
    expect(use.untilMm(at(12))).toBeCloseTo(3, 6)
    expect(use.untilMm(at(24))).toBeCloseTo(6, 6)
    expect(use.untilMm(at(36))).toBeCloseTo(9, 6)
    expect(use.whenMs(3)).toBe(at(12))
    expect(use.whenMs(9)).toBe(at(36))
    expect(use.whenMs(61)).toBeNull()
  })

  it("counts only what is left of today, and Kc times the forecast's ET0 after it", () => {
    const forecast = rainForecast([0, 0])
    const days = forecast.days.map((day) => ({ ...day, et0Mm: 4 }))
    const use = cropUse(
      stateRow({ atMs: at(-12), etcTodayMm: 3, etcWholeDayMm: 6, kc: 1.1 }),
      { ...forecast, days },
      tokyo,
    )!
    expect(use.untilMm(at(0))).toBeCloseTo(3, 6)
    expect(use.untilMm(at(24))).toBeCloseTo(3 + 4.4, 6)
  })
})

describe('rain ahead', () => {
  it('of today only the rain that has not fallen yet is to come, and of the last day its share of hours', () => {
    const forecast = rainForecast([10, 24])
    const rain = rainBetween(forecast, { fromMs: at(-4), toMs: at(6), timeZone: tokyo, rainTodayMm: 4 })!
    expect(rain.loMm).toBeCloseTo(6 + 6, 6)
    expect(rainBetween(null, { fromMs: at(-4), toMs: at(6), timeZone: tokyo, rainTodayMm: 4 })).toBeNull()
    expect(
      rainBetween(forecast, { fromMs: at(72), toMs: at(80), timeZone: tokyo, rainTodayMm: 0 }),
    ).toBeNull()
  })
})
