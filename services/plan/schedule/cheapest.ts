/**
 * The cheapest openings of one job when every minute of the shared water has its price, independent of the
 * other jobs: exact to the minute, in a few passes over the hours of the job. The bound is built from these.
 */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { m3PerMinute, openingCost, startCost } from './cost.ts'
import type { Task } from './place.ts'
import { sumBy } from '../../runtime/math.ts'

/** A run of whole minutes of the epoch; `to` is exclusive. */
export interface Run {
  from: number
  to: number
}

/** The price of a job for a limit of the shared water. */
export interface ShadowPrice {
  /** for each minute from `first` on, the cost of all minutes before it for the whole capacity */
  before: Float64Array
  first: number
  /** share of the capacity that the job uses */
  part: number
  /** minutes that an opening pays after its end */
  changeoverAfter: number
}

interface Cheapest {
  /** at most the cost of any openings of the job, with shadow prices; missing water costs its value */
  cost: number
  /** runs, each with its share: where the length of the dose binds, two solutions are mixed to reach it */
  runs: (Run & { share: number })[]
}

/** The nodes are the whole minutes of each span of allowed hours, including its end. */
interface Nodes {
  minute: Int32Array
  last: Int32Array // of its span
  after: Int32Array // the first node at which the next opening may begin when one ends here; the count of nodes: none
  own: Float64Array // cost of all minutes of the span before it, less the value of their water
}

interface OpeningsCost {
  cost: number
  runs: Run[]
  minutes: number
}

/** Returns a function, as only the shadow prices change between calls. */
export function cheapestFor(task: Task): (shadowPrices: readonly ShadowPrice[]) => Cheapest {
  const { job, shortest } = task
  const missing = job.minutes * m3PerMinute(job) * job.valuePerM3
  const maxMinutes = Math.min(job.cycle?.maxMinutes ?? job.minutes, job.minutes)
  if (shortest > maxMinutes) return () => ({ cost: missing, runs: [] })
  const nodes = nodesOf(task)
  // this number of openings cannot be too long in total
  const safe = job.cycle ? Math.floor(job.minutes / maxMinutes) : 1
  const isLimited = job.cycle !== null && (safe + 1) * shortest <= job.minutes
  // the saving per minute that keeps more openings from being too long together
  const minuteValue = job.valuePerM3 * m3PerMinute(job)
  let perMinute = minuteValue
  let stride = minuteValue / 16

  const count = nodes.minute.length
  const starts = new Float64Array(count)
  const ends = new Float64Array(count)
  const room = Array.from({ length: safe + (isLimited ? 2 : 0) }, () => newLayer(count))
  const value = new Float64Array(count)
  const queue = new Int32Array(count)

  return (shadowPrices) => {
    for (let i = 0; i < count; i++) {
      starts[i] = startCost(job) - nodes.own[i]!
      ends[i] = nodes.own[i]!
    }
    for (const { before, first, part, changeoverAfter } of shadowPrices)
      for (let i = 0; i < count; i++) {
        const minute = nodes.minute[i]! - first
        starts[i]! -= part * before[minute]!
        ends[i]! += part * before[minute + changeoverAfter]!
      }
    const solve = (openings: number, isAtLeast: boolean, extraCost: number): OpeningsCost =>
      cheapestOpenings(nodes, {
        starts,
        ends,
        shortest,
        most: maxMinutes,
        more: extraCost,
        openings,
        isAtLeast,
        room,
        value,
        queue,
      })
    const few = solve(safe, false, 0)
    const severalOpenings = isLimited ? limited((extraCost) => solve(safe + 1, true, extraCost)) : null
    if (!severalOpenings || few.cost <= severalOpenings.cost)
      return { cost: missing + few.cost, runs: few.runs.map((run) => ({ ...run, share: 1 })) }
    return { cost: missing + severalOpenings.cost, runs: severalOpenings.runs }
  }

  /** The best bound by a price per minute, for openings that are together no longer than the dose. */
  function limited(solve: (extraCost: number) => OpeningsCost): Cheapest {
    let low: (OpeningsCost & { more: number }) | null = null // too long
    let high: (OpeningsCost & { more: number }) | null = null // not too long
    let best: Cheapest = { cost: -Infinity, runs: [] }
    let extraCost = perMinute
    for (let i = 0; i < MAX_TRIES; i++) {
      const solution = { ...solve(extraCost), more: extraCost }
      const cost = solution.cost - extraCost * job.minutes
      if (cost > best.cost) {
        best = { cost, runs: solution.runs.map((run) => ({ ...run, share: 1 })) }
        perMinute = extraCost
      }
      if (!Number.isFinite(cost)) return best
      if (solution.minutes > job.minutes) low = solution
      else high = solution
      if (!low || !high) {
        // the prices have moved a little: start near the previous solution
        if (extraCost === 0 && !low) return best
        extraCost = Math.max(0, low ? extraCost + stride : extraCost - stride)
        stride *= 2
      } else {
        stride = Math.max(stride / 4, MIN_STRIDE * minuteValue)
        // where the lines of both meet; neither is better there than its value
        const next =
          (high.cost - high.more * high.minutes - low.cost + low.more * low.minutes) /
          (low.minutes - high.minutes)
        const share = (job.minutes - high.minutes) / (low.minutes - high.minutes)
        best.runs = [
          ...low.runs.map((run) => ({ ...run, share })),
          ...high.runs.map((run) => ({ ...run, share: 1 - share })),
        ]
        if (Math.abs(next - extraCost) < 1e-9 || next <= low.more || next >= high.more) return best
        extraCost = next
      }
    }
    return best
  }
}
const MAX_TRIES = 4
const MIN_STRIDE = 1e-3

function nodesOf({ job, allowed, prices, originMs, shortest }: Task): Nodes {
  const spans = allowed
    .filter(({ toMs }) => Number.isFinite(toMs))
    .map(({ fromMs, toMs }) => ({ from: Math.ceil(fromMs / MINUTE_MS), to: Math.floor(toMs / MINUTE_MS) }))
    .filter(({ from, to }) => to - from >= shortest)
  const count = sumBy(spans, ({ from, to }) => to - from + 1)
  const nodes: Nodes = {
    minute: new Int32Array(count),
    last: new Int32Array(count),
    after: new Int32Array(count),
    own: new Float64Array(count),
  }
  const minuteValue = job.valuePerM3 * m3PerMinute(job)
  let i = 0
  for (const { from, to } of spans) {
    const last = i + to - from
    for (let minute = from; minute <= to; minute++, i++) {
      nodes.minute[i] = minute
      nodes.last[i] = last
      if (minute === from) continue
      const before = { fromMs: (minute - 1) * MINUTE_MS, toMs: minute * MINUTE_MS }
      nodes.own[i] =
        nodes.own[i - 1]! + openingCost(job, before, prices, originMs) - startCost(job) - minuteValue
    }
  }
  const soak = job.cycle?.soakMinutes ?? 0
  for (let k = 0, next = 0; k < count; k++) {
    while (next < count && nodes.minute[next]! < nodes.minute[k]! + soak) next += 1
    nodes.after[k] = next
  }
  return nodes
}

interface OpeningsQuery {
  starts: Float64Array
  ends: Float64Array
  shortest: number
  most: number
  /** of every minute that is open */
  more: number
  openings: number
  /** at least this number, else at most */
  isAtLeast: boolean
  /** work space */
  room: readonly Layer[]
  value: Float64Array
  queue: Int32Array
}

/**
 * By the node from which water may flow: the least cost, and the end of an opening that begins there (-1: none
 * does).
 */
interface Layer {
  least: Float64Array
  end: Int32Array
}

const newLayer = (count: number): Layer => ({
  least: new Float64Array(count + 1),
  end: new Int32Array(count),
})

/** The cheapest sequence of openings, by the number still to come, from the last minute back to the first. */
function cheapestOpenings(nodes: Nodes, query: OpeningsQuery): OpeningsCost {
  const { minute } = nodes
  const { openings, isAtLeast } = query
  const count = minute.length
  const layers: Layer[] = []
  // with `isAtLeast` the first layer holds additional openings, as many as pay; each further layer requires one
  // more
  for (let k = isAtLeast ? 0 : 1; k <= openings; k++) {
    const baseCost = isAtLeast && k > 0 ? Infinity : 0
    const layer = query.room[layers.length]!
    fillLayer(layer, nodes, query, layers.at(-1)?.least ?? null, baseCost, isAtLeast && k === 0)
    layers.push(layer)
  }
  const runs: Run[] = []
  let minutes = 0
  let k = layers.length - 1
  for (let i = 0; i < count && k >= 0;) {
    const end = layers[k]!.end[i]!
    if (end < 0) {
      i += 1
      continue
    }
    runs.push({ from: minute[i]!, to: minute[end]! })
    minutes += minute[end]! - minute[i]!
    i = nodes.after[end]!
    if (!(isAtLeast && k === 0)) k -= 1
  }
  const cost = layers.at(-1)!.least[0] ?? (isAtLeast ? Infinity : 0)
  return { cost, runs, minutes }
}

/** `next`: the least cost from each node on after an opening of this layer; null: none follows. */
function fillLayer(
  { least: minCost, end }: Layer,
  { minute, last, after }: Nodes,
  { starts, ends, shortest, most: maxMinutes, more: extraCost, value, queue }: OpeningsQuery,
  next: Float64Array | null,
  baseCost: number,
  isEndless: boolean,
): void {
  const count = minute.length
  minCost[count] = baseCost
  const following = isEndless ? minCost : next
  // possible ends of an opening, in order of cost
  let head = 0
  let tail = 0
  for (let i = count - 1; i >= 0; i--) {
    if (i === count - 1 || last[i] !== last[i + 1]) head = tail = 0
    const newest = i + shortest
    if (newest <= last[i]!) {
      value[newest] =
        ends[newest]! + extraCost * minute[newest]! + (following ? following[after[newest]!]! : 0)
      while (tail > head && value[queue[tail - 1]!]! >= value[newest]!) tail -= 1
      queue[tail++] = newest
    }
    while (head < tail && queue[head]! > i + maxMinutes) head += 1
    minCost[i] = minCost[i + 1]!
    end[i] = -1
    if (head === tail) continue
    const cost = starts[i]! - extraCost * minute[i]! + value[queue[head]!]!
    if (cost < minCost[i]!) {
      minCost[i] = cost
      end[i] = queue[head]!
    }
  }
}
