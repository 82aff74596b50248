/**
 * What no plan can beat, as a linear model: water that may be turned on and off at will, minute by minute. It keeps the
 * hours, the flow and the number of valves of every resource, and the quotas that bind whatever begins; it forgets
 * shortest runs, pauses, changeovers and dosing. So its least cost is at most that of the best plan.
 */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { m3PerMinute, openingCost, pricesOf, startCost } from './cost.ts'
import { tasksOf } from './greedy.ts'
import { linearModel, type Linear } from './model.ts'
import type { Task } from './place.ts'
import type { Problem, Quota, Resource, Span, Taken } from './types.ts'

const GRID_MS = 15 * MINUTE_MS
// of a pump that is packed to exactly its capacity
const SLACK = 1 + 1e-9

export function boundModel(problem: Problem): Linear {
  const model = linearModel()
  const tasks = tasksOf(problem)
  const prices = pricesOf(problem)
  const pieces = piecesOf(problem, tasks)
  const byPiece: { task: Task; column: number }[][] = pieces.map(() => [])
  const ofTask = new Map<Task, { piece: Span; column: number }[]>()
  let offset = 0
  for (const task of tasks) {
    const { job } = task
    const own: { piece: Span; column: number }[] = []
    ofTask.set(task, own)
    const missingPerMinute = job.valuePerM3 * m3PerMinute(job)
    offset += missingPerMinute * job.minutes
    const longest = job.cycle?.mostMinutes ?? job.minutes
    const startPerMinute = startCost(job) / longest
    const isReachable = job.path.every((id) => problem.resources.some((resource) => resource.id === id))
    for (const [i, piece] of pieces.entries()) {
      const isAllowed = task.allowed.some(({ fromMs, toMs }) => fromMs <= piece.fromMs && piece.toMs <= toMs)
      if (!isAllowed || !isReachable) continue
      const minutes = (piece.toMs - piece.fromMs) / MINUTE_MS
      // what flows in a part of the piece may flow in its cheapest minutes: at its beginning
      const soon = { fromMs: piece.fromMs, toMs: piece.fromMs + 1 }
      const perMinute =
        (openingCost(job, soon, prices(job), problem.fromMs) - startCost(job)) * MINUTE_MS + startPerMinute
      const column = model.column({ cost: perMinute - missingPerMinute, upper: minutes, isWhole: false })
      own.push({ piece, column })
      byPiece[i]!.push({ task, column })
    }
    // n longest runs cost n starts, and the minutes beyond them one more: the convex hull of that
    const beyond = job.minutes - (Math.ceil(job.minutes / longest) - 1) * longest
    const last = model.column({
      cost: startCost(job) / beyond - startPerMinute,
      upper: beyond,
      isWhole: false,
    })
    const given = own.map(({ column }) => [column, 1] as [number, number])
    model.row(given, -Infinity, job.minutes)
    model.row([...given, [last, -1]], -Infinity, job.minutes - beyond)
  }
  for (const resource of problem.resources) {
    for (const [i, piece] of pieces.entries()) {
      const through = byPiece[i]!.filter(({ task }) => task.job.path.includes(resource.id))
      const minutes = (piece.toMs - piece.fromMs) / MINUTE_MS
      const left = leftIn(resource, piece, problem.taken)
      model.row(
        through.map(({ task, column }) => [column, task.job.flowLpm]),
        -Infinity,
        Math.max(0, left.flowLpm) * minutes,
      )
      model.row(
        through.map(({ column }) => [column, 1]),
        -Infinity,
        Math.max(0, left.valves) * minutes,
      )
    }
    for (const quota of resource.quotas) {
      const counted = tasks.filter(
        ({ job, allowed }) => job.path.includes(resource.id) && beginsIn(allowed, quota),
      )
      const terms = counted.flatMap((task) =>
        ofTask
          .get(task)!
          .flatMap(({ piece, column }) =>
            quota.fromMs <= piece.fromMs && piece.toMs <= quota.toMs
              ? [[column, task.job.flowLpm] as [number, number]]
              : [],
          ),
      )
      model.row(terms, -Infinity, Math.max(0, quota.litres))
    }
  }
  return model.done(offset)
}

/** Whether what flows within the quota's span has begun in it: no hours reach into it from before. */
const beginsIn = (allowed: readonly Span[], quota: Quota): boolean =>
  !allowed.some(({ fromMs, toMs }) => fromMs < quota.fromMs && quota.fromMs < toMs)

/** The horizon, cut wherever anything changes, and every quarter of an hour. */
function piecesOf(problem: Problem, tasks: readonly Task[]): Span[] {
  const hours = tasks.flatMap(({ allowed }) => allowed)
  if (hours.length === 0) return []
  const firstMs = Math.min(...hours.map(({ fromMs }) => fromMs))
  const lastMs = Math.max(...hours.map(({ toMs }) => toMs))
  const cuts = new Set<AtMs>([firstMs, lastMs])
  const spans: readonly Span[] = [
    ...hours,
    ...problem.taken,
    ...problem.resources.flatMap(({ quotas, prices }) => [...quotas, ...prices]),
  ]
  for (const { fromMs, toMs } of spans) cuts.add(fromMs).add(toMs)
  for (const { job } of tasks) cuts.add(job.dueMs)
  for (let atMs = Math.ceil(firstMs / GRID_MS) * GRID_MS; atMs < lastMs; atMs += GRID_MS) cuts.add(atMs)
  const inOrder = [...cuts].filter((atMs) => atMs >= firstMs && atMs <= lastMs).sort((a, b) => a - b)
  return inOrder.slice(1).map((toMs, i) => ({ fromMs: inOrder[i]!, toMs }))
}

function leftIn(
  resource: Resource,
  piece: Span,
  taken: readonly Taken[],
): { flowLpm: number; valves: number } {
  const beside = taken.filter(
    ({ path, fromMs, toMs }) => path.includes(resource.id) && fromMs <= piece.fromMs && piece.toMs <= toMs,
  )
  const flowLpm = beside.reduce((sum, one) => sum + one.flowLpm, 0)
  return { flowLpm: resource.capacityLpm * SLACK - flowLpm, valves: resource.maxOpen - beside.length }
}
