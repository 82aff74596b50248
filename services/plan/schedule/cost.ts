/**
 * The objective of a schedule, in the currency of the pump's prices: water that is not delivered costs its
 * whole value, water after its latest safe time half of it and more with every hour; then the pump's tariff,
 * waiting, starts, and moving a planned run. All but starts and moves are a sum over the m³ and the instants at
 * which they flow, which makes the bound of bound.ts possible.
 */
import { HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { Job, Placement, Price, Problem, Resource, Span } from './types.ts'

// shares of a m³'s value
const LATE = 0.5
const LATE_PER_HOUR = 0.005
const WAIT_PER_HOUR = 0.0005
const MOVE = 0.01
// the cost of a valve and pump start with its inrush current, in m³ of water
const START_M3 = 0.05

/** While the valve is open. */
export const m3PerMinute = (job: Job): number => job.flowLpm / 1000
/** Of one opening, in the currency of the prices. */
export const startCost = (job: Job): number => START_M3 * job.valuePerM3

/** Cost of the whole schedule. A job without a placement gets no water. */
export function costOf(problem: Problem, placements: readonly Placement[]): number {
  const byJob = new Map(placements.map((placement) => [placement.jobId, placement.openings]))
  const prices = pricesOf(problem)
  let cost = 0
  for (const job of problem.jobs) cost += jobCost(job, byJob.get(job.id) ?? [], prices(job), problem.fromMs)
  return cost
}

/** Cost of one job: its water, its missing water, and a move. */
export function jobCost(
  job: Job,
  openings: readonly Span[],
  prices: readonly Price[],
  originMs: AtMs,
): number {
  let missing = job.minutes
  let cost = 0
  for (const opening of openings) {
    missing -= (opening.toMs - opening.fromMs) / MINUTE_MS
    cost += openingCost(job, opening, prices, originMs)
  }
  return cost + missing * m3PerMinute(job) * job.valuePerM3 + moveCost(job, openings)
}

/** Cost of one opening: its water at its hours, and its start. */
export function openingCost(
  job: Job,
  { fromMs, toMs }: Span,
  prices: readonly Price[],
  originMs: AtMs,
): number {
  let perM3Minutes = 0
  for (const price of prices) {
    const overlapMs = Math.min(price.toMs, toMs) - Math.max(price.fromMs, fromMs)
    if (overlapMs > 0) perM3Minutes += (price.perM3 * overlapMs) / MINUTE_MS
  }
  perM3Minutes += job.valuePerM3 * WAIT_PER_HOUR * hourMinutes(fromMs, toMs, originMs)
  if (toMs > job.dueMs) {
    const lateMs = Math.max(fromMs, job.dueMs)
    perM3Minutes += (job.valuePerM3 * LATE * (toMs - lateMs)) / MINUTE_MS
    perM3Minutes += job.valuePerM3 * LATE_PER_HOUR * hourMinutes(lateMs, toMs, job.dueMs)
  }
  return perM3Minutes * m3PerMinute(job) + startCost(job)
}

/** Hours since an instant, summed over the minutes of a span. */
const hourMinutes = (fromMs: AtMs, toMs: AtMs, sinceMs: AtMs): number =>
  (((fromMs + toMs) / 2 - sinceMs) / HOUR_MS) * ((toMs - fromMs) / MINUTE_MS)

/** Cost of moving a run that the farmer has already seen. */
export function moveCost(job: Job, openings: readonly Span[]): number {
  if (job.currentOpenings.length === 0 || openings.length === 0) return 0
  return isUnmoved(job, openings) ? 0 : MOVE * job.minutes * m3PerMinute(job) * job.valuePerM3
}

const isUnmoved = (job: Job, openings: readonly Span[]): boolean =>
  openings.length === job.currentOpenings.length &&
  openings.every(({ fromMs }, i) => fromMs === job.currentOpenings[i]!.fromMs)

/** The prices that a job's water pays on its way. */
export function pricesOf(problem: Problem): (job: Job) => readonly Price[] {
  const byId = new Map<string, Resource>(problem.resources.map((resource) => [resource.id, resource]))
  const cache = new Map<string, readonly Price[]>()
  return (job) => {
    const key = job.path.join('|')
    const cached = cache.get(key)
    if (cached) return cached
    const prices = job.path.flatMap((id) => byId.get(id)?.prices ?? [])
    cache.set(key, prices)
    return prices
  }
}
