/**
 * A lower bound on the cost of any schedule (Lagrangian). Every quarter of an hour of every resource gets a
 * price; each job finds its own cheapest openings and pays for the resources it uses, and the value of the
 * available capacity is subtracted. For any prices, no schedule costs less: one that respects the capacities
 * pays no more than is subtracted. Prices are improved by subgradient steps (Polyak 1969): they rise where
 * demand exceeds the capacity, and fall elsewhere.
 *
 * Included are the hours, shortest and longest openings, pauses, changeovers, whole minutes, the length of a
 * dose, flow, valves and the quotas that bind at any start; omitted are dosing and the cost of moving a run.
 */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { cheapestFor, type Run, type ShadowPrice } from './cheapest.ts'
import { tasksOf } from './greedy.ts'
import type { Task } from './place.ts'
import type { Problem, Quota, Resource, Span, FixedFlow } from './types.ts'
import { sumBy } from '../../runtime/math.ts'

const SLOT = 15
// a pump that is used to exactly its capacity; the checker allows no more
const SLACK = 1 + 1e-6

interface LowerBound {
  /** no schedule costs less; rises */
  best: number
  /** one step towards better prices; `upper`: the cost of the best known schedule. False: no further gain */
  step(upper: number): boolean
}

/** Starts at zero prices; each step raises or keeps the bound. */
export function lowerBound(problem: Problem): LowerBound {
  const tasks = tasksOf(problem)
  const scales = pricedLimits(problem, tasks)
  const jobs = tasks.map((task) => {
    const passed = scales.filter((scale) => scale.isPassedBy(task))
    const isReachable = task.job.path.every((id) => problem.resources.some((resource) => resource.id === id))
    return {
      task,
      passed,
      cheapestAt: isReachable ? cheapestFor(task) : cheapestFor({ ...task, allowed: [] }),
    }
  })
  let best = -Infinity
  let theta = 1
  let sinceBetter = 0

  function evaluateRelaxation(): number {
    for (const scale of scales) scale.reset()
    let cost = 0
    for (const { task, passed, cheapestAt } of jobs) {
      const cheapest = cheapestAt(passed.map((scale) => scale.shadowPriceOf(task)))
      cost += cheapest.cost
      for (const scale of passed) for (const run of cheapest.runs) scale.use(task, run)
    }
    return cost - sumBy(scales, (scale) => scale.revenue())
  }

  return {
    get best() {
      return best
    },
    step(upper) {
      const cost = evaluateRelaxation()
      if (cost > best + 1e-6 * Math.abs(best)) sinceBetter = 0
      else if (++sinceBetter >= 12) {
        theta /= 2
        sinceBetter = 0
      }
      best = Math.max(best, cost)
      const norm = sumBy(scales, (scale) => scale.norm())
      if (norm === 0 || theta < 1e-4) return false
      const length = (theta * (1.02 * upper - cost)) / norm
      for (const scale of scales) scale.adjustPrice(length)
      return true
    },
  }
}

/** One limit of a resource over time: prices, and the use, as shares of its capacity in minutes. */
interface PricedLimit {
  isPassedBy(task: Task): boolean
  reset(): void
  shadowPriceOf(task: Task): ShadowPrice
  use(task: Task, run: Run & { share: number }): void
  revenue(): number
  norm(): number
  adjustPrice(length: number): void
}

function pricedLimits(problem: Problem, tasks: readonly Task[]): PricedLimit[] {
  const spans = tasks.flatMap(({ allowed }) => allowed).filter(({ toMs }) => Number.isFinite(toMs))
  if (spans.length === 0) return []
  const longest = Math.max(0, ...problem.resources.map(({ changeoverMs }) => changeoverMs)) / MINUTE_MS
  const first = Math.floor(Math.min(...spans.map(({ fromMs }) => fromMs)) / MINUTE_MS)
  const last = Math.ceil(Math.max(...spans.map(({ toMs }) => toMs)) / MINUTE_MS + longest)
  const slots = Math.ceil((last - first) / SLOT)
  return problem.resources.flatMap((resource) => {
    const flows = problem.fixedFlows
      .filter(({ path }) => path.includes(resource.id))
      .map((flow) => ({ ...flow, toMs: flow.toMs + resource.changeoverMs }))
    const context = { first, slots, heldAfter: Math.floor(resource.changeoverMs / MINUTE_MS) }
    const passes = ({ job }: Task) => job.path.includes(resource.id)
    const flow = pricedCapacity({
      ...context,
      passes,
      partOf: ({ job }) => job.flowLpm / resource.capacityLpm,
      free: freeCapacity(context, flows, (flow) => flow.flowLpm / resource.capacityLpm),
    })
    const valves = pricedCapacity({
      ...context,
      passes,
      partOf: () => 1 / resource.maxOpen,
      free: freeCapacity(context, flows, () => 1 / resource.maxOpen),
    })
    const quotas = resource.quotas.map((quota) => pricedQuota(quota, resource, first, last, passes))
    return resource.maxOpen > 0 && resource.capacityLpm > 0 ? [flow, valves, ...quotas] : quotas
  })
}

/** The free capacity of each slot next to the fixed flows, in minutes of the whole. */
function freeCapacity(
  { first, slots }: { first: number; slots: number },
  flows: readonly FixedFlow[],
  partOf: (flow: FixedFlow) => number,
): Float64Array {
  const free = new Float64Array(slots)
  const edges = [...new Set(flows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))]
  for (let slot = 0; slot < slots; slot++) {
    const fromMs = (first + slot * SLOT) * MINUTE_MS
    const toMs = fromMs + SLOT * MINUTE_MS
    const cuts = [fromMs, ...edges.filter((atMs) => fromMs < atMs && atMs < toMs).sort((a, b) => a - b), toMs]
    for (const [i, atMs] of cuts.slice(0, -1).entries()) {
      const used = flows
        .filter((flow) => flow.fromMs <= atMs && atMs < flow.toMs)
        .reduce((sum, flow) => sum + partOf(flow), 0)
      free[slot]! += (Math.max(0, SLACK - used) * (cuts[i + 1]! - atMs)) / MINUTE_MS
    }
  }
  return free
}

function pricedCapacity({
  first,
  slots,
  heldAfter: changeoverAfter,
  passes,
  partOf,
  free,
}: {
  first: number
  slots: number
  heldAfter: number
  passes: (task: Task) => boolean
  partOf: (task: Task) => number
  free: Float64Array
}): PricedLimit {
  const price = new Float64Array(slots)
  const used = new Float64Array(slots)
  // no flow after the last slot
  const before = new Float64Array(slots * SLOT + changeoverAfter + 1)
  return {
    isPassedBy: passes,
    reset() {
      used.fill(0)
      for (let i = 0; i + 1 < before.length; i++)
        before[i + 1] = before[i]! + (price[Math.floor(i / SLOT)] ?? 0)
    },
    shadowPriceOf(task) {
      return { before, first, part: partOf(task), changeoverAfter }
    },
    use(task, { from, to, share }) {
      const part = partOf(task) * share
      for (let minute = from - first; minute < to + changeoverAfter - first; minute++) {
        const slot = Math.floor(minute / SLOT)
        if (slot < slots) used[slot]! += part
      }
    },
    revenue: () => price.reduce((total, slotPrice, slot) => total + slotPrice * free[slot]!, 0),
    norm() {
      let sum = 0
      for (let slot = 0; slot < slots; slot++) {
        const excess = used[slot]! - free[slot]!
        if (price[slot]! > 0 || excess > 0) sum += excess ** 2
      }
      return sum
    },
    adjustPrice(length) {
      for (let slot = 0; slot < slots; slot++)
        price[slot] = Math.max(0, price[slot]! + length * (used[slot]! - free[slot]!))
    },
  }
}

/** Counts only jobs whose flow within the span begins in it. */
function pricedQuota(
  quota: Quota,
  { capacityLpm }: Resource,
  first: number,
  last: number,
  passes: (task: Task) => boolean,
): PricedLimit {
  let price = 0
  let used = 0
  const from = Math.min(last, Math.max(first, Math.ceil(quota.fromMs / MINUTE_MS)))
  const to = Math.min(last, Math.max(from, Math.floor(quota.toMs / MINUTE_MS)))
  const free = Math.max(0, quota.litres) / capacityLpm
  const before = new Float64Array(last - first + 1)
  const within = (minute: number) => Math.min(to, Math.max(from, minute)) - from
  return {
    isPassedBy: (task) => passes(task) && beginsIn(task.allowed, quota),
    reset() {
      used = 0
      for (let i = 0; i < before.length; i++) before[i] = price * within(first + i)
    },
    shadowPriceOf: ({ job }) => ({ before, first, part: job.flowLpm / capacityLpm, changeoverAfter: 0 }),
    use({ job }, run) {
      used += ((run.share * job.flowLpm) / capacityLpm) * (within(run.to) - within(run.from))
    },
    revenue: () => price * free,
    norm: () => (price > 0 || used > free ? (used - free) ** 2 : 0),
    adjustPrice: (length) => void (price = Math.max(0, price + length * (used - free))),
  }
}

/** Whether all flow within the quota's span begins in it: no allowed hours reach into it from before. */
const beginsIn = (allowed: readonly Span[], quota: Quota): boolean =>
  !allowed.some(({ fromMs, toMs }) => fromMs < quota.fromMs && quota.fromMs < toMs)
