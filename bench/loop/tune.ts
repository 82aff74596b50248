/**
 * The best timer, one-sensor rule and stage thresholds of a place, by profit over seasons other than those that are
 * evaluated.
 */
import type { Climate } from './climates.ts'
import { oneSensor, timer } from './policies/simple.ts'
import { byStages, type StageRule } from './policies/stages.ts'
import { runSeason, type Policy, type Season } from './season.ts'

const DEPTHS_MM = [10, 15, 20, 25, 30, 40, 50]
const INTERVALS_D = [2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 18, 22, 28, 40, 60, Infinity]
const SHARES = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

export interface Tuned {
  /** as `25 mm / 6 d` */
  label: string
  make: (season: Season) => Policy
}

export function tunedTimer(seasons: readonly Season[]): Tuned {
  const pairs = DEPTHS_MM.flatMap((mm) => INTERVALS_D.map((everyD) => ({ mm, everyD })))
  const best = maximise(pairs, ({ mm, everyD }) => meanProfit(seasons, () => timer(mm, everyD)))
  return {
    label: Number.isFinite(best.everyD) ? `${best.mm} mm / ${best.everyD} d` : 'never',
    make: () => timer(best.mm, best.everyD),
  }
}

export function tunedSensor(climate: Climate, seasons: readonly Season[]): Tuned {
  const pairs = DEPTHS_MM.flatMap((mm) => SHARES.map((share) => ({ mm, share })))
  const best = maximise(pairs, ({ mm, share }) => meanProfit(seasons, () => oneSensor(climate, share, mm)))
  return {
    label: `${best.mm} mm at ${Math.round(best.share * 100)} %`,
    make: () => oneSensor(climate, best.share, best.mm),
  }
}

const FILLS = [0.3, 0.5, 0.7, 1]
// never: more than the soil's capacity
const STAGE_SHARES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 2]
const ROUNDS = 2

/** One parameter after the other, in two rounds. */
export function tunedStages(climate: Climate, seasons: readonly Season[]): Tuned {
  const makeOf = (rule: StageRule) => (season: Season) =>
    byStages(climate, rule, season.imperfections.efficiency)
  let best: StageRule = { shares: [0.5, 0.5, 0.5, 0.5], fill: 1 }
  for (let round = 0; round < ROUNDS; round++) {
    for (let stage = 0; stage < 4; stage++) {
      const rules = STAGE_SHARES.map((share) => ({
        ...best,
        shares: best.shares.map((stageShare, i) =>
          i === stage ? share : stageShare,
        ) as unknown as StageRule['shares'],
      }))
      best = maximise(rules, (rule) => meanProfit(seasons, makeOf(rule)))
    }
    best = maximise(
      FILLS.map((fill) => ({ ...best, fill })),
      (rule) => meanProfit(seasons, makeOf(rule)),
    )
  }
  const percents = best.shares.map((share) => (share > 1 ? 'none' : `${Math.round(share * 100)}`))
  return { label: `${percents.join('-')} %, fill ${Math.round(best.fill * 100)} %`, make: makeOf(best) }
}

function meanProfit(seasons: readonly Season[], make: (season: Season) => Policy): number {
  let sum = 0
  for (const season of seasons) sum += runSeason(season, make(season)).profit
  return sum / seasons.length
}

function maximise<T extends object>(candidates: readonly T[], worth: (candidate: T) => number): T {
  let best = candidates[0]!
  let bestWorth = -Infinity
  for (const candidate of candidates) {
    const itsWorth = worth(candidate)
    if (itsWorth > bestWorth) [best, bestWorth] = [candidate, itsWorth]
  }
  return best
}
