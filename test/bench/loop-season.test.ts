/** Seasons of the closed loop: generated weather that keeps its normals, the same random numbers for every policy, policies that follow their rule. */
import { describe, expect, it } from 'vitest'
import { clairvoyant } from '../../bench/loop/clairvoyant.ts'
import { climates } from '../../bench/loop/climates.ts'
import type { Comparison, Row } from '../../bench/loop/compare.ts'
import { drawImperfections } from '../../bench/loop/imperfect.ts'
import { judge } from '../../bench/loop/judge.ts'
import { checkbook } from '../../bench/loop/policies/checkbook.ts'
import { oneSensor, perfectRefill, rainfed, timer } from '../../bench/loop/policies/simple.ts'
import { byStages } from '../../bench/loop/policies/stages.ts'
import { tilth } from '../../bench/loop/policies/tilth.ts'
import {
  allowed,
  runSeason,
  seasonOf,
  yearsOf,
  type Policy,
  type Observation,
  type Truth,
} from '../../bench/loop/season.ts'
import { tunedTimer } from '../../bench/loop/tune.ts'
import { weatherFrom } from '../../bench/loop/weather.ts'

const [champion, tunis] = climates as [(typeof climates)[0], (typeof climates)[0]]
const season = seasonOf(champion!, 2001, 'test')

describe('the made weather', () => {
  it.each(climates)('of $name keeps the normals of each month over a century', ({ normals }) => {
    const days = weatherFrom(normals, '1901-01-01', 36_500, 'century')
    for (let month = 0; month < 12; month++) {
      const own = days.filter(({ day }) => Number(day.slice(5, 7)) === month + 1)
      const mean = (of: (day: (typeof own)[0]) => number) =>
        own.reduce((sum, one) => sum + of(one), 0) / own.length
      expect(Math.abs(mean(({ tMaxC }) => tMaxC) - normals.tMaxC[month]!)).toBeLessThan(0.8)
      expect(Math.abs(mean(({ tMinC }) => tMinC) - normals.tMinC[month]!)).toBeLessThan(0.8)
      expect(Math.abs(mean(({ et0Mm }) => et0Mm) / normals.et0Mm[month]! - 1)).toBeLessThan(0.12)
      const [p01, p11] = [normals.wetAfterDry[month]!, normals.wetAfterWet[month]!]
      const usualMm = (normals.wetDayMm[month]! * p01) / (1 - p11 + p01)
      expect(Math.abs(mean(({ rainMm }) => rainMm) - usualMm)).toBeLessThan(0.1 + 0.2 * usualMm)
    }
    for (const { tMinC, tMaxC, et0Mm } of days) {
      expect(tMaxC).toBeGreaterThan(tMinC)
      expect(et0Mm).toBeGreaterThan(0)
    }
  })

  it('is the same for the same seed and another for another', () => {
    const make = (seed: string) => weatherFrom(champion!.normals, '2001-05-01', 50, seed)
    expect(make('a')).toEqual(make('a'))
    expect(make('a')).not.toEqual(make('b'))
  })
})

describe('the forecast that a farm receives', () => {
  it('loses a twentieth of its runs, wastes a tenth to a quarter, and has days without a sensor', () => {
    const lucks = Array.from({ length: 40 }, (_, i) => drawImperfections(season.days, `luck/${i}`))
    const share = (all: readonly unknown[], is: (one: never) => boolean) =>
      (all as never[]).filter(is).length / all.length
    expect(
      share(
        lucks.flatMap(({ isFailing }) => isFailing),
        (one: boolean) => one,
      ),
    ).toBeCloseTo(0.05, 1)
    const missing = share(
      lucks.flatMap(({ sensorErrors }) => sensorErrors.flat()),
      (one: number | null) => one === null,
    )
    expect(missing).toBeGreaterThan(0.02)
    expect(missing).toBeLessThan(0.1)
    for (const { efficiency } of lucks) {
      expect(efficiency).toBeGreaterThanOrEqual(0.75)
      expect(efficiency).toBeLessThanOrEqual(0.9)
    }
  })

  it('is less accurate the further ahead it looks: rain that falls and rain that does not', () => {
    const { days } = season
    const { forecasts } = drawImperfections(days, 'forecast')
    const agreement = (lead: number) => {
      const pairs = forecasts.flatMap((ahead, i) => {
        const told = ahead[lead - 1]
        return told ? [{ isTold: told.rainMm >= 1, isTrue: days[i + lead]!.rainMm >= 1 }] : []
      })
      const misses = pairs.filter(({ isTold, isTrue }) => isTrue && !isTold).length
      const alarms = pairs.filter(({ isTold, isTrue }) => isTold && !isTrue).length
      return { wrong: (misses + alarms) / pairs.length, misses, alarms }
    }
    expect(agreement(1).wrong).toBeLessThan(agreement(7).wrong)
    expect(agreement(5).misses).toBeGreaterThan(0)
    expect(agreement(5).alarms).toBeGreaterThan(0)
    for (const [i, ahead] of forecasts.entries()) if (ahead[0]) expect(ahead[0].day).toBe(days[i + 1]!.day)
  })

  it('is the same luck whatever the policy, and other luck in other years', () => {
    expect(seasonOf(champion!, 2001, 'test').imperfections).toEqual(season.imperfections)
    expect(seasonOf(champion!, 2002, 'test').imperfections.efficiency).not.toBe(
      season.imperfections.efficiency,
    )
    const { evaluated, others } = yearsOf(champion!, 10)
    expect(evaluated).toHaveLength(10)
    expect(evaluated.some((year) => others.includes(year))).toBe(false)
  })

  it('ends its history on the day before sowing', () => {
    expect(season.history.at(-1)!.day).toBe('2001-04-30')
    expect(season.history.length).toBeGreaterThan(10 * 365)
  })
})

describe('policies', () => {
  const seen = (part: Partial<Observation>): Observation => ({
    index: 10,
    weather: season.imperfections.measured[10]!,
    soilMoisture: [0.2, 0.2],
    appliedMm: 0,
    forecast: [],
    ...part,
  })
  const truth: Truth = { depletionMm: 40, tawMm: 100, heatCd: 300, isRipe: false }

  it('a timer gives its depth on every seventh day', () => {
    const days = Array.from({ length: 28 }, (_, index) => timer(35, 7)(seen({ index }), truth))
    expect(days.filter((mm) => mm === 35)).toHaveLength(4)
    expect(days.filter((mm) => mm !== 0 && mm !== 35)).toHaveLength(0)
  })

  it('a sensor waters below its share of what the soil holds, and not without a reading', () => {
    const rule = oneSensor(champion!, 0.5, 25)
    expect(rule(seen({ soilMoisture: [0.17, 0.1] }), truth)).toBe(0)
    expect(rule(seen({ soilMoisture: [0.15, 0.3] }), truth)).toBe(25)
    expect(rule(seen({ soilMoisture: [null, 0.1] }), truth)).toBe(0)
  })

  it('a perfect refill gives what is missing at the meter; by stages each has its own threshold', () => {
    expect(perfectRefill(0.5, 0.8)(seen({}), truth)).toBe(0)
    expect(perfectRefill(0.4, 0.8)(seen({}), truth)).toBe(50)
    const rule = byStages(champion!, { shares: [0.3, 0.9, 0.9, 2], fill: 0.5 }, 0.8)
    expect(rule(seen({}), truth)).toBe(25)
    expect(rule(seen({}), { ...truth, heatCd: 700 })).toBe(0)
    expect(rule(seen({}), { ...truth, heatCd: 1500, depletionMm: 99 })).toBe(0)
  })

  it('no run is longer than the system allows or shorter than it makes sense', () => {
    expect([3, 5, 30, 200].map(allowed)).toEqual([0, 5, 30, 60])
  })

  it('rain-fed fields drink rain only, failed runs bring nothing', () => {
    expect(runSeason(season, rainfed()).irrigationMm).toBe(0)
    const { appliedMm } = runSeason(season, () => 10)
    const { isFailing } = season.imperfections
    const fails = isFailing.filter((is, i) => is && i > 0 && i < 120).length
    expect(fails).toBeGreaterThan(0)
    expect([...appliedMm].filter((mm, i) => mm === 0 && i > 0 && i < 120)).toHaveLength(fails)
  })

  it('the checkbook irrigates when its readily available water is depleted, and not before', () => {
    const { appliedMm, irrigationMm } = runSeason(season, checkbook(season))
    const first = appliedMm.findIndex((mm) => mm > 0)
    // 0.55 of 0.3-1.4 m of sandy loam is not depleted in a week of spring
    expect(first).toBeGreaterThan(7)
    expect(irrigationMm).toBeGreaterThan(150)
    expect(irrigationMm).toBeLessThan(800)
  })

  it('Tilth decides each day of a season from its plan lines alone', () => {
    const outcome = runSeason(season, tilth(season))
    expect(Number.isFinite(outcome.profit)).toBe(true)
    expect(outcome.yieldTHa).toBeGreaterThan(runSeason(season, rainfed()).yieldTHa)
    const again = runSeason(season, tilth(season))
    expect([...again.appliedMm]).toEqual([...outcome.appliedMm])
  })

  it('the tuned timer has the highest profit: less water than the fixed one where winters are wet', () => {
    const others = [1971, 1972, 1973].map((year) => seasonOf(tunis!, year, 'test'))
    const best = tunedTimer(others)
    const worth = (make: () => Policy) => others.reduce((sum, one) => sum + runSeason(one, make()).profit, 0)
    expect(worth(() => best.make(others[0]!))).toBeGreaterThan(worth(() => timer(35, 7)))
  })
})

describe('the clairvoyant', () => {
  const starts = [timer(35, 7), checkbook(season), perfectRefill(0.5, season.imperfections.efficiency)].map(
    (policy) => runSeason(season, policy),
  )

  it('is at least as good as every schedule that it starts from, and what it promises can be played', () => {
    const best = clairvoyant(
      season,
      starts.map(({ appliedMm }) => appliedMm),
      'test',
      0.3,
    )
    for (const { profit } of starts) expect(best.profit).toBeGreaterThan(profit)
    const played = runSeason(season, ({ index }) => best.appliedMm[index + 1] ?? 0)
    expect(played.profit).toBeCloseTo(best.profit, 9)
    expect([...played.appliedMm]).toEqual([...best.appliedMm])
  })

  it('finds the same again with the same seed', () => {
    const find = () =>
      clairvoyant(
        season,
        starts.map(({ appliedMm }) => appliedMm),
        'same',
        0.05,
      )
    expect(find().profit).toBe(find().profit)
  })
})

describe('the judgement', () => {
  const row = (policy: Row['policy'], part: Partial<Row>): Row => ({
    policy,
    label: '',
    yieldTHa: 10,
    irrigationMm: 300,
    runs: 9,
    profit: 1500,
    percolationMm: 10,
    percolationShare: 0.03,
    stressDays: 0,
    regret: 0.1,
    ...part,
  })
  const against = (own: Partial<Row>, depthMm = 600, leastMm = 200): Comparison => ({
    climate: 'somewhere',
    seasons: 1,
    moreSearchGain: 0,
    rows: [
      row('timer', { irrigationMm: depthMm, profit: 1200 }),
      row('tuned-timer', {}),
      row('sensor', {}),
      row('checkbook', {}),
      row('tilth', { irrigationMm: 250, profit: 1600, regret: 0.04, ...own }),
      row('clairvoyant', { irrigationMm: leastMm, profit: 1667, regret: 0 }),
    ],
  })
  const missed = (comparison: Comparison) =>
    judge([comparison])
      .filter(({ isMet }) => !isMet)
      .map(({ figure }) => figure)

  it('passes when every figure meets its target', () => {
    expect(missed(against({}))).toEqual([])
  })

  it.each([
    [{ irrigationMm: 290 }, 'somewhere: water gap between timer and clairvoyant closed'],
    [{ yieldTHa: 9.6 }, "somewhere: yield of the best policy's"],
    [{ percolationShare: 0.1 }, 'somewhere: percolation of irrigation'],
    [{ regret: 0.06 }, 'regret against the clairvoyant, mean of the climates'],
  ])('names the missed target: %j', (own, figure) => {
    expect(missed(against(own))).toEqual([figure])
  })

  it('compares the profit with each of the three rivals', () => {
    expect(missed(against({ profit: 1500 }))).toEqual([
      'somewhere: profit against tuned-timer',
      'somewhere: profit against sensor',
      'somewhere: profit against checkbook',
    ])
  })

  it('requires at most the water of the timer where that is near the minimum, and little more than the minimum where it is below', () => {
    const water = 'somewhere: water, where the timer wastes none'
    expect(missed(against({ irrigationMm: 205 }, 205, 200))).toEqual([])
    expect(missed(against({ irrigationMm: 215 }, 205, 200))).toEqual([water])
    expect(missed(against({ irrigationMm: 415 }, 205, 400))).toEqual([])
    expect(missed(against({ irrigationMm: 425 }, 205, 400))).toEqual([water])
  })
})
