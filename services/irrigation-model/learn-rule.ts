/**
 * The rule of a field: three limits and the rain reserve, searched by simulating the season to harvest over the
 * weather of other years and over all members of the field. Before the season each number is pulled towards the
 * tables, and the result is used only when it also does better on held-out years. In season the search
 * continues from there.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { stressOf } from './crop-stress.ts'
import type { DaysAhead } from './days-ahead.ts'
import { costOf, type Situation, type WaterValue } from './demand.ts'
import { limitOfPhase, NO_HOLD, type Rule, type IrrigationSystem, type WaterNow } from './rollout.ts'
import type { Member, PastSeason } from './weather-ahead.ts'

/**
 * The limits of the tables. While leaves grow: p of FAO-56, but at most half way between the thresholds at
 * which leaf growth slows and stops (FAO 66). Later half way between p of FAO-56 and the stomatal threshold,
 * more as the crop ripens.
 */
export function tableRule(crop: Crop): Rule {
  const { leaves, stomata } = stressOf(crop)
  const filling = Math.min(0.75, (crop.p + stomata.from) / 2)
  const growing = Math.min(crop.p, (leaves.from + leaves.to) / 2)
  return { limits: [growing, filling, Math.min(0.85, filling + 0.15)], room: 0.2 }
}

/** A limit is this share of the uncertainty of the depletion lower, where no search has weighed it. */
const DOUBT_MARGIN = 0.5

/**
 * The limits lowered by the uncertainty of the depletion, share of TAW, where prices decide and no search has weighed it.
 * Without prices RAW is the latest depletion (`demand.ts`), and the members of the state weigh its uncertainty.
 */
export const withMargin = ({ limits: [a, b, c], room }: Rule, doubt: number): Rule => ({
  limits: [
    Math.max(0.15, a - DOUBT_MARGIN * doubt),
    Math.max(0.2, b - DOUBT_MARGIN * doubt),
    Math.max(0.3, c - DOUBT_MARGIN * doubt),
  ],
  room,
})

/** Fewer years teach only chance. */
export const MIN_YEARS = 4
const FIRST_STEPS = [0.16, 0.08, 0.04]
const LATER_STEPS = [0.08, 0.04]
/** Maximum distance of a number from that of the tables. */
const FREEDOM = 0.4
const MIN_LIMIT = 0.1
const MAX_LIMIT = 1.2
/** Cost of a number that is 0.1 from the tables, share of a full yield. */
const PULL = 2e-4

type Trial = Omit<Situation, 'rule'>

/** Cost of a season on held-out years, of the found rule and of the tables; money per hectare. */
interface HoldoutCost {
  found: number
  tables: number
}

/**
 * Before the season: trained on one half of the years, validated on the other. Better than the tables, or not
 * used.
 */
export function learnRule(tables: Rule, x: Trial): { rule: Rule; unseen: HoldoutCost[] } {
  // members of the same weather belong to the same half
  const years = [...new Set(x.members.map(({ year, weather }) => year ?? weather))]
  if (x.days.count === 0 || years.length < 2) return { rule: tables, unseen: [] }
  const halves = [0, 1].map((half) => ({
    ...x,
    members: x.members.filter(({ year, weather }) => years.indexOf(year ?? weather) % 2 === half),
  }))
  const unseen = halves.map((training, half): HoldoutCost => {
    const money = moneyOf(halves[1 - half]!)
    return { found: money(search(tables, tables, training, FIRST_STEPS)), tables: money(tables) }
  })
  const gain = unseen.reduce((sum, half) => sum + half.tables - half.found, 0)
  return { rule: gain > 0 ? search(tables, tables, x, FIRST_STEPS) : tables, unseen }
}

/** In season: improves the current rule for the days ahead. */
export const improveRule = (rule: Rule, tables: Rule, x: Trial): Rule =>
  x.days.count === 0 ? rule : search(rule, tables, x, LATER_STEPS)

function moneyOf(x: Trial): (rule: Rule) => number {
  const cost = costOf(x)
  return (rule) => cost(x.now.depletionMm, { rule, hold: NO_HOLD, firstNetMm: null }).money
}

/** Coordinate search, as long as one number improves the cost. */
function search(from: Rule, tables: Rule, x: Trial, steps: readonly number[]): Rule {
  const home = numbersOf(tables)
  const money = moneyOf(x)
  const penalisedCost = (numbers: readonly number[]): number =>
    money(ruleOf(numbers)) +
    x.waterValue.yieldPerHa * PULL * numbers.reduce((sum, v, i) => sum + ((v - home[i]!) / 0.1) ** 2, 0)
  let best = numbersOf(from)
  let cost = penalisedCost(best)
  const first = limitOfPhase[x.days.phase[0]!]! // earlier phases have passed
  for (const step of steps) {
    for (let isBetter = true; isBetter;) {
      isBetter = false
      for (let i = first; i < best.length; i++) {
        for (const sign of [1, -1]) {
          const lo = Math.max(home[i]! - FREEDOM, i === best.length - 1 ? 0 : MIN_LIMIT)
          const hi = Math.min(home[i]! + FREEDOM, MAX_LIMIT)
          const next = best.with(i, Math.min(hi, Math.max(lo, best[i]! + sign * step)))
          const nextCost = penalisedCost(next)
          if (nextCost < cost - 1e-9) {
            ;[best, cost, isBetter] = [next, nextCost, true]
          }
        }
      }
    }
  }
  return ruleOf(best)
}

const numbersOf = ({ limits, room }: Rule): number[] => [...limits, room]
const ruleOf = ([growing, filling, ripening, room]: readonly number[]): Rule => ({
  limits: [growing!, filling!, ripening!],
  room: room!,
})

interface LearnedRules {
  /** a rule for each of `DOUBTS` */
  rules: readonly Rule[]
  /** number of years; 0: the rules are those of the tables */
  years: number
  /** for each uncertainty and half of the years */
  unseen: readonly HoldoutCost[]
}

/**
 * Uncertainties of the depletion, share of TAW, for which a rule is learned without an ensemble; linear between
 * them.
 */
export const DOUBTS = [0.04, 0.1, 0.2] as const
/** The errors that represent an uncertainty: quantiles of a normal distribution with equal weight. */
const ERRORS = [-1.2, 0, 1.2]

/** Rules for a field of which only the depletion and its uncertainty are known. */
export function learnRules(
  tables: Rule,
  x: {
    days: DaysAhead
    start: WaterNow
    past: readonly PastSeason[]
    system: IrrigationSystem
    waterValue: WaterValue
  },
): LearnedRules {
  const { days, start, past, system, waterValue } = x
  const home = DOUBTS.map((doubt) => withMargin(tables, doubt))
  if (past.length < MIN_YEARS || days.count === 0) return { rules: home, years: 0, unseen: [] }
  const members = past.flatMap((weather) => ERRORS.map((z): Member => ({ weather, z, field: null })))
  const results = home.map((rule, i) =>
    learnRule(rule, {
      days,
      system,
      waterValue,
      members,
      now: { ...start, sdMm: DOUBTS[i]! * days.tawMm[0]! },
    }),
  )
  return {
    rules: results.map(({ rule }) => rule),
    years: past.length,
    unseen: results.flatMap(({ unseen }) => unseen),
  }
}

/** The rule for an uncertainty of the depletion, share of TAW. */
export function ruleFor(rules: readonly Rule[], doubt: number): Rule {
  const i = doubt < DOUBTS[1] ? 0 : 1
  const share = Math.min(1, Math.max(0, (doubt - DOUBTS[i]!) / (DOUBTS[i + 1]! - DOUBTS[i]!)))
  const [low, high] = [numbersOf(rules[i]!), numbersOf(rules[i + 1]!)]
  return ruleOf(low.map((v, j) => v + share * (high[j]! - v)))
}
