/** Seasons of the closed loop: generated weather that keeps its normals, the same random numbers for every policy, policies that follow their rule. */
import { describe, expect, it } from 'vitest'
import { daysBetween } from '../../broker/contract/time.ts'
import { clairvoyant } from '../../bench/loop/clairvoyant.ts'
import { climates } from '../../bench/loop/climates.ts'
import type { Comparison, FaultComparison, Row } from '../../bench/loop/compare.ts'
import { drawImperfections, FAULT_FROM, faults, type Fault } from '../../bench/loop/imperfect.ts'
import { judge, judgeFault, judgeOtherCrop } from '../../bench/loop/judge.ts'
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
import type { Figure } from '../../bench/support/report.ts'

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

  it('has a history of one year in the first season and a year more in each, with lost days and one gap', () => {
    const years = [2001, 2002, 2010].map((year) => {
      const { history, sowingDay } = seasonOf(champion!, year, 'test')
      expect(history.every(({ day }) => day < sowingDay)).toBe(true)
      const spanD = daysBetween(history[0]!.day, sowingDay)
      const lost = spanD - history.length
      expect(lost).toBeGreaterThanOrEqual(50)
      expect(lost).toBeLessThan(50 + 0.04 * spanD)
      return Math.floor(spanD / 365)
    })
    expect(years).toEqual([1, 2, 10])
  })

  it('has a guess of the water at sowing that is wrong by three hundredths', () => {
    const errors = Array.from({ length: 60 }, (_, i) => {
      const { reportedStartVwc, start } = seasonOf(champion!, 2001 + i, 'guess')
      return reportedStartVwc - start.theta[0]!
    })
    const sd = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
    expect(sd).toBeGreaterThan(0.022)
    expect(sd).toBeLessThan(0.038)
  })
})

describe('faults of the equipment', () => {
  const { fieldCapacity, wiltingPoint } = season.field.soil
  /** What the farm sees, day by day, of a field that is watered on a timer. */
  function seen(fault: Fault | null): Observation[] {
    const observations: Observation[] = []
    runSeason(seasonOf(champion!, 2001, 'test', fault), (observation, truth) => {
      observations.push(observation)
      return timer(35, 14)(observation, truth)
    })
    return observations
  }
  const sound = seen(null)
  const readings = (observations: readonly Observation[]) =>
    observations
      .slice(FAULT_FROM + 1)
      .flatMap(({ soilMoisture }) => soilMoisture)
      .filter((vwc) => vwc !== null)

  it('leave the days before them, the weather and the forecasts as they are', () => {
    for (const fault of faults) {
      const faulty = seen(fault)
      for (const [i, { weather, forecast, soilMoisture }] of faulty.entries()) {
        expect(weather).toEqual(sound[i]!.weather)
        expect(forecast).toEqual(sound[i]!.forecast)
        if (i < FAULT_FROM || fault === 'no-meter') expect(soilMoisture).toEqual(sound[i]!.soilMoisture)
      }
    }
  })

  it('probes that lie wet or dry stay at one end of the soil, with a little noise; those that are silent say nothing', () => {
    for (const vwc of readings(seen('wet-probes'))) expect(Math.abs(vwc - fieldCapacity)).toBeLessThan(0.04)
    for (const vwc of readings(seen('dry-probes'))) expect(Math.abs(vwc - wiltingPoint)).toBeLessThan(0.04)
    expect(new Set(readings(seen('wet-probes'))).size).toBeGreaterThan(100)
    expect(readings(seen('silent-probes'))).toEqual([])
  })

  it('a drifting probe shows ever more water than it should', () => {
    const drifting = seen('drifting-probes')
    const shiftOn = (i: number) => drifting[i]!.soilMoisture[0]! - sound[i]!.soilMoisture[0]!
    const measured = sound.flatMap(({ soilMoisture }, i) => (soilMoisture[0] === null ? [] : [i]))
    const [early, late] = [measured.find((i) => i > FAULT_FROM + 5)!, measured.at(-1)!]
    expect(shiftOn(late) / shiftOn(early)).toBeCloseTo((late - FAULT_FROM) / (early - FAULT_FROM), 6)
  })

  it('a farm without a meter has no depth at all', () => {
    expect(seen('no-meter').every(({ appliedMm }) => appliedMm === null)).toBe(true)
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
    const wet = { ...season, reportedStartVwc: season.climate.soil.fieldCapacity }
    const { appliedMm, irrigationMm } = runSeason(season, checkbook(wet))
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
  const against = (
    own: Partial<Row>,
    timerMm = 600,
    leastMm = 200,
    more: Partial<Comparison> = {},
  ): Comparison => ({
    climate: 'somewhere',
    seed: 'x',
    seasons: 10,
    unstressedTHa: 10,
    falseAlarms: 0,
    moreSearchGain: 0,
    rows: [
      row('timer', { irrigationMm: timerMm, profit: 1200 }),
      row('tuned-timer', {}),
      row('sensor', {}),
      row('checkbook', {}),
      row('tilth', { irrigationMm: 250, profit: 1600, regret: 0.04, ...own }),
      row('clairvoyant', { irrigationMm: leastMm, profit: 1667, regret: 0 }),
    ],
    ...more,
  })
  const unmet = (figures: readonly Figure[]) =>
    figures.filter(({ isMet }) => !isMet).map(({ figure }) => figure.replace('somewhere: ', ''))
  const missed = (...seeds: Comparison[]) => unmet(judge(seeds))

  it('passes when every figure meets its target', () => {
    expect(missed(against({}))).toEqual([])
  })

  it.each([
    [{ irrigationMm: 290 }, 'water gap between timer and clairvoyant closed'],
    [{ yieldTHa: 9.6 }, 'yield of an unstressed crop'],
    [{ percolationShare: 0.1 }, 'percolation of irrigation'],
    [{ regret: 0.06 }, 'regret against the clairvoyant'],
  ])('names the missed target: %j', (own, figure) => {
    expect(missed(against(own))).toEqual([figure])
  })

  it('is missed when one seed of three misses it, and shows the value of each', () => {
    const seeds = [against({}), against({ yieldTHa: 9.6 }), against({})]
    expect(missed(...seeds)).toEqual(['yield of an unstressed crop'])
    expect(judge(seeds).find(({ figure }) => figure.includes('yield'))!.value).toBe(
      '100.0 % / 96.0 % / 100.0 %',
    )
  })

  it('is missed when sound probes are reported in more than one season of ten', () => {
    expect(missed(against({}, 600, 200, { falseAlarms: 1 }))).toEqual([])
    expect(missed(against({}, 600, 200, { falseAlarms: 2 }))).toEqual([
      'seasons without a fault that report a probe',
    ])
  })

  it('compares the profit with each of the three rivals', () => {
    expect(missed(against({ profit: 1500 }))).toEqual([
      'profit against tuned-timer',
      'profit against sensor',
      'profit against checkbook',
    ])
  })

  it('requires at most the water of the timer where that is near the minimum, and little more than the minimum where it is below', () => {
    const water = 'water gap between timer and clairvoyant closed'
    expect(missed(against({ irrigationMm: 205 }, 205, 200))).toEqual([])
    expect(missed(against({ irrigationMm: 215 }, 205, 200))).toEqual([water])
    expect(missed(against({ irrigationMm: 415 }, 205, 400))).toEqual([])
    expect(missed(against({ irrigationMm: 425 }, 205, 400))).toEqual([water])
  })

  it('of another crop allows two per cent less yield, and compares with the plain timer', () => {
    expect(unmet(judgeOtherCrop([against({ yieldTHa: 9.6 })]))).toEqual([])
    expect(unmet(judgeOtherCrop([against({ yieldTHa: 9.4, profit: 1100 })]))).toEqual([
      'yield of an unstressed crop',
      'profit against timer',
      'profit against sensor',
      'profit against checkbook',
    ])
  })

  it.each([
    [{ yieldShare: 0.89 }, ['no-meter: yield and profit of the season without it']],
    [{ profitShare: 0.89 }, ['no-meter: yield and profit of the season without it']],
    [{ irrigationMm: 601 }, ['no-meter: water']],
    [{ noticedAfterD: 8 }, ['no-meter: reported after']],
    [{ noticedAfterD: Infinity }, ['no-meter: reported after']],
    [{ noticedAfterD: null }, []],
  ])('of a fault: %j', (own, figures) => {
    const met: FaultComparison = {
      climate: 'somewhere',
      seed: 'x',
      fault: 'no-meter',
      seasons: 4,
      yieldShare: 1,
      profitShare: 0.95,
      irrigationMm: 400,
      timerMm: 600,
      noticedAfterD: 3,
    }
    expect(unmet(judgeFault([met, { ...met, ...own }]))).toEqual(figures)
  })
})
