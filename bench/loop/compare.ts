/**
 * All policies over the same seasons of one place. Tuned ones are tuned on seasons of other years. Tilth carries what it has
 * learned from one season into the next.
 */
import { sumBy } from '../../services/runtime/math.ts'
import { clairvoyant } from './clairvoyant.ts'
import type { Climate } from './climates.ts'
import type { Fault } from './imperfect.ts'
import { checkbook } from './policies/checkbook.ts'
import { perfectRefill, rainfed, timer } from './policies/simple.ts'
import { tilthFarm } from './policies/tilth.ts'
import { modelLines, type Lines } from './product-lines.ts'
import {
  runSeason,
  seasonOf,
  unstressedYieldTHa,
  yearsOf,
  type Outcome,
  type Policy,
  type Season,
} from './season.ts'
import { tunedSensor, tunedStages, tunedTimer } from './tune.ts'

export const policyNames = [
  'rainfed',
  'timer',
  'tuned-timer',
  'sensor',
  'checkbook',
  'refill-70',
  'refill-50',
  'stages',
  'tilth',
  'clairvoyant',
] as const
export type PolicyName = (typeof policyNames)[number]

/** Means over the seasons. */
export interface Row {
  policy: PolicyName
  /** tuned parameters, for the table */
  label: string
  yieldTHa: number
  irrigationMm: number
  runs: number
  profit: number
  percolationMm: number
  /** in excess of drainage without irrigation, per irrigation; null without irrigation */
  percolationShare: number | null
  stressDays: number
  /** relative to the clairvoyant's profit */
  regret: number
}

export interface Comparison {
  climate: string
  seed: string
  seasons: number
  rows: Row[]
  /** dry yield without any lack of water, t/ha, mean of the seasons */
  unstressedTHa: number
  /** of Tilth's seasons without a fault: those in which it reported a contradicting probe */
  falseAlarms: number
  /** relative gain of the clairvoyant's profit by a search four times as long, in the first season */
  moreSearchGain: number
}

const LONGER = 4

export function compareOn(
  climate: Climate,
  seasons: number,
  seed: string,
  log: (text: string) => void,
  openLines: () => Lines = modelLines,
): Comparison {
  const years = yearsOf(climate, seasons)
  const tuningSeasons = years.others.map((year) => seasonOf(climate, year, seed))
  const byTimer = tunedTimer(tuningSeasons)
  const bySensor = tunedSensor(climate, tuningSeasons)
  const stages = tunedStages(climate, tuningSeasons)
  const farm = tilthFarm(openLines)
  let isAlarmed = false
  let falseAlarms = 0
  let unstressedTHa = 0
  const makers: Record<Exclude<PolicyName, 'clairvoyant'>, (season: Season) => Policy> = {
    rainfed,
    timer: () => timer(35, 7),
    'tuned-timer': byTimer.make,
    sensor: bySensor.make,
    checkbook,
    // refilled when the root zone is at 70 % and at 50 % of its capacity
    'refill-70': ({ imperfections: luck }) => perfectRefill(0.3, luck.efficiency),
    'refill-50': ({ imperfections: luck }) => perfectRefill(0.5, luck.efficiency),
    stages: stages.make,
    tilth: (season) =>
      farm.next(season, (_, keys) => (isAlarmed ||= keys.some((key) => CONTRADICTED.includes(key)))),
  }
  const outcomes = new Map<PolicyName, Outcome[]>(policyNames.map((name) => [name, []]))
  let moreSearchGain = 0
  for (const [i, year] of years.evaluated.entries()) {
    const season = seasonOf(climate, year, seed)
    unstressedTHa += unstressedYieldTHa(season) / years.evaluated.length
    isAlarmed = false
    const schedules: Float64Array[] = []
    for (const [name, make] of Object.entries(makers)) {
      const outcome = runSeason(season, make(season))
      outcomes.get(name as PolicyName)!.push(outcome)
      schedules.push(outcome.appliedMm)
    }
    if (isAlarmed) falseAlarms++
    const best = clairvoyant(season, schedules, `${seed}/${i}`)
    for (const [name, results] of outcomes)
      if (name !== 'clairvoyant' && results.at(-1)!.profit > best.profit + 1e-6)
        throw new RangeError(
          `the clairvoyant must be as good as every policy, got ${best.profit} against ${results.at(-1)!.profit} of ${name}`,
        )
    outcomes.get('clairvoyant')!.push(best)
    if (i === 0) {
      const longer = clairvoyant(season, schedules, `${seed}/longer`, LONGER)
      moreSearchGain = (longer.profit - best.profit) / Math.abs(best.profit)
    }
    log(`loop: ${climate.name}, seed ${seed}, season ${i + 1} of ${years.evaluated.length}`)
  }
  farm.end()
  const labels: Partial<Record<PolicyName, string>> = {
    timer: '35 mm / 7 d',
    'tuned-timer': byTimer.label,
    sensor: bySensor.label,
    stages: stages.label,
  }
  const drained = mean(outcomes.get('rainfed')!, ({ percolationMm }) => percolationMm)
  const bestProfit = mean(outcomes.get('clairvoyant')!, ({ profit }) => profit)
  const rows = policyNames.map((policy): Row => {
    const results = outcomes.get(policy)!
    const irrigationMm = mean(results, (outcome) => outcome.irrigationMm)
    const percolationMm = mean(results, (outcome) => outcome.percolationMm)
    const profit = mean(results, (outcome) => outcome.profit)
    return {
      policy,
      label: labels[policy] ?? '',
      yieldTHa: mean(results, (outcome) => outcome.yieldTHa),
      irrigationMm,
      runs: mean(results, (outcome) => outcome.runs),
      profit,
      percolationMm,
      percolationShare: irrigationMm > 0 ? Math.max(0, percolationMm - drained) / irrigationMm : null,
      stressDays: mean(results, (outcome) => outcome.stressDays),
      regret: (bestProfit - profit) / Math.abs(bestProfit),
    }
  })
  return {
    climate: climate.name,
    seed,
    seasons: years.evaluated.length,
    rows,
    unstressedTHa,
    falseAlarms,
    moreSearchGain,
  }
}

/** Of the decision core, and of the product. */
const CONTRADICTED: readonly string[] = ['sensor-contradicted', 'probe-contradicts']
/** The keys of a decision that report the fault. */
const noticeKeys: Record<Fault, readonly string[]> = {
  'wet-probes': CONTRADICTED,
  'dry-probes': CONTRADICTED,
  'drifting-probes': CONTRADICTED,
  'silent-probes': ['no-soil-moisture', 'probe-silent'],
  'no-meter': ['no-applied', 'irrigation-rate'],
}

/** Tilth in seasons with a fault, against the same seasons without it. */
export interface FaultComparison {
  climate: string
  seed: string
  fault: Fault
  seasons: number
  /** means of the seasons, relative to those without the fault */
  yieldShare: number
  profitShare: number
  irrigationMm: number
  /** of a timer of 35 mm a week in the same seasons */
  timerMm: number
  /** days from the first sign to the report, of the slowest season; Infinity: never; null: no season showed a sign */
  noticedAfterD: number | null
}

export function compareFault(
  climate: Climate,
  seasons: number,
  seed: string,
  fault: Fault,
  openLines: () => Lines = modelLines,
): FaultComparison {
  const [sound, faulty] = [tilthFarm(openLines), tilthFarm(openLines)]
  const { evaluated } = yearsOf(climate, seasons)
  const played = evaluated.map((year) => {
    const [soundSeason, season] = [seasonOf(climate, year, seed), seasonOf(climate, year, seed, fault)]
    const noticedOn: number[] = []
    const outcome = runSeason(
      season,
      faulty.next(season, (index, keys) => {
        if (keys.some((key) => noticeKeys[fault].includes(key))) noticedOn.push(index)
      }),
    )
    const { faultVisibleOn } = outcome
    return {
      without: runSeason(soundSeason, sound.next(soundSeason)),
      with: outcome,
      timerMm: runSeason(season, timer(35, 7)).irrigationMm,
      noticedAfterD:
        faultVisibleOn === null
          ? null
          : (noticedOn.find((index) => index >= faultVisibleOn) ?? Infinity) - faultVisibleOn,
    }
  })
  for (const farm of [sound, faulty]) farm.end()
  const share = (valueOf: (outcome: Outcome) => number): number =>
    sumBy(played, (season) => valueOf(season.with)) / sumBy(played, (season) => valueOf(season.without))
  const delays = played.flatMap(({ noticedAfterD }) => noticedAfterD ?? [])
  return {
    climate: climate.name,
    seed,
    fault,
    seasons: played.length,
    yieldShare: share(({ yieldTHa }) => yieldTHa),
    profitShare: share(({ profit }) => profit),
    irrigationMm: sumBy(played, (season) => season.with.irrigationMm) / played.length,
    timerMm: sumBy(played, ({ timerMm }) => timerMm) / played.length,
    noticedAfterD: delays.length === 0 ? null : Math.max(...delays),
  }
}

function mean(results: readonly Outcome[], valueOf: (outcome: Outcome) => number): number {
  return sumBy(results, valueOf) / results.length
}
