/**
 * One course of the rest of a season: the balance of FAO-56 with its two stores, the roots that deepen, and a rule that
 * waters on the days that follow. Gives what it costs in yield and in water. Pure, and quick: no object is made in the
 * loop.
 */
import type { DaysAhead } from './days-ahead.ts'

/** Weather of the days ahead. */
export interface WeatherAhead {
  et0Mm: Float64Array
  rainMm: Float64Array
}

export interface WaterNow {
  depletionMm: number // of the roots
  surfaceMm: number // of the evaporating layer
  belowMm: number // of the soil that roots will reach
}

/** The rule of the days that follow: few numbers, each a share of TAW. */
export interface Rule {
  /** used before water is given: while leaves grow, while the yield is set and filled, while it ripens */
  limits: readonly [growing: number, filling: number, ripening: number]
  /** share of that limit that is left empty for rain */
  room: number
}

export interface System {
  efficiency: number
  mostMm: number // gross, a day
  leastMm: number
  wettedFraction: number
}

export interface Course {
  loss: number // share of the yield, 0-1
  grossMm: number
  runs: number
  percolationMm: number
}

/** mm of the last days' need that a run need not bring: the soil may end dry. Share of TAW. */
const END_SHARE = 0.8

/** Index into `limits` by phase. */
const limitOfPhase = [0, 1, 1, 2] as const

export interface Plan {
  rule: Rule
  /** for so many days no water until the depletion is that much of TAW beyond the limit */
  hold: { days: number; more: number }
  /** net mm before the first day; null: as the rule and the hold say */
  firstNetMm: number | null
}

/** `errorMm`: how much drier the field is than the rule believes, all season. */
export function rollout(
  days: DaysAhead,
  weather: WeatherAhead,
  now: WaterNow,
  errorMm: number,
  { rule, hold, firstNetMm }: Plan,
  system: System,
  out: Course,
): Course {
  const { count, kcb, kcMax, exposed, tawMm, reach, p, weight, phase, shape, tewMm, rewMm } = days
  const { et0Mm, rainMm } = weather
  const expShape = Math.exp(shape) - 1
  const { limits, room } = rule
  const taw0 = tawMm[0]!
  let Dr = Math.min(taw0, Math.max(0, now.depletionMm + errorMm))
  const error = errorMm / taw0 // stays the same share while roots deepen
  let De = now.surfaceMm
  let below = now.belowMm
  let loss = 0
  let gross = 0
  let runs = 0
  let percolation = 0
  for (let k = 0; k < count; k++) {
    const taw = tawMm[k]!
    const found = below * reach[k]!
    Dr += found
    below -= found
    let net = 0
    if (k === 0 && firstNetMm !== null) net = firstNetMm
    else {
      const limit = limitToday(limits, phase[k]!, kcb[k]!, et0Mm[k]!)
      const believed = Dr - error * taw
      if (believed > (k < hold.days ? limit + hold.more : limit) * taw) {
        net = Math.min(
          believed - room * limit * taw,
          usefulMm(days, et0Mm, k, believed),
          system.mostMm * system.efficiency,
        )
        if (net < system.leastMm * system.efficiency || net <= 0) net = 0
      }
    }
    if (net > 0) {
      gross += net / system.efficiency
      runs++
    }
    const et0 = et0Mm[k]!
    const rain = rainMm[k]!
    // evaporation: FAO-56 Eq. 71, 74
    const kr = De <= rewMm ? 1 : De >= tewMm ? 0 : (tewMm - De) / (tewMm - rewMm)
    const few = exposed[k]!
    const ke = Math.min(kr * (kcMax[k]! - kcb[k]!), few * kcMax[k]!)
    // p of the day: FAO-56 Table 22, footnote 2
    const pDay = Math.min(0.8, Math.max(0.1, p[k]! + 0.04 * (5 - (kcb[k]! + ke) * et0)))
    const used = Dr / taw
    let ks = 1
    if (used >= 1) ks = 0
    else if (used > pDay) ks = 1 - (Math.exp((shape * (used - pDay)) / (1 - pDay)) - 1) / expShape
    loss += weight[k]! * (1 - ks)
    const eta = (ks * kcb[k]! + ke) * et0
    Dr += eta - rain - net
    if (Dr < 0) {
      percolation -= Dr
      below = Math.max(0, below + Dr)
      Dr = 0
    } else if (Dr > taw) Dr = taw
    De = Math.min(tewMm, Math.max(0, De - rain - net / system.wettedFraction) + (ke * et0) / few)
  }
  out.loss = Math.min(1, loss)
  out.grossMm = gross
  out.runs = runs
  out.percolationMm = percolation
  return out
}

/** What the crop can still turn into yield without rain, beyond what the soil gives it. mm, below 0: nothing. */
export function usefulMm(
  { count, kcb, tawMm }: DaysAhead,
  et0Mm: Float64Array,
  from: number,
  depletionMm: number,
): number {
  let sum = 0
  for (let k = from; k < count; k++) sum += kcb[k]! * et0Mm[k]!
  return depletionMm + sum - END_SHARE * tawMm[count - 1]!
}

export const NO_HOLD: Plan['hold'] = { days: 0, more: 0 }

/**
 * A limit is for a day that takes 5 mm: a crop that must take more feels the same soil sooner (FAO-56 Table 22). Young
 * leaves feel the whole of the air's demand, however little of the ground they cover (FAO 66 moves them by ET0).
 */
export function limitToday(limits: Rule['limits'], phase: number, kcb: number, et0Mm: number): number {
  const takesMm = phase === 0 ? et0Mm : kcb * et0Mm
  return Math.min(1, Math.max(0.1, limits[limitOfPhase[phase]!]! + 0.04 * (5 - takesMm)))
}
