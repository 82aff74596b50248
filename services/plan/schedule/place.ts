/**
 * The best openings for one job next to those already placed: complete before cut, then cheap, then early. The
 * candidate instants are those at which a condition changes: hours begin, a valve closes, a price changes, the
 * dose is due.
 */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import type { LimitKey } from '../message-keys.ts'
import { openingCost, startCost } from './cost.ts'
import { intersect } from './spans.ts'
import type { Job, Placement, Price, Problem, Span } from './types.ts'
import { changesFor, exceedsCapacity, roomAt, type Room, type Water } from './water.ts'
import { sum } from '../../runtime/math.ts'

/** A job with its constants during planning. */
export interface Task {
  job: Job
  allowed: Span[] // in all of its rules
  /** the lengths of its openings without a cut, minutes */
  parts: number[]
  shortest: number
  /** between two openings: the soak, and never less than the changeover */
  pauseMs: number
  prices: readonly Price[]
  originMs: AtMs
}

/**
 * `allowed` starts at the problem's first instant and is empty when its rules leave no hour. A job with dosing opens
 * at least for its lead, its flush and a minute.
 */
export function toTask(job: Job, { fromMs: originMs, resources }: Problem, prices: readonly Price[]): Task {
  const { dosing } = job
  const dosingMinutes = dosing && dosing.order !== null ? dosing.leadMinutes + dosing.flushMinutes + 1 : 0
  const shortest = Math.max(1, job.minMinutes, dosingMinutes)
  const allowed = job.rules.reduce<Span[]>(
    (spans, rule) => intersect(spans, rule.spans),
    [{ fromMs: originMs, toMs: Infinity }],
  )
  const changeovers = resources
    .filter(({ id }) => job.path.includes(id))
    .map((resource) => resource.changeoverMs)
  const pauseMs = Math.max((job.cycle?.soakMinutes ?? 0) * MINUTE_MS, ...changeovers)
  return { job, allowed, parts: partsOf(job, shortest), shortest, pauseMs, prices, originMs }
}

/**
 * Equal openings, none longer than the cycle allows; fewer where they would be too short to be worth a start.
 */
function partsOf({ minutes, cycle }: Job, shortest: number): number[] {
  if (!cycle || minutes <= cycle.maxMinutes) return [minutes]
  let count = Math.ceil(minutes / cycle.maxMinutes)
  if (Math.floor(minutes / count) < shortest) count -= 1
  const givenMinutes = Math.min(minutes, count * cycle.maxMinutes)
  return Array.from({ length: count }, (_, i) => Math.floor((givenMinutes + i) / count)).reverse()
}

interface Chain {
  openings: Span[]
  minutes: number
  cost: number
  limit: LimitKey | null
}

// chains of several openings tried after the first that holds the whole dose
const MORE_CHAINS = 6

const never = () => false

/**
 * The best placement of a task. `preferred`: tried first. `isPassedOver`: called for each start, which is
 * then left to another job.
 */
export function place(
  water: Water,
  task: Task,
  preferred: readonly Span[] = [],
  isPassedOver: () => boolean = never,
): Placement {
  const { job } = task
  const unplaced = (limit: LimitKey): Placement => ({ jobId: job.id, openings: [], limit })
  if (exceedsCapacity(water, job)) return unplaced('pump-too-small')
  const asNear = preferred.length > 0 ? chainAt(water, task, preferred) : null
  if (asNear) return { jobId: job.id, openings: asNear, limit: cycleLimit(task) }
  const starts = startsOf(water, task, task.parts[0]!)
  const best = bestChain(water, task, starts, isPassedOver) ?? bestChain(water, task, starts, never)
  if (!best) return unplaced(noPlacementReason(water, task, starts))
  return { jobId: job.id, openings: best.openings, limit: best.limit ?? cycleLimit(task) }
}

/** Where cycles too short to be worth a start were left out. */
const cycleLimit = ({ job, parts }: Task): LimitKey | null => (sum(parts) < job.minutes ? 'cycle' : null)

/** The preferred openings with today's lengths; null when they do not hold the whole dose. */
function chainAt(water: Water, task: Task, preferred: readonly Span[]): Span[] | null {
  const { job, parts } = task
  if (preferred.length !== parts.length || parts.some((part) => part < task.shortest)) return null
  const openings: Span[] = []
  let heldLitres = 0
  for (const [i, { fromMs }] of preferred.entries()) {
    const last = openings.at(-1)
    if (last && fromMs < last.toMs + task.pauseMs) return null
    if (roomWithin(water, task, fromMs, parts[i]!, heldLitres).minutes < parts[i]!) return null
    openings.push({ fromMs, toMs: fromMs + parts[i]! * MINUTE_MS })
    heldLitres += parts[i]! * job.flowLpm
  }
  return openings
}

function bestChain(
  water: Water,
  task: Task,
  starts: readonly AtMs[],
  isPassedOver: () => boolean,
): Chain | null {
  const first = task.parts[0]!
  const priced = starts
    .map((startMs) => ({ startMs, cost: costAt(task, startMs, first) }))
    .sort((a, b) => a.cost - b.cost || a.startMs - b.startMs)
  let best: Chain | null = null
  let wholes = 0
  for (const { startMs } of priced) {
    if (isPassedOver()) continue
    const chain = chainFrom(water, task, startMs, starts)
    if (chain.openings.length === 0) continue
    if (!best || isBetter(chain, best)) best = chain
    if (chain.limit !== null) continue
    wholes += 1
    if (task.parts.length === 1 || wholes > MORE_CHAINS) break
  }
  return best
}

const isBetter = (a: Chain, b: Chain): boolean =>
  a.minutes !== b.minutes ? a.minutes > b.minutes : a.cost < b.cost - 1e-9

/** The openings of one dose from a first start; each next one as soon as allowed. */
function chainFrom(water: Water, task: Task, startMs: AtMs, starts: readonly AtMs[]): Chain {
  const { job, parts, shortest } = task
  const chain: Chain = { openings: [], minutes: 0, cost: 0, limit: null }
  for (const part of parts) {
    const last = chain.openings.at(-1)
    const room = last
      ? soonest(water, task, last.toMs + task.pauseMs, part, chain.minutes * job.flowLpm, starts)
      : { startMs, ...roomWithin(water, task, startMs, part, 0) }
    if (room.minutes < part) chain.limit = room.limit ?? 'window'
    if (room.minutes < shortest) return chain
    const opening = { fromMs: room.startMs, toMs: room.startMs + room.minutes * MINUTE_MS }
    chain.openings.push(opening)
    chain.minutes += room.minutes
    chain.cost += openingCost(job, opening, task.prices, task.originMs)
    if (chain.limit !== null) return chain
  }
  return chain
}

/** The first start from then on that holds the whole part, else the one that holds the most of it. */
function soonest(
  water: Water,
  task: Task,
  fromMs: AtMs,
  part: number,
  heldLitres: number,
  starts: readonly AtMs[],
): Room & { startMs: AtMs } {
  let best: Room & { startMs: AtMs } = { startMs: fromMs, minutes: 0, limit: 'window' }
  const span = task.allowed.find(({ toMs }) => toMs > fromMs)
  if (!span) return best
  for (const startMs of [Math.max(fromMs, span.fromMs), ...starts]) {
    if (startMs < fromMs) continue
    const room = roomWithin(water, task, startMs, part, heldLitres)
    if (room.minutes >= part) return { startMs, ...room }
    if (room.minutes > best.minutes) best = { startMs, ...room }
  }
  return best
}

/** As `roomAt`, inside the allowed hours. */
function roomWithin(
  water: Water,
  task: Task,
  startMs: AtMs,
  wantedMinutes: number,
  heldLitres: number,
): Room {
  const span = task.allowed.find(({ fromMs, toMs }) => fromMs <= startMs && startMs < toMs)
  if (!span) return { minutes: 0, limit: ruleAgainst(task, startMs) }
  const maxMinutes = Math.floor((span.toMs - startMs) / MINUTE_MS + 1e-9)
  if (maxMinutes >= wantedMinutes) return roomAt(water, task.job, startMs, wantedMinutes, heldLitres)
  const room = roomAt(water, task.job, startMs, maxMinutes, heldLitres)
  return room.minutes < maxMinutes ? room : { minutes: maxMinutes, limit: ruleAgainst(task, span.toMs) }
}

/** The first rule that does not allow an instant. */
const ruleAgainst = ({ job }: Task, atMs: AtMs): LimitKey =>
  job.rules.find(({ spans }) => !spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs))?.limit ??
  'window'

/** The obstacle to even the shortest opening: the hours, or, where they are long enough, the water. */
function noPlacementReason(water: Water, task: Task, starts: readonly AtMs[]): LimitKey {
  const { allowed, shortest, job } = task
  // a dose that is shorter than the leading and the flushing water
  if (job.minutes < shortest && job.minutes >= job.minMinutes) return 'fertigation'
  const isLongEnough = allowed.some(({ fromMs, toMs }) => toMs - fromMs >= shortest * MINUTE_MS)
  if (!isLongEnough) return firstBlockingRule(task)
  let best: Room | null = null
  for (const startMs of starts) {
    const room = roomAt(water, job, startMs, shortest, 0)
    if (room.limit !== null && (!best || room.minutes > best.minutes)) best = room
  }
  return best?.limit ?? 'window'
}

/** The rule that, applied after those before it, leaves no hours that are long enough. */
function firstBlockingRule({ job, shortest, originMs }: Task): LimitKey {
  let left: Span[] = [{ fromMs: originMs, toMs: Infinity }]
  for (const rule of job.rules) {
    left = intersect(left, rule.spans)
    if (!left.some(({ fromMs, toMs }) => toMs - fromMs >= shortest * MINUTE_MS)) return rule.limit
  }
  return 'window'
}

/** Every candidate start, earliest first. */
function startsOf(water: Water, { job, allowed, prices }: Task, part: number): AtMs[] {
  const { starts, ends } = changesFor(water, job)
  for (const { fromMs, toMs } of allowed) {
    starts.push(fromMs)
    ends.push(toMs)
  }
  for (const { fromMs, toMs } of prices) {
    starts.push(fromMs, toMs)
    ends.push(fromMs, toMs)
  }
  ends.push(job.dueMs)
  const candidates: AtMs[] = []
  const add = (atMs: AtMs): void => {
    for (const { fromMs, toMs } of allowed)
      if (fromMs <= atMs && atMs < toMs) return void candidates.push(atMs)
  }
  for (const atMs of starts) add(wholeMinute(atMs, Math.ceil))
  for (const atMs of ends) add(wholeMinute(atMs - part * MINUTE_MS, Math.floor))
  return candidates.sort((a, b) => a - b).filter((atMs, i) => atMs !== candidates[i - 1])
}

const wholeMinute = (atMs: AtMs, round: (n: number) => number): AtMs => round(atMs / MINUTE_MS) * MINUTE_MS

const costAt = (task: Task, startMs: AtMs, minutes: number): number =>
  openingCost(
    task.job,
    { fromMs: startMs, toMs: startMs + minutes * MINUTE_MS },
    task.prices,
    task.originMs,
  ) - startCost(task.job)
