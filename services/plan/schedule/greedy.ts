/**
 * A schedule within milliseconds: one job after another, each at its best next to those before it. The order
 * determines the quality, so several orders are tried and the cheapest schedule is used.
 */
import { runSync, type CooperativeTask } from '../../runtime/cooperative.ts'
import { costOf, jobCost, pricesOf } from './cost.ts'
import { place, toTask, type Task } from './place.ts'
import type { Job, Placement, Problem, Span } from './types.ts'
import { createWater, allocate } from './water.ts'
import { sumBy } from '../../runtime/math.ts'

/** Preferred openings of jobs, by id. */
export type Hints = ReadonlyMap<string, readonly Span[]>

interface Schedule {
  placements: Placement[] // in the order of the jobs
  cost: number
  /** every job is placed where it would be alone: the schedule is optimal */
  isBest: boolean
}

/** `hints`: the openings of a better schedule, by job. */
export const greedy = (problem: Problem, hints?: Hints): Schedule => runSync(greedyTask(problem, hints))

/**
 * As `greedy`, in steps: yields after each placed job. Stops at the first schedule that costs no more than the lower
 * bound.
 */
export function* greedyTask(problem: Problem, hints: Hints = new Map()): CooperativeTask<Schedule> {
  const tasks = tasksOf(problem)
  const stand = new Map(problem.jobs.filter(hasCurrentOpenings).map((job) => [job.id, job.currentOpenings]))
  const alone = yield* standaloneCostTask(problem, tasks)
  let best: Schedule | null = null
  const tries: [Order, Hints][] = [
    ...(hints.size > 0 ? [[byDue, hints] as [Order, Hints]] : []),
    ...(stand.size > 0 ? [[byDue, stand] as [Order, Hints]] : []),
    [byDue, new Map()],
    [byFlow, new Map()],
    [byLitres, new Map()],
    [byRoom, new Map()],
  ]
  for (const [order, preferred] of tries) {
    const placements = yield* placeAllTask(problem, [...tasks].sort(order), preferred)
    const cost = costOf(problem, placements)
    if (!best || cost < best.cost - 1e-9) best = { placements, cost, isBest: false }
    if (best.cost <= alone + 1e-9) return { ...best, isBest: true }
  }
  return best!
}

/** In the order of the jobs, each with the prices of its water. */
export const tasksOf = (problem: Problem): Task[] => {
  const prices = pricesOf(problem)
  return problem.jobs.map((job) => toTask(job, problem, prices(job)))
}

/** Places the tasks in order; first those of `preferred`, which keep their place while there is room for them. */
export const placeAll = (problem: Problem, inOrder: readonly Task[], preferred: Hints): Placement[] =>
  runSync(placeAllTask(problem, inOrder, preferred))

function* placeAllTask(
  problem: Problem,
  inOrder: readonly Task[],
  preferred: Hints,
): CooperativeTask<Placement[]> {
  const water = createWater(problem)
  const placements = new Map<string, Placement>()
  const isFirst = (task: Task) => preferred.has(task.job.id)
  const turns = [...inOrder.filter(isFirst), ...inOrder.filter((task) => !isFirst(task))]
  for (const task of orderByDosing(turns)) {
    const placement = place(water, task, preferred.get(task.job.id))
    placements.set(task.job.id, placement)
    for (const opening of placement.openings) allocate(water, task.job, opening)
    yield
  }
  return problem.jobs.map((job) => placements.get(job.id)!)
}

type Order = (a: Task, b: Task) => number

const hasCurrentOpenings = (job: Job): boolean => job.currentOpenings.length > 0
const byId: Order = (a, b) => (a.job.id < b.job.id ? -1 : 1)
const litres = ({ job }: Task): number => job.minutes * job.flowLpm
const roomMs = (task: Task): number => sumBy(task.allowed, (span) => span.toMs - span.fromMs)

/** The most urgent first. */
const byDue: Order = (a, b) => a.job.dueMs - b.job.dueMs || byId(a, b)
const byFlow: Order = (a, b) => b.job.flowLpm - a.job.flowLpm || byDue(a, b)
const byLitres: Order = (a, b) => litres(b) - litres(a) || byDue(a, b)
/** The one with the fewest hours for its dose first. */
const byRoom: Order = (a, b) => roomMs(a) / a.job.minutes - roomMs(b) / b.job.minutes || byDue(a, b)

/** Zones of one dosing unit swap their positions into their feeding order. */
export function orderByDosing(tasks: readonly Task[]): Task[] {
  const turns = [...tasks]
  const units = new Set(tasks.flatMap(({ job }) => (job.dosing ? [job.dosing.unitId] : [])))
  for (const unitId of units) {
    const indices = turns.flatMap(({ job }, i) => (job.dosing?.unitId === unitId ? [i] : []))
    const dosed = indices.map((i) => turns[i]!)
    const order = ({ job }: Task) => job.dosing!.order ?? Infinity
    dosed.sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)))
    indices.forEach((i, k) => (turns[i] = dosed[k]!))
  }
  return turns
}

/** A lower bound: each job alone on the water. */
function* standaloneCostTask(problem: Problem, tasks: readonly Task[]): CooperativeTask<number> {
  const water = createWater(problem)
  let cost = 0
  for (const task of tasks) {
    const { job, prices, originMs } = task
    const preferences = hasCurrentOpenings(job) ? [job.currentOpenings, []] : [[]]
    const options = preferences.map((spans) => place(water, task, spans).openings)
    cost += Math.min(...options.map((openings) => jobCost(job, openings, prices, originMs)))
    yield
  }
  return cost
}
