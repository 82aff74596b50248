/**
 * A farm's upland field with the complete decision: line, depth, latest start and salt, each in terms that add
 * up.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, HOUR_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { cropUse } from '../../../../services/plan/run/crop-use.ts'
import { latestSafeMs, acceptedLateShare } from '../../../../services/plan/demand/latest-safe.ts'
import { planFarm } from '../../../../services/plan/run/plan-farm.ts'
import type { FarmSnapshot, LastAdvice } from '../../../../services/plan/snapshot.ts'
import {
  readOpenDemand,
  readOutlook,
  toJson,
  type FieldStateRow,
  type SeasonRow,
  type StrategyRow,
  type Decision,
  type StoredOutlook,
} from '../../../../services/tables.ts'
import { currencyOf, waterPriceOf } from '../../../../services/domain/water-tariff.ts'
import { runs } from '../../../support/runs.ts'
import {
  at,
  farmRow,
  pumpRow,
  rainForecast,
  seasonRow,
  snapshot,
  stateRow,
  strategyRow,
  tokyo,
  zoneRow,
} from '../farm.ts'

/** A field without a limit of its own. */
const field = (
  set: Partial<FarmSnapshot> & { state?: Partial<FieldStateRow>; strategy?: Partial<StrategyRow> } = {},
): FarmSnapshot => {
  const { state = {}, strategy, ...rest } = set
  return snapshot({
    zones: [zoneRow({ madFraction: null })],
    // ripening comes after 120 days: it fills its pods
    seasons: [seasonRow({ plantedDay: '2026-05-10' })],
    states: [stateRow({ heatSumCd: null, ...state })],
    ...(strategy ? { strategies: [strategyRow(strategy)] } : {}),
    ...rest,
  })
}
/** An outlook of the estimate in the middle of the season. */
const outlookOf = (
  salt: Partial<StoredOutlook['salt']>,
  withheldAfterRuns = 0,
  wiltingMm: number | null = null,
): NonNullable<FieldStateRow['outlook']> =>
  toJson<StoredOutlook>({
    paceD: 1,
    depletionMm: 47,
    meanDrierMm: 0,
    sdMm: 4,
    surfaceMm: 10,
    tewMm: 28,
    rewMm: 7,
    belowMm: 10,
    deep: 1,
    late: 0,
    bottomM: 2,
    heldShare: 1,
    ripe: 0,
    use: 1,
    cover: 0.9,
    growth: { growth: 20, flowers: 0, filled: 0, stomata: 1, leaves: 1 },
    salt: { ecDsM: null, waterEcDsM: 2.5, dueMm: 0, ...salt },
    withheldAfterRuns,
    wiltingMm,
    members: Array.from({ length: 16 }, (_, m) => ({
      drierMm: m - 7.5,
      tawShare: 1,
      heldShare: 1,
      use: 1,
      late: 0,
      ripe: 0,
      cover: 0.9,
      tolerance: 0,
    })),
  })
const decided = (farm: FarmSnapshot) =>
  planFarm(farm, { nowMs: at(-4), stateValidMs: 6 * HOUR_MS, silentBeforeMs: -Infinity })
const whyOf = (farm: FarmSnapshot): Omit<Decision, 'planVersion'> => decided(farm).advice[0]!.decision
const term = (why: Pick<Decision, 'terms'>, key: string) => why.terms.find((one) => one.key === key)

describe('the depth', () => {
  it('with the rain reserve adds up to full: left then + net + room = from the line to full', () => {
    const rain: [number, number, number] = [0, 12, 40]
    const forecast = rainForecast([0, 0, rain, rain, rain])
    const zones = [zoneRow({ madFraction: null, efficiency: 0.9 })]
    const why = whyOf(field({ zones, state: { depletionMm: 60 }, forecast }))
    expect(why.key).toBe('irrigate')
    const fullMm = term(why, 'available-now')!.params!.fullMm as number
    const netMm = (term(why, 'depth')!.params!.netMm as number) + (term(why, 'rain-reserve')?.mm ?? 0)
    expect(term(why, 'available-then')!.mm! + netMm).toBeCloseTo(fullMm, 0)
  })

  it('states from where to where of how much it fills, on the scale of the water left', () => {
    const why = whyOf(
      field({ zones: [zoneRow({ madFraction: null, maxMinutes: 60 })], state: { depletionMm: 60 } }),
    )
    const { fromMm, toMm, ofMm, netMm, limit } = term(why, 'depth')!.params as Record<string, number | string>
    expect(limit).toBe('max-minutes')
    expect(fromMm).toBe(term(why, 'available-then')!.mm)
    expect(toMm).toBeCloseTo(Number(fromMm) + Number(netMm), 6)
    expect(ofMm).toBe(term(why, 'available-now')!.params!.fullMm)
  })

  it('fills soil that the roots will reach where each run costs, and shows that part of it', () => {
    const outlook = outlookOf({ waterEcDsM: null })
    const young = [seasonRow({ plantedDay: '2026-06-22' })]
    const long = { windowFromMin: 60, windowToMin: 1140, maxMinutes: 1000, maxDepthMm: 120, efficiency: 1 }
    const dry = toJson<StoredOutlook>({
      ...readOutlook(outlook),
      belowMm: 60,
      deep: 1.4,
      late: 0,
      cover: 0.5,
    })
    const why = whyOf(
      field({
        seasons: young,
        state: { depletionMm: 110, tawMm: 140, rootDepthM: 0.9, ageD: 30, outlook: dry },
        strategy: { cropPricePerT: 420, perRunHa: 40, currency: 'EUR' },
        farm: { ...farmRow, waterPrice: toJson({ waterPerM3: 0.02 }) },
        zones: [zoneRow({ madFraction: null, ...long })],
      }),
    )
    const belowMm = term(why, 'below-roots')!.mm!
    expect(belowMm).toBeGreaterThan(3)
    const fullMm = term(why, 'available-now')!.params!.fullMm as number
    const thenMm = term(why, 'available-then')!.mm!
    expect(term(why, 'depth')!.params!.netMm).toBeCloseTo(fullMm - thenMm + belowMm, 0)
    expect(term(why, 'depth')!.params!.toMm).toBe(fullMm)
  })

  it('is decided for the depletion that is as likely exceeded as not, not for the mean of the members', () => {
    const leftMm = (meanDrierMm: number) => {
      const outlook = toJson<StoredOutlook>({ ...readOutlook(outlookOf({ waterEcDsM: null })), meanDrierMm })
      return term(whyOf(field({ state: { depletionMm: 60, outlook } })), 'available-now')!.mm!
    }
    expect(leftMm(7) - leftMm(0)).toBeCloseTo(7, 9)
  })

  it('is given at the line, and not a day before it where the field can be irrigated each day', () => {
    const at = (depletionMm: number, madFraction: number | null) =>
      whyOf(
        field({
          zones: [zoneRow({ madFraction })],
          // 6 mm a day, in the evening
          state: { depletionMm, etcTodayMm: 6, etcWholeDayMm: 6 },
          forecast: rainForecast([0, 0, 0]),
        }),
      )
    const lineMm = term(at(20, null), 'refill-line')!.params!.lineMm as number
    expect(at(lineMm - 1, null).key).not.toBe('irrigate')
    expect(at(lineMm + 0.1, null).key).toBe('irrigate')
    // a limit of a person's own is not to be exceeded before the next night
    expect(at(44, 0.5).key).toBe('irrigate') // 0.5 of 90 mm
  })

  it("a grower's own limit takes precedence: the line is theirs, and the roots are filled", () => {
    const why = whyOf(field({ zones: [zoneRow({ madFraction: 0.5 })], state: { depletionMm: 60 } }))
    expect(term(why, 'refill-line')).toMatchObject({ mm: null, params: { lineMm: 45, basis: 'own-limit' } })
    expect(term(why, 'rain-reserve')).toBeUndefined()
  })

  it('shows the assumed values of water and harvest, and the entered ones', () => {
    const assumed = whyOf(field()).inputs.find(({ key }) => key === 'water-share')
    expect(assumed).toMatchObject({ value: 2.5, unit: '%', kind: 'estimated' })
    const told = whyOf(
      field({
        strategy: { cropPricePerT: 420, currency: 'EUR' },
        farm: { ...farmRow, waterPrice: toJson({ waterPerM3: 0.02, energyPerM3: 0.01 }) },
      }),
    ).inputs
    expect(told.find(({ key }) => key === 'crop-price')).toMatchObject({ value: 420, unit: 'EUR/t' })
    expect(told.find(({ key }) => key === 'water-cost')).toMatchObject({ value: 0.03, unit: 'EUR/m³' })
    expect(told.find(({ key }) => key === 'water-share')).toBeUndefined()
  })
})

/** The advice as it is stored. */
const stored = (farm: FarmSnapshot): LastAdvice => {
  const { fieldId, status, decision, water, demand } = decided(farm).advice[0]!
  const { key, params } = decision
  return {
    fieldId,
    org: 'coop',
    atMs: at(-4),
    status,
    key,
    params: toJson(params),
    water: water && toJson(water),
    demand: demand === 'unknown' ? (farm.advice[0]?.demand ?? null) : demand && toJson(demand),
    decisionId: 'w',
    nextRunId: null,
    decision: { ...decision, planVersion: '' },
    decisionAtMs: at(-4),
  }
}

describe('a demand for water that nothing has met', () => {
  const aged = (
    plantedDay: string,
    depletionMm: number,
    advice: LastAdvice[] = [],
    kind?: 'supplemental' | 'regulated',
  ) =>
    field({
      seasons: [seasonRow({ plantedDay })],
      state: { depletionMm },
      advice,
      // with prices the limit differs by stage
      farm: { ...farmRow, waterPrice: toJson({ waterPerM3: 0.06 }) },
      strategy: { cropPricePerT: 420, currency: 'EUR', ...(kind ? { kind } : {}) },
    })
  const statusOf = (farm: FarmSnapshot) => decided(farm).advice[0]!.status

  // days later the crop ripens, and its limit rises
  const [flowering, ripening] = ['2026-05-20', '2026-04-12']
  const askedAt = [30, 35, 40, 45, 50, 55, 60, 65, 70].find(
    (mm) => statusOf(aged(flowering, mm)) !== 'ok' && statusOf(aged(ripening, mm)) === 'ok',
  )!

  it('stays open on another day of the table, though the limit of that day is higher', () => {
    const advice = stored(aged(flowering, askedAt))
    const later = decided(aged(ripening, askedAt, [advice])).advice[0]!
    expect(later.status).not.toBe('ok')
    expect(later.water!.ofMm).toBeLessThanOrEqual(decided(aged(flowering, askedAt)).advice[0]!.water!.ofMm)
  })

  it('ends with water: the limit of the day applies again', () => {
    const advice = stored(aged(flowering, askedAt))
    const watered = decided(aged(ripening, askedAt - 25, [advice])).advice[0]!
    expect(watered.status).toBe(statusOf(aged(ripening, askedAt - 25)))
    expect(watered.water!.ofMm).toBe(decided(aged(ripening, askedAt - 25)).advice[0]!.water!.ofMm)
  })

  it('is not forgotten while the field was unknown, or rain was expected', () => {
    const rain: [number, number, number] = [60, 70, 80]
    const forecast = rainForecast([rain, rain, rain, rain])
    const keys = new Set<string>()
    for (let mm = 20; mm < 70; mm++) {
      const advice = stored(aged(flowering, mm))
      if (advice.demand === null) continue
      const { lineMm } = readOpenDemand(advice.demand)
      const unknown = stored({ ...aged(flowering, mm, [advice]), states: [] })
      const rainy = stored({ ...aged(flowering, mm, [advice]), forecast })
      for (const between of [unknown, rainy]) {
        keys.add(between.key)
        const later = decided(aged(ripening, mm, [between])).advice[0]!
        expect(later.status).not.toBe('ok')
        expect(later.water!.ofMm).toBeLessThanOrEqual(lineMm)
        expect(statusOf(aged(ripening, mm - 25, [between]))).toBe(statusOf(aged(ripening, mm - 25)))
      }
    }
    expect([...keys]).toEqual(expect.arrayContaining(['cannot-judge', 'rain-coming']))
  })

  it('no status goes from asked to OK without water, at any depletion and age, on any of the days after', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 88 }),
        fc.integer({ min: 0, max: 110 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(undefined, 'supplemental' as const, 'regulated' as const),
        (depletionMm, ageD, steps, kind) => {
          const planted = (age: number) => addDays('2026-07-19', -age)
          let last = stored(aged(planted(ageD), depletionMm, [], kind))
          if (!/^(irrigate|needs-)/.test(last.key)) return
          let age = ageD
          for (const [step, isUnknownBetween] of steps) {
            age += step
            if (isUnknownBetween)
              last = stored({ ...aged(planted(age), depletionMm, [last], kind), states: [] })
            last = stored(aged(planted(age), depletionMm, [last], kind))
            expect([age, last.key, last.status === 'ok']).toEqual([age, last.key, false])
          }
        },
      ),
      { numRuns: runs(300) },
    )
  })
})

describe('a field that is dry on purpose', () => {
  const growing = { seasons: [seasonRow({ plantedDay: '2026-07-01' })], state: { depletionMm: 75 } }

  it('shows the stage that its water is reserved for, and never that it has enough', () => {
    const why = whyOf(field({ ...growing, strategy: { kind: 'supplemental' } }))
    expect(why).toMatchObject({
      key: 'withheld',
      params: { reason: 'other-stage' },
      counterfactuals: { key: 'stage-change' },
    })
    expect(decided(field({ ...growing, strategy: { kind: 'supplemental' } })).outcomes[0]!.run).toBeNull()
  })

  it('that is not dry is an ordinary field', () => {
    const wet = { ...growing, state: { depletionMm: 20 } }
    expect(whyOf(field({ ...wet, strategy: { kind: 'supplemental' } })).key).toBe('enough')
  })

  it('is irrigated again while its season has water left', () => {
    const limits = toJson({ phases: ['vegetative' as const], maxIrrigations: 2 })
    const after = (irrigations: number) =>
      whyOf(
        field({
          ...growing,
          strategy: { kind: 'supplemental', limits },
          seasonWater: new Map([['zone-1', { irrigations, grossMm: 60 }]]),
        }),
      )
    expect(after(1).key).toBe('irrigate')
    expect(after(2)).toMatchObject({ key: 'withheld', params: { reason: 'budget-spent' } })
  })
})

describe('salt', () => {
  // 2.5 dS/m on soybean, whose threshold is 5: 2.5 / (25 - 2.5) = 0.111 of the water (FAO-29 Eq. 9)
  const salty = { strategy: { waterEcDsM: 2.5 }, zones: [zoneRow({ madFraction: 0.5 })] }

  it('has its own term in the decision: a ninth of the infiltrating water leaches', () => {
    const why = whyOf(field({ ...salty, state: { depletionMm: 47 } }))
    const leaching = term(why, 'leaching')!
    expect(leaching.params).toEqual({ percent: 11, thresholdDsM: 5 })
    // the refill at 04:00 is 45 + 2 = 47 mm; 47 x 0.1111 / 0.8889 = 5.9 mm more
    expect(leaching.mm).toBeCloseTo(5.9, 1)
    // 52.9 mm to the roots are 66.1 gross at 80 %: the zone's 60 mm cut it, and the limit is shown
    expect(term(why, 'depth')).toMatchObject({ mm: 50, params: { limit: 'max-minutes' } })
  })

  it('waits where rain is likely to leach, and shows this', () => {
    const forecast = rainForecast([
      [0, 3, 12],
      [0, 3, 14],
    ])
    const why = whyOf(field({ ...salty, state: { depletionMm: 47 }, forecast }))
    expect(term(why, 'leaching')).toBeUndefined()
    expect(term(why, 'leaching-postponed')).toMatchObject({
      mm: null,
      params: { reason: 'rain', thresholdDsM: 5 },
    })
  })

  it('waits while the estimate has the soil far from salty, and not when it is near', () => {
    const leached = (ecDsM: number) =>
      term(whyOf(field({ ...salty, state: { depletionMm: 47, outlook: outlookOf({ ecDsM }) } })), 'leaching')
    expect(leached(1)).toBeUndefined()
    expect(leached(4.2)).toBeDefined()
  })

  it('leaching that past irrigations lack is given with the next one', () => {
    const ofDue = (dueMm: number) =>
      term(whyOf(field({ ...salty, state: { depletionMm: 47, outlook: outlookOf({ dueMm }) } })), 'leaching')!
        .mm!
    expect(ofDue(4) - ofDue(0)).toBeCloseTo(4, 9)
  })
})

describe('probes that stand at the wilting point', () => {
  // pods fill from the 75th day on: the highest Ky
  const of = (wiltingMm: number | null, madFraction: number | null) =>
    decided(
      field({
        zones: [zoneRow({ madFraction })],
        state: { ageD: 90, depletionMm: 15, outlook: outlookOf({}, 0, wiltingMm) },
      }),
    )

  it.each([
    ['by price and risk', null],
    ["by a grower's own limit", 0.9],
  ])(
    '%s: in the most sensitive stage mean water now, although the estimate has plenty, and the basis names them',
    (_, madFraction) => {
      expect(of(null, madFraction).outcomes[0]!.run).toBeNull()
      const { advice, outcomes } = of(60, madFraction)
      expect(outcomes[0]!.run!.netMm).toBeGreaterThan(30)
      expect(term(advice[0]!.decision, 'refill-line')!.params).toMatchObject({
        basis: 'probes-dry',
        lineMm: 60,
      })
    },
  )
})

describe('a field without a probe', () => {
  const range = (set: Partial<FieldStateRow>) => {
    const { decision, status } = decided(field({ state: { depletionMm: 20, inputs: toJson([]), ...set } }))
      .advice[0]!
    return { status, term: term(decision, 'water-uncertain') }
  }

  it('shows the range of its water where it spans the limit, and keeps the status of the decision', () => {
    expect(range({ depletionSdMm: 3 }).term).toBeUndefined()
    const { status, term: unsure } = range({ depletionSdMm: 25 })
    expect(['ok', 'soon']).toContain(status) // of the decision's number
    expect(unsure).toMatchObject({ mm: null })
    expect(unsure!.params!.loMm).toBeLessThan(0)
    expect(unsure!.params!.hiMm).toBeGreaterThan(0)
  })

  it('is not one with a probe', () => {
    const inputs = toJson([
      { key: 'soil.moisture', value: 20, unit: '%', atMs: at(-1), kind: 'measured', fresh: 'ok' } as const,
    ])
    expect(range({ depletionSdMm: 25, inputs }).term).toBeUndefined()
  })
})

describe('water that does not arrive', () => {
  it.each([
    ['of price and risk', null],
    ["of a grower's own limit", 0.5],
  ])(
    'holds the next order %s, and a person is asked to look; two days later it is tried again',
    (_, madFraction) => {
      const dry = (withheldAfterRuns: number) =>
        decided(
          field({
            zones: [zoneRow({ madFraction })],
            state: { ageD: 60, depletionMm: 85, outlook: outlookOf({}, withheldAfterRuns) },
          }),
        )
      expect(dry(2).advice[0]).toMatchObject({ status: 'act', decision: { key: 'needs-arrival' } })
      expect(dry(2).outcomes[0]!.run).toBeNull()
      expect(dry(0).outcomes[0]!.run).not.toBeNull()
    },
  )
})

describe('the end of a season', () => {
  const ripe = (
    set: Partial<FieldStateRow>,
    season: Partial<SeasonRow> = {},
    madFraction: number | null = null,
  ) =>
    decided(
      field({
        zones: [zoneRow({ madFraction })],
        seasons: [seasonRow({ plantedDay: '2026-02-01', ...season })],
        state: { depletionMm: 80, ...set },
      }),
    )

  it('brings no more water, and asks for the harvest', () => {
    const { advice, outcomes } = ripe({ ageD: 160 })
    expect(outcomes[0]!.run).toBeNull()
    expect(advice[0]).toMatchObject({ status: 'ok', decision: { key: 'season-over', params: { day: null } } })
  })

  it('that is planned ends a field with a limit of its own as well; one by its age does not', () => {
    expect(ripe({ ageD: 160 }, {}, 0.5).outcomes[0]!.run).not.toBeNull()
    const { advice, outcomes } = ripe({ ageD: 120 }, { harvestPlannedDay: '2026-07-20' }, 0.5)
    expect(outcomes[0]!.run).toBeNull()
    expect(advice[0]).toMatchObject({ decision: { key: 'season-over', params: { day: '2026-07-20' } } })
  })

  it('keeps a demand that nothing has met', () => {
    const asked = (season: Partial<SeasonRow>) => {
      const ripening = field({ state: { ageD: 110, depletionMm: 80 } })
      const over = {
        seasons: [seasonRow({ plantedDay: '2026-02-01', ...season })],
        advice: [stored(ripening)],
      }
      return decided(field({ ...over, state: { ageD: 160, depletionMm: 80 } })).advice[0]!
    }
    expect(asked({})).toMatchObject({ status: 'soon', demand: { depletionMm: 80 } })
    expect(asked({ harvestPlannedDay: '2026-07-20' }).status).toBe('ok') // a person has said so
  })
})

describe('the latest safe start', () => {
  const state = stateRow({ etcTodayMm: 6, etcWholeDayMm: 6 })
  const use = cropUse(state, null, tokyo)!
  const days = [0, 1, 2, 3].map((i) => addDays('2026-07-23', i))
  /** Rain on the 24th alone. */
  const course = (et0Mm: number, rainMm = 0) =>
    days.map((day, i) => ({ day, rainMm: i === 1 ? rainMm : 0, et0Mm, tempMinC: 20, tempMaxC: 30 }))
  const safe = (members: ReturnType<typeof course>[], lateShare: number, haveMm = 5) =>
    latestSafeMs({
      use,
      fromMs: state.atMs,
      timeZone: tokyo,
      haveMm,
      fullMm: 45,
      rainTodayMm: 0,
      members,
      lateShare,
      expectedEt0Mm: new Map(days.map((day) => [day, 5])),
    })!

  it('is when as many courses as the risk allows have used up the water above the line', () => {
    const courses = [course(5), course(7.5), course(2.5)]
    // 5 of 6 mm by the mean course: 6 h + 12 h x acos(1 - 2 x 5/6) / pi = 14:47
    expect(safe(courses, 0.5)).toBeCloseTo(at(14, 47), -5)
    // half as much again: 3.33 of 6 mm: 12:26
    expect(Math.abs(safe(courses, 0.1) - at(12, 26))).toBeLessThan(MINUTE_MS)
  })

  it('is earlier with a higher risk aversion', () => {
    expect(acceptedLateShare(0)).toBe(0.5)
    expect(acceptedLateShare(1)).toBeCloseTo(0.1, 9)
    const courses = [3, 4, 5, 6, 7].map((et0Mm) => course(et0Mm))
    const shares = [0, 0.25, 0.5, 0.75, 1].map((aversion) => safe(courses, acceptedLateShare(aversion)))
    expect(shares).toEqual([...shares].sort((a, b) => b - a))
  })

  it('rain at the end of a day counts beyond it, and not before', () => {
    // 7 - 6 + 10 = 11 mm after the 24th, 5 after the 25th: as with 5 mm above, on the 26th
    expect(Math.abs(safe([course(5, 10)], 0.5, 7) - at(48 + 14, 47))).toBeLessThan(MINUTE_MS)
    expect(safe([course(5, 10)], 0.5, 5)).toBe(safe([course(5)], 0.5, 5))
  })

  it('without a forecast is that of the mean course', () => {
    expect(safe([], 0.1)).toBe(use.whenMs(5))
  })

  it('is shown in the decision with the share of weather that makes it too late', () => {
    // in the afternoon, with 3 of 6 mm of the day to come
    const afternoon = { atMs: at(-8), etcTodayMm: 3, etcWholeDayMm: 6 }
    const dry = (depletionMm: number) =>
      whyOf(field({ state: { ...afternoon, depletionMm }, forecast: rainForecast([0, 0, 0]) }))
    const why = Array.from({ length: 30 }, (_, i) => dry(30 + i)).find(({ key }) => key === 'irrigate')!
    expect(term(why, 'available-now')!.mm).toBeGreaterThan(0)
    // a quarter of aversion: 0.5 - 0.4 x 0.25 = 40 %
    expect(term(why, 'latest-start')).toMatchObject({ mm: null, params: { riskPercent: 40 } })
    // it has passed where the field is short already
    expect(term(dry(80), 'available-now')!.mm).toBeLessThan(0)
    expect(term(dry(80), 'latest-start')).toBeUndefined()
  })
})

describe('the price of a m³', () => {
  const tariff = [
    { fromMin: 22 * 60, toMin: 6 * 60, perM3: 2 },
    { fromMin: 6 * 60, toMin: 22 * 60, perM3: 6 },
  ]
  const farm = (pump: object, waterPrice: object | null = null) => ({
    farm: { ...farmRow, waterPrice: waterPrice && toJson(waterPrice) },
    pumps: [pumpRow(pump)],
  })

  it('is the mean of the tariff over the hours in which a zone is irrigated', () => {
    // 04:00 to 09:00: two hours at 2, three at 6: (2 x 2 + 3 x 6) / 5 = 4.4
    const price = waterPriceOf(zoneRow(), farm({ schedule: toJson({ tariff }) }), null)
    expect(price.energy).toBeCloseTo(4.4, 9)
    // past midnight: 20:00 to 02:00, two at 6, four at 2: 20 / 6
    const night = zoneRow({ windowFromMin: 20 * 60, windowToMin: 2 * 60 })
    expect(waterPriceOf(night, farm({ schedule: toJson({ tariff }) }), null).energy).toBeCloseTo(20 / 6, 9)
  })

  it("is the pump's, else the field's fixed schedule's, else the farm's; a missing one is unknown", () => {
    const everywhere = { waterPerM3: 12 }
    const own = farm({ waterPrice: toJson({ waterPerM3: 9 }) }, everywhere)
    expect(waterPriceOf(zoneRow(), own, { waterPricePerM3: 7 }).water).toBe(9)
    expect(waterPriceOf(zoneRow(), farm({}, everywhere), { waterPricePerM3: 7 }).water).toBe(7)
    expect(waterPriceOf(zoneRow(), farm({}, everywhere), null).water).toBe(12)
    expect(waterPriceOf(null, farm({}), null)).toEqual({ water: null, energy: null })
  })

  it('has the currency that was entered with it', () => {
    const priced = farm(
      { schedule: toJson({ tariff, currency: 'JPY' }) },
      { waterPerM3: 12, currency: 'EUR' },
    )
    expect(currencyOf(zoneRow(), priced)).toBe('JPY')
    expect(currencyOf(zoneRow(), farm({}, { waterPerM3: 12, currency: 'EUR' }))).toBe('EUR')
    expect(currencyOf(null, farm({}))).toBeNull()
    const why = whyOf(field({ ...priced, strategy: { cropPricePerT: 420, currency: null } }))
    expect(why.inputs.find(({ key }) => key === 'water-cost')).toMatchObject({ unit: 'JPY/m³' })
  })
})
