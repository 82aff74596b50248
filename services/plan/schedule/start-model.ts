/**
 * The choice of starts as an integer program: each opening of each free job begins at one of its instants, or
 * not at all; the other jobs are fixed. A solution is a hint for placing the jobs, never a schedule by itself:
 * it has no cut runs, and its dosing is left to the placing.
 */
import { MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { m3PerMinute, moveCost, openingCost } from './cost.ts'
import { linearModel, type Linear } from './model.ts'
import type { Task } from './place.ts'
import type { Placement, Problem, Span } from './types.ts'
import { changesFor, createWater, roomAt, allocate } from './water.ts'

interface StartModel {
  linear: Linear
  /** the meaning of each column */
  starts: { jobId: string; part: number; opening: Span }[]
  /** the columns that are 1 in the current schedule */
  now: number[]
}

/** `gridMs`: instants tried in addition to those of the current schedule. */
export function buildStartModel(
  problem: Problem,
  tasks: readonly Task[],
  placements: readonly Placement[],
  free: ReadonlySet<string>,
  gridMs: number,
): StartModel {
  const model = linearModel()
  const starts: StartModel['starts'] = []
  const now: number[] = []
  const water = createWater(problem)
  const byJob = new Map(placements.map((placement) => [placement.jobId, placement.openings]))
  for (const task of tasks)
    if (!free.has(task.job.id))
      for (const opening of byJob.get(task.job.id) ?? []) allocate(water, task.job, opening)
  const freeTasks = tasks.filter(({ job }) => free.has(job.id))
  const released = freeTasks.flatMap(({ job }) =>
    (byJob.get(job.id) ?? []).flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  )
  let offset = 0
  for (const task of freeTasks) {
    const { job, parts, pauseMs } = task
    const current = byJob.get(job.id) ?? []
    const changes = changesFor(water, job)
    const perPart = parts.map((part, k) => {
      const missing = part * m3PerMinute(job) * job.valuePerM3
      offset += missing
      const instants = new Set<AtMs>(current[k] ? [current[k].fromMs] : [])
      for (const { fromMs, toMs } of task.allowed)
        for (let atMs = Math.ceil(fromMs / gridMs) * gridMs; atMs < toMs; atMs += gridMs) instants.add(atMs)
      for (const atMs of [...changes.starts, ...released])
        instants.add(Math.ceil(atMs / MINUTE_MS) * MINUTE_MS)
      const columns: { column: number; opening: Span }[] = []
      for (const fromMs of [...instants].sort((a, b) => a - b)) {
        const opening = { fromMs, toMs: fromMs + part * MINUTE_MS }
        if (!task.allowed.some((span) => span.fromMs <= fromMs && opening.toMs <= span.toMs)) continue
        if (part < task.shortest || roomAt(water, job, fromMs, part, 0).minutes < part) continue
        const moveCosts = k === 0 ? moveCost(job, [opening]) : 0
        const cost = openingCost(job, opening, task.prices, task.originMs) + moveCosts - missing
        const column = model.column({ cost, upper: 1, isWhole: true })
        starts.push({ jobId: job.id, part: k, opening })
        columns.push({ column, opening })
        if (current[k]?.fromMs === fromMs && current[k]?.toMs === opening.toMs) now.push(column)
      }
      model.row(
        columns.map(({ column }) => [column, 1]),
        -Infinity,
        1,
      )
      return columns
    })
    // a later opening waits for the one before it
    for (const [k, columns] of perPart.entries()) {
      const before = perPart[k - 1]
      if (!before) continue
      for (const { opening } of columns)
        model.row(
          [
            ...columns
              .filter((candidate) => candidate.opening.fromMs <= opening.fromMs)
              .map(({ column }) => [column, 1] as const),
            ...before
              .filter((candidate) => candidate.opening.toMs + pauseMs <= opening.fromMs)
              .map(({ column }) => [column, -1] as const),
          ],
          -Infinity,
          0,
        )
    }
  }
  const jobs = new Map(freeTasks.map(({ job }) => [job.id, job]))
  for (const resource of problem.resources) {
    const through = starts.flatMap(({ jobId, opening }, column) => {
      const job = jobs.get(jobId)!
      return job.path.includes(resource.id)
        ? [{ column, job, fromMs: opening.fromMs, toMs: opening.toMs + resource.changeoverMs }]
        : []
    })
    const load = water.loads.get(resource.id)!
    // flow and valves rise only where something opens: of the free jobs, or of the others
    const instants = new Set([...through.map(({ fromMs }) => fromMs), ...load.atMs.slice(1)])
    for (const atMs of instants) {
      const together = through.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
      if (together.length < 2) continue
      const i = load.atMs.findLastIndex((fromMs) => fromMs <= atMs)
      const leftLpm = Math.max(0, resource.capacityLpm - load.flowLpm[i]!)
      const leftOpen = Math.max(0, resource.maxOpen - load.open[i]!)
      model.row(
        together.map(({ column, job }) => [column, job.flowLpm]),
        -Infinity,
        leftLpm,
      )
      if (leftOpen < jobs.size)
        model.row(
          together.map(({ column }) => [column, 1]),
          -Infinity,
          leftOpen,
        )
    }
    for (const { quota, leftLitres } of load.quotas)
      model.row(
        through
          .filter(({ fromMs }) => quota.fromMs <= fromMs && fromMs < quota.toMs)
          .map(({ column, job }) => [
            column,
            ((starts[column]!.opening.toMs - starts[column]!.opening.fromMs) / MINUTE_MS) * job.flowLpm,
          ]),
        -Infinity,
        Math.max(0, leftLitres),
      )
  }
  return { linear: model.done(offset), starts, now }
}
