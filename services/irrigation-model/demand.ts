/**
 * The irrigation of a field on the next day: the decision under risk and economics, shared by the farm's
 * planner and `npm run decide`.
 *
 * 1. The rule of the field gives the depletion at which irrigation is due (`learn-rule.ts`: by phase, by the
 *    uncertainty of the state).
 * 2. Does waiting pay? From exactly that depletion the rest of the season is simulated to harvest over an
 *    ensemble of weather and of the possible depletion: irrigate now, or hold until the field is drier by some
 *    amount, or for good. The cost is the value of the lost yield and the price of the water. The cheapest hold
 *    is the refill line.
 * 3. Drier than the line: irrigate with the cheapest of the feasible depths.
 *
 * The line does not depend on the current depletion, so more depletion is never less urgent. Valuable crops, a
 * high uncertainty and a sensitive phase lower it; likely rain, expensive water and the end of the season raise
 * it.
 *
 * (Bertsekas 2013, Rollout Algorithms for Discrete Optimization: one decision in full, followed by a base
 * policy.)
 */
import { pAdjusted } from '../agronomy/water/soil-water.ts'
import { sum } from '../runtime/math.ts'
import { depletionAt } from './crop-stress.ts'
import type { DaysAhead } from './days-ahead.ts'
import {
  limitToday,
  emptyCourse,
  NO_HOLD,
  rollout,
  usefulMm,
  type FieldAhead,
  type Plan,
  type Rule,
  type IrrigationSystem,
} from './rollout.ts'
import type { Member } from './weather-ahead.ts'

/** The value of a hectare and the cost of water, in any one currency. */
export interface WaterValue {
  yieldPerHa: number // of a full yield
  waterPerMm: number // per ha
  perRun: number // per ha: labour, wear
  /** 0: only the mean counts; 1: only the worst quarter of the members */
  riskAversion: number
}

/** A field, the possible weather, and the economics. */
export interface Situation {
  days: DaysAhead
  members: readonly Member[]
  now: { depletionMm: number; sdMm: number; surfaceMm: number; belowMm: number }
  rule: Rule
  system: IrrigationSystem
  waterValue: WaterValue
  /** p of FAO-56 where prices are assumed: a deficit would be nobody's decision; absent: prices decide */
  p?: number | null
}

export interface DemandInput extends Situation {
  /** depletion beyond which a person requires irrigation at any price, mm; null: none */
  mustMm: number | null
}

export interface Demand {
  netMm: number // 0: no irrigation today
  /** depletion at which irrigation starts, mm; null: no irrigation any more */
  lineMm: number | null
  /** the rule's own limit as depletion, before the test of waiting */
  ruleMm: number
  /** expected share of the yield that is lost for lack of water in the rest of the season */
  loss: number
  /** expected gross mm until harvest */
  seasonMm: number
}

/** Holds that are tested: shares of TAW beyond the rule's limit. */
const HOLDS = [0.04, 0.08, 0.12, 0.16, 0.2, 0.26, 0.32]
const HOLD_DAYS = 10
/** Depths that are tested, share of the depletion. */
const DEPTHS = [1, 0.85, 0.7, 0.55, 0.4]
/**
 * And beyond it, share of the deficit that the roots will reach: one run instead of two wets less bare soil.
 */
const DEEPER = [0.25, 0.5, 0.75]

/** The depth to irrigate today, and the expected loss and water until harvest. */
export function demand(x: DemandInput): Demand {
  const { days, now } = x
  if (days.count === 0) return { netMm: 0, lineMm: null, ruleMm: 0, loss: 0, seasonMm: 0 }
  const { lineMm, ruleMm } = refillLine(x)
  const dueMm = x.mustMm === null ? lineMm : Math.min(x.mustMm, lineMm ?? Infinity)
  const isDue = dueMm !== null && now.depletionMm >= dueMm
  const depth = isDue ? depthFor(x) : courseWithout(x)
  return { ...depth, loss: lossOf(depth, x), lineMm: dueMm, ruleMm }
}

/** The loss relative to the harvest of the same members with as much water as they can use. */
function lossOf({ loss }: Depth, x: Situation): number {
  const system = { ...x.system, efficiency: 1, maxMm: Infinity, minMm: 0 }
  const watered = costOf({ ...x, system })(0, {
    rule: { limits: [0, 0, 0], room: 0 },
    hold: NO_HOLD,
    firstNetMm: null,
  })
  return watered.loss < 1 ? Math.max(0, 1 - (1 - loss) / (1 - watered.loss)) : 0
}

export interface Line {
  /** depletion at which irrigation starts, mm; null: no irrigation any more */
  lineMm: number | null
  /** the rule's own limit as depletion, before the test of waiting */
  ruleMm: number
}

/** The refill line alone; none after the end of the season. */
export function refillLine(x: Situation): Line {
  const { days } = x
  if (days.count === 0) return { lineMm: null, ruleMm: 0 }
  const taw = days.tawMm[0]!
  const limit = ruleLimitToday(x)
  const line = findLine(x, limit, costOf(x))
  const lineMm = line === null ? null : Math.min(line, withoutDeficitMm(x))
  return { lineMm, ruleMm: depletionAt(Math.min(1, limit), taw, days.heldShare) }
}

type Depth = Pick<Demand, 'netMm' | 'loss' | 'seasonMm'>

/** The cheapest of the feasible depths for a field that is irrigated now. */
export function depthFor(x: Situation): Depth {
  const cost = costOf(x)
  let best: (Depth & { money: number }) | null = null
  for (const netMm of depthsOf(x)) {
    const candidate = cost(x.now.depletionMm, { rule: x.rule, hold: NO_HOLD, firstNetMm: netMm })
    if (best === null || candidate.money < best.money)
      best = { netMm, money: candidate.money, loss: candidate.loss, seasonMm: candidate.grossMm }
  }
  return best ?? courseWithout(x)
}

/** The outlook without irrigation today. */
function courseWithout(x: Situation): Depth {
  const { loss, grossMm } = costOf(x)(x.now.depletionMm, { rule: x.rule, hold: NO_HOLD, firstNetMm: 0 })
  return { netMm: 0, loss, seasonMm: grossMm }
}

/** The rule's limit of the next day, by its expected ET0. */
const ruleLimitToday = (x: Situation): number =>
  limitToday(x.rule.limits, x.days.phase[0]!, et0Today(x)) + x.days.lift[0]!

const et0Today = ({ members }: Situation): number =>
  members.reduce((sum, { weather }) => sum + weather.et0Mm[0]!, 0) / Math.max(1, members.length)

/** The readily available water, where prices are assumed. */
const withoutDeficitMm = (x: Situation): number =>
  x.p == null
    ? Infinity
    : depletionAt(pAdjusted(x.p, x.days.kcb[0]! * et0Today(x)), x.days.tawMm[0]!, x.days.heldShare)

interface Cost {
  money: number
  loss: number
  grossMm: number
}
type CostOf = (depletionMm: number, plan: Plan) => Cost

/** Cost of the rest of the season from a depletion under a plan, over all members. */
export function costOf({ days, members, now, system, waterValue }: Omit<Situation, 'rule'>): CostOf {
  const course = emptyCourse()
  const costs = new Float64Array(members.length)
  const fields = members.map((member) => fieldOf(member, days, now.sdMm))
  return (depletionMm, plan) => {
    let [money, loss, grossMm] = [0, 0, 0]
    const start = { depletionMm, surfaceMm: now.surfaceMm, belowMm: now.belowMm }
    for (const [m, { weather }] of members.entries()) {
      rollout(days, weather, start, fields[m]!, plan, system, course)
      costs[m] =
        waterValue.yieldPerHa * (1 - course.harvest) +
        waterValue.waterPerMm * course.grossMm +
        waterValue.perRun * course.runs
      money += costs[m]! / members.length
      loss += (1 - course.harvest) / members.length
      grossMm += course.grossMm / members.length
    }
    money += waterValue.riskAversion * (worstQuarter(costs) - money)
    return { money, loss: Math.min(1, Math.max(0, loss)), grossMm }
  }
}

/** A member's own field; without one the mean field with the member's depletion. */
const fieldOf = ({ z, field }: Member, days: DaysAhead, sdMm: number): FieldAhead =>
  field ?? {
    drierMm: z * sdMm,
    tawShare: 1,
    heldShare: days.heldShare,
    use: 1,
    late: 0,
    ripe: 0,
    cover: days.coverNow,
    tolerance: 0,
  }

function worstQuarter(costs: Float64Array): number {
  const sorted = costs.toSorted()
  const from = Math.floor(sorted.length * 0.75)
  let sum = 0
  for (let i = from; i < sorted.length; i++) sum += sorted[i]!
  return sum / (sorted.length - from)
}

/** The field at the rule's limit: irrigate, or the cheapest hold. Null: no irrigation any more. */
function findLine(x: Situation, limit: number, cost: CostOf): number | null {
  const { days, members, rule } = x
  const taw = days.tawMm[0]!
  const lineAt = (used: number): number => depletionAt(used, taw, days.heldShare)
  // a little beyond, as each member's own day may take less
  const depletionMm = lineAt(Math.min(0.98, limit + 0.02))
  const planned = (hold: Plan['hold']): Plan => ({ rule, hold, firstNetMm: null })
  const now = cost(depletionMm, planned(NO_HOLD))
  // the remaining demand is below the system's minimum
  if (now.grossMm === 0) return null
  if (cost(depletionMm, planned({ days: days.count, more: Infinity })).money < now.money) return null

  /** Worth waiting for are rain, and roots that reach moist soil while bare ground stays dry. */
  function cheapestHold(moneyOf: CostOf): number {
    let [cheapest, least] = [0, moneyOf(depletionMm, planned(NO_HOLD)).money]
    for (const more of HOLDS) {
      if (limit + more >= 1) break
      const { money } = moneyOf(depletionMm, planned({ days: HOLD_DAYS, more }))
      if (money < least) [cheapest, least] = [more, money]
    }
    return cheapest
  }
  const hold = cheapestHold(cost)
  // rain ahead is never a reason to irrigate earlier
  const dry = withoutRainAhead(members)
  return lineAt(limit + (dry ? Math.max(hold, cheapestHold(costOf({ ...x, members: dry }))) : hold))
}

const LEAST_RAIN_MM = 1

/** The members without the rain of the days of a hold; null where none is expected. */
function withoutRainAhead(members: readonly Member[]): Member[] | null {
  const rainMm = sum(members.map(({ weather }) => sum(weather.rainMm.subarray(0, HOLD_DAYS))))
  if (rainMm < LEAST_RAIN_MM * members.length) return null
  return members.map((member) => ({
    ...member,
    weather: { ...member.weather, rainMm: member.weather.rainMm.map((mm, k) => (k < HOLD_DAYS ? 0 : mm)) },
  }))
}

/** Net depths that the system can deliver, the soil can store and the crop can still use. */
function depthsOf({ days, members, now, system: { maxMm, minMm, efficiency } }: Situation): number[] {
  const useful =
    members.reduce((sum, { weather }) => sum + usefulMm(days, weather.et0Mm, 0, now.depletionMm), 0) /
    Math.max(1, members.length)
  const canMm = Math.min(maxMm * efficiency, useful)
  const largestMm = Math.min(now.depletionMm, canMm)
  const minNetMm = minMm * efficiency
  const deeper = DEEPER.map((share) => Math.min(canMm, now.depletionMm + share * now.belowMm))
  const depths = [
    ...DEPTHS.map((share) => share * largestMm),
    ...new Set(deeper.filter((mm) => mm > largestMm)),
  ].filter((mm) => mm >= minNetMm)
  if (depths.length > 0) return depths
  return largestMm > 0 && largestMm >= minNetMm ? [largestMm] : []
}
