import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crops } from '../../../services/agronomy/crops/catalogue.ts'
import { cropResponse } from '../../../services/irrigation-model/crop-response.ts'
import { daysAhead } from '../../../services/irrigation-model/days-ahead.ts'
import { demand, type DemandInput } from '../../../services/irrigation-model/demand.ts'
import { noRainSkill, rainBySkill } from '../../../services/irrigation-model/rain-skill.ts'
import { DOUBTS, learnRules, ruleFor, tableRule } from '../../../services/irrigation-model/learn-rule.ts'
import { limitToday } from '../../../services/irrigation-model/rollout.ts'
import { membersAhead, type PastSeason } from '../../../services/irrigation-model/weather-ahead.ts'
import '../../support/seed.ts'

const crop = crops.maize
const response = cropResponse(crop)
const system = { efficiency: 0.85, maxMm: 40, minMm: 5, wettedFraction: 1 }
const waterValue = { yieldPerHa: 2000, waterPerMm: 1, perRun: 0, riskAversion: 0.25 }
const rules = DOUBTS.map(() => tableRule(crop))

/** As much sandy loam as roots reach, and `count` days from the age on. */
const ahead = (fromAge: number, count = 300) =>
  daysAhead({
    crop,
    response,
    agesD: Array.from({ length: count }, (_, k) => fromAge + k),
    storeMm: (toM) => 120 * toM,
    rootDepthM: (age) => 0.3 + (response.rootM - 0.3) * Math.min(1, age / 70),
    tewMm: 17,
    rewMm: 8,
    use: 1,
  })

const dry = (length: number, et0Mm = 6): PastSeason => ({
  et0Mm: new Float64Array(length).fill(et0Mm),
  rainMm: new Float64Array(length),
})

function input(x: {
  age: number
  depletionMm: number
  rainMm?: number[]
  sdMm?: number
  belowMm?: number
  waterValue?: Partial<DemandInput['waterValue']>
}): DemandInput {
  const days = ahead(x.age)
  const forecast = (x.rainMm ?? []).map((mm) => ({ et0Mm: null, rainAt: rainBySkill(mm, noRainSkill) }))
  return {
    days,
    members: membersAhead(days.count, x.age, [dry(200)], forecast, () => 6),
    now: { depletionMm: x.depletionMm, sdMm: x.sdMm ?? 8, surfaceMm: 8, belowMm: x.belowMm ?? 10 },
    rule: ruleFor(rules, (x.sdMm ?? 8) / Math.max(1, days.tawMm[0] ?? 1)),
    system,
    waterValue: { ...waterValue, ...x.waterValue },
    mustMm: null,
  }
}

const ages = fc.integer({ min: 1, max: 149 })
const depletions = fc.double({ min: 0, max: 160, noNaN: true })

describe('the irrigation of a field', () => {
  it('irrigates flowering maize that has used its readily available water, and not a full field', () => {
    const tawMm = 120 * response.rootM
    expect(demand(input({ age: 75, depletionMm: 0.65 * tawMm })).netMm).toBeGreaterThan(0)
    expect(demand(input({ age: 75, depletionMm: 0.1 * tawMm })).netMm).toBe(0)
  })

  it('more depletion is never less urgent', () => {
    fc.assert(
      fc.property(ages, depletions, depletions, (age, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        const isWatered = (mm: number) => demand(input({ age, depletionMm: mm })).netMm > 0
        if (isWatered(less)) expect(isWatered(more)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('fills soil that young roots will reach when each run costs, and none where that soil is full', () => {
    const young = { age: 20, depletionMm: 45, waterValue: { perRun: 40 } }
    const wide = (belowMm: number) => {
      const x = input({ ...young, belowMm })
      return demand({ ...x, system: { ...system, maxMm: 100 } }).netMm
    }
    expect(wide(0)).toBeGreaterThan(0)
    expect(wide(0)).toBeLessThanOrEqual(45)
    expect(wide(60)).toBeGreaterThan(45)
    expect(wide(60)).toBeLessThanOrEqual(45 + 60)
  })

  it('never exceeds the daily capacity of the system or the storage of the soil, and is never below the minimum', () => {
    fc.assert(
      fc.property(ages, depletions, (age, depletionMm) => {
        const { netMm } = demand(input({ age, depletionMm }))
        expect(netMm).toBeLessThanOrEqual(Math.min(depletionMm + 10, 40 * 0.85) + 1e-9)
        if (netMm > 0) expect(netMm).toBeGreaterThanOrEqual(5 * 0.85 - 1e-9)
      }),
      { numRuns: 60 },
    )
  })

  it('forecast rain never lowers the line', () => {
    fc.assert(
      fc.property(ages, fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 7 }), (age, rainMm) => {
        const without = demand(input({ age, depletionMm: 60, rainMm: rainMm.map(() => 0) })).lineMm
        const withRain = demand(input({ age, depletionMm: 60, rainMm })).lineMm
        expect(withRain ?? Infinity).toBeGreaterThanOrEqual((without ?? Infinity) - 1e-6)
      }),
      { numRuns: 40 },
    )
  })

  it('gives no water in the last days, which no crop turns into yield', () => {
    for (const depletionMm of [80, 100]) {
      expect(demand(input({ age: 147, depletionMm })).netMm).toBe(0)
      expect(demand(input({ age: 300, depletionMm })).netMm).toBe(0)
    }
  })

  it('expensive water changes the season, not the flowering', () => {
    const cheap = demand(input({ age: 40, depletionMm: 70, waterValue: { waterPerMm: 0.1 } }))
    const dear = demand(input({ age: 40, depletionMm: 70, waterValue: { waterPerMm: 20 } }))
    expect(dear.lineMm ?? Infinity).toBeGreaterThan(cheap.lineMm ?? Infinity)
  })

  it('a high uncertainty is irrigated sooner than a certain state', () => {
    const sure = demand(input({ age: 80, depletionMm: 60, sdMm: 4 })).lineMm!
    const unsure = demand({
      ...input({ age: 80, depletionMm: 60, sdMm: 40 }),
      rule: ruleFor(marginRules(), 0.2),
    }).lineMm!
    expect(unsure).toBeLessThan(sure)
  })

  it('without prices the line is RAW, where the rule allows more', () => {
    const lineOf = (p: number) => {
      const x = { ...input({ age: 100, depletionMm: 0 }), p }
      const { lineMm } = demand({ ...x, rule: { limits: [0.9, 0.9, 0.9], room: 0 } })
      return lineMm! / x.days.tawMm[0]!
    }
    expect(lineOf(0.35)).toBeGreaterThan(0.1)
    // p is adjusted by the same use of the day (FAO-56 Table 22)
    expect(lineOf(0.4) - lineOf(0.35)).toBeCloseTo(0.05, 9)
  })

  it('a soil that drains to less than entered is irrigated with as much water left as that soil', () => {
    const x = { ...input({ age: 100, depletionMm: 0 }), p: 0.4 }
    const rule = { limits: [0.9, 0.9, 0.9] as const, room: 0 }
    const leftMm = (heldShare: number) => {
      const days = { ...x.days, heldShare, tawMm: x.days.tawMm.map((mm) => heldShare * mm) }
      return days.tawMm[0]! - demand({ ...x, days, rule }).lineMm!
    }
    expect(leftMm(0.8)).toBeCloseTo(leftMm(1), 9)
  })

  it('a limit is for a day of 5 mm: with a higher ET0 irrigation starts sooner', () => {
    const limits = [0.5, 0.6, 0.75] as const
    expect(limitToday(limits, 0, 9)).toBeCloseTo(0.34)
    expect(limitToday(limits, 1, 9)).toBeCloseTo(0.44)
    expect(limitToday(limits, 2, 9)).toBe(limitToday(limits, 1, 9))
    expect(limitToday(limits, 3, 2)).toBeCloseTo(0.87)
  })

  it('a crop that tolerates drought is irrigated sooner while its leaves grow', () => {
    const growing = tableRule(crops.cotton).limits[0]
    expect(crops.cotton.p).toBeGreaterThan(0.6)
    // half way from 0.2, where leaf growth slows, to 0.7, where it stops (FAO 66)
    expect(growing).toBeCloseTo(0.45)
    expect(tableRule(crops.potato).limits[0]).toBe(crops.potato.p)
  })

  it('a crop that uses less than the tables loses nothing by that, and a dry one loses yield', () => {
    const sparing = (depletionMm: number, waterPerMm = 1) => {
      const x = input({ age: 75, depletionMm, waterValue: { waterPerMm } })
      const field = {
        drierMm: 0,
        tawShare: 1,
        heldShare: 1,
        use: 0.75,
        late: 0,
        ripe: 0,
        cover: 0.95,
        tolerance: 0,
      }
      return { ...x, members: x.members.map((member) => ({ ...member, field })) }
    }
    expect(demand(sparing(0)).loss).toBeLessThan(0.03)
    const tawMm = 120 * response.rootM
    const unwatered = demand(sparing(tawMm, 1000))
    expect(unwatered.netMm).toBe(0)
    expect(unwatered.loss).toBeGreaterThan(demand(sparing(0)).loss + 0.03)
  })

  it("a person's own limit applies, whatever its economics", () => {
    const x = input({ age: 40, depletionMm: 30 })
    expect(demand(x).netMm).toBe(0)
    expect(demand({ ...x, mustMm: 25 }).netMm).toBeGreaterThan(0)
  })
})

const marginRules = () =>
  learnRules(tableRule(crop), {
    days: ahead(0),
    start: { depletionMm: 10, surfaceMm: 8, belowMm: 30 },
    past: [],
    system,
    waterValue,
  }).rules

describe('a rule learned from other years', () => {
  const start = { depletionMm: 10, surfaceMm: 8, belowMm: 30 }
  const years = (rainEvery: number, mm: number): PastSeason[] =>
    Array.from({ length: 8 }, (_, year) => {
      const one = dry(220, 5 + (year % 3))
      for (let i = year; i < one.rainMm.length; i += rainEvery) one.rainMm[i] = mm
      return one
    })

  it('is that of the tables, with a margin for the uncertainty, where there are too few years', () => {
    const { rules: found, years: count } = learnRules(tableRule(crop), {
      days: ahead(0),
      start,
      past: years(9, 12).slice(0, 3),
      system,
      waterValue,
    })
    expect(count).toBe(0)
    expect(found[2]!.limits[1]).toBeLessThan(found[0]!.limits[1])
  })

  it('stays near the tables for any years', () => {
    const tables = tableRule(crop)
    const { rules: found, years: count } = learnRules(tables, {
      days: ahead(0),
      start,
      past: years(6, 20),
      system,
      waterValue: { ...waterValue, waterPerMm: 50 },
    })
    expect(count).toBe(8)
    for (const rule of found) {
      for (const [i, limit] of rule.limits.entries())
        expect(Math.abs(limit - tables.limits[i]!)).toBeLessThanOrEqual(0.5)
      for (const limit of rule.limits) expect(limit).toBeGreaterThan(0.1)
    }
  })
})
