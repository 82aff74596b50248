/**
 * The rule of a field, learned from the weather of other years: three limits and the room for rain, tried on the field's
 * own soil, crop and prices, season by season. Four numbers, each pulled back to what the tables say, and taken only
 * when they also do better on years that they have not seen.
 */
import type { Crop } from '../../agronomy/crops.ts'
import type { CropResponse } from './crop-response.ts'
import type { DaysAhead } from './days-ahead.ts'
import type { Worth } from './demand.ts'
import { NO_HOLD, rollout, type Course, type Rule, type System, type WaterNow } from './rollout.ts'
import type { PastSeason } from './weather-ahead.ts'

export interface Learned {
  /** a rule for each of `DOUBTS` */
  rules: readonly Rule[]
  /** years that were tried; 0: the rules are those of the tables */
  years: number
  /** mean cost of a season on years that had not been seen, by doubt and half: of what was found, and of the tables */
  unseen: readonly { found: number; tables: number }[]
}

/** The rule for a doubt of the depletion, share of TAW. */
export function ruleFor(rules: readonly Rule[], doubt: number): Rule {
  const i = doubt < DOUBTS[1] ? 0 : 1
  const share = Math.min(1, Math.max(0, (doubt - DOUBTS[i]!) / (DOUBTS[i + 1]! - DOUBTS[i]!)))
  const [low, high] = [numbersOf(rules[i]!), numbersOf(rules[i + 1]!)]
  return ruleOf(low.map((v, j) => v + share * (high[j]! - v)))
}

/**
 * Leaves grow ever slower from 0.2 of TAW to 0.7, at half of it by seven tenths (FAO 66; the middle, 0.45, watered more
 * than it was worth in the closed loop). p of FAO-56 is of the stomata, and higher for crops that bear drought.
 */
const MOST_GROWING = 0.5

/** The limits of the tables: while leaves grow p of FAO-56 or theirs, that of the stomata later, more as it ripens. */
export function ruleOfTables(crop: Crop, response: CropResponse): Rule {
  const filling = Math.min(0.75, (crop.p + response.pStomata) / 2)
  return { limits: [Math.min(crop.p, MOST_GROWING), filling, Math.min(0.85, filling + 0.15)], room: 0.2 }
}

/** Fewer years teach chance. */
export const LEAST_YEARS = 4
const STEPS = [0.12, 0.06, 0.03]
/** A limit may stand so far from that of the tables: below, above. Ky does not know that leaves lost early stay lost. */
const FREEDOM: readonly (readonly [below: number, above: number])[] = [
  [0.2, 0],
  [0.2, 0.05],
  [0.2, 0.05],
  [0.2, 0.4],
]
const MOST_LIMIT = 1
/** Cost of a number that stands 0.1 from the tables, share of a full yield. */
const PULL = 5e-4
/** Doubts of the depletion, share of TAW, that a rule is learned for; between them straight. */
export const DOUBTS = [0.04, 0.1, 0.2] as const
/** The errors that stand for a doubt: quantiles of a normal of equal weight. */
const ERRORS = [-1.2, 0, 1.2]

export function learnRules(
  tables: Rule,
  x: { days: DaysAhead; start: WaterNow; past: readonly PastSeason[]; system: System; worth: Worth },
): Learned {
  const { past } = x
  const home = DOUBTS.map((doubt) => withMargin(tables, doubt))
  if (past.length < LEAST_YEARS || x.days.count === 0) return { rules: home, years: 0, unseen: [] }
  const even = past.filter((_, i) => i % 2 === 0)
  const odd = past.filter((_, i) => i % 2 === 1)
  const tried = home.map((rule, i) => {
    const trial = { ...x, doubt: DOUBTS[i]! }
    // learned on one half, judged on the other: more than the tables, or not at all
    const unseen = [
      [even, odd],
      [odd, even],
    ].map(([seen, others]) => ({
      found: costOf(search(rule, { ...trial, past: seen! }), { ...trial, past: others! }),
      tables: costOf(rule, { ...trial, past: others! }),
    }))
    const gain = unseen.reduce((sum, { found, tables }) => sum + tables - found, 0)
    return { rule: gain > 0 ? search(rule, trial) : rule, unseen }
  })
  return {
    rules: tried.map(({ rule }) => rule),
    years: past.length,
    unseen: tried.flatMap(({ unseen }) => unseen),
  }
}

/** The tables' limits, lower by what the depletion may be off. */
export const withMargin = ({ limits: [a, b, c], room }: Rule, doubt: number): Rule => ({
  limits: [
    Math.max(0.2, a - MARGIN * doubt),
    Math.max(0.2, b - MARGIN * doubt),
    Math.max(0.3, c - MARGIN * doubt),
  ],
  room,
})
const MARGIN = 0.5

type Trial = Parameters<typeof learnRules>[1] & { doubt: number }

function search(tables: Rule, x: Trial): Rule {
  const home = numbersOf(tables)
  const judged = (numbers: readonly number[]): number =>
    costOf(ruleOf(numbers), x) +
    x.worth.yieldPerHa * PULL * numbers.reduce((sum, v, i) => sum + ((v - home[i]!) / 0.1) ** 2, 0)
  let best = home
  let cost = judged(best)
  for (const step of STEPS) {
    for (let isBetter = true; isBetter;) {
      isBetter = false
      for (let i = 0; i < best.length; i++) {
        for (const sign of [1, -1]) {
          const [below, above] = FREEDOM[i]!
          const [lo, hi] = [Math.max(0, home[i]! - below), Math.min(MOST_LIMIT, home[i]! + above)]
          const next = best.with(i, Math.min(hi, Math.max(lo, best[i]! + sign * step)))
          const nextCost = judged(next)
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

/** Mean cost of a season under a rule. */
function costOf(rule: Rule, { days, start, past, system, worth, doubt }: Trial): number {
  const course: Course = { loss: 0, grossMm: 0, runs: 0, percolationMm: 0 }
  const plan = { rule, hold: NO_HOLD, firstNetMm: null }
  const taw = days.tawMm[0]!
  let sum = 0
  for (const weather of past)
    for (const z of ERRORS) {
      rollout(days, weather, start, z * doubt * taw, plan, system, course)
      sum += worth.yieldPerHa * course.loss + worth.waterPerMm * course.grossMm + worth.perRun * course.runs
    }
  return sum / (past.length * ERRORS.length)
}
