/**
 * Local search near a known schedule: a few neighbouring jobs are removed and placed again in another order;
 * improvements are accepted. Every intermediate schedule keeps every rule, as it is built by placing alone.
 */
import { costOf, jobCost } from './cost.ts'
import { orderByDosing } from './greedy.ts'
import { place, type Task } from './place.ts'
import type { Placement, Problem } from './types.ts'
import { createWater, allocate } from './water.ts'

export interface Solution {
  placements: Placement[]
  cost: number
}

// jobs removed together: fewer cannot change places, more are only placed greedily
const MIN_LIFTED = 2
const MAX_LIFTED = 9
// a schedule that is worse by this share may be accepted, with falling probability
const WARMTH = 0.003
// best starts that are left to another job: greedy placement alone always returns to the same schedule
const SKIP_CHANCE = 0.05

/** `random`: uniform in 0..1. `isOver` is called before each try. */
export function search(
  problem: Problem,
  tasks: readonly Task[],
  from: Solution,
  { random, isOver, coolness }: { random: () => number; isOver: () => boolean; coolness: () => number },
): Solution {
  let best = from
  let now = from
  while (!isOver()) {
    const removedIds = pickNeighbours(
      tasks,
      now.placements,
      MIN_LIFTED + Math.floor(random() * (MAX_LIFTED - MIN_LIFTED + 1)),
      random,
    )
    const placements = placeLifted(problem, tasks, now.placements, removedIds, random)
    const cost = now.cost + costChange(tasks, removedIds, now.placements, placements)
    const warmth = WARMTH * best.cost * Math.max(0, 1 - coolness())
    if (cost < now.cost - 1e-9 || cost < now.cost - warmth * Math.log(1 - random()))
      now = { placements, cost }
    if (cost < best.cost - 1e-9) best = { placements, cost }
  }
  // sums of many small changes drift
  return best === from ? from : { ...best, cost: costOf(problem, best.placements) }
}

/** The cost change of placing the removed jobs again. */
function costChange(
  tasks: readonly Task[],
  removedIds: ReadonlySet<string>,
  before: readonly Placement[],
  after: readonly Placement[],
): number {
  let extra = 0
  for (const [i, { job, prices, originMs }] of tasks.entries())
    if (removedIds.has(job.id))
      extra +=
        jobCost(job, after[i]!.openings, prices, originMs) -
        jobCost(job, before[i]!.openings, prices, originMs)
  return extra
}

/** One job and those that open nearest to it; jobs without room are preferred as the first. */
export function pickNeighbours(
  tasks: readonly Task[],
  placements: readonly Placement[],
  count: number,
  random: () => number,
): Set<string> {
  const atMs = new Map(placements.map(({ jobId, openings }) => [jobId, openings[0]?.fromMs ?? null]))
  const short = placements.filter(({ limit }) => limit !== null).map(({ jobId }) => jobId)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const seed = short.length > 0 && random() < 0.3 ? pick(short) : pick(tasks).job.id
  const aroundMs = atMs.get(seed) ?? atMs.get(pick(tasks).job.id) ?? 0
  // randomised, so that the same neighbours are not always removed together
  const away = (id: string) => Math.abs((atMs.get(id) ?? aroundMs) - aroundMs) * (0.3 + random())
  const others = tasks
    .filter(({ job }) => job.id !== seed)
    .map(({ job }) => ({ id: job.id, away: away(job.id) }))
    .sort((a, b) => a.away - b.away)
  return new Set([seed, ...others.slice(0, count - 1).map(({ id }) => id)])
}

function placeLifted(
  problem: Problem,
  tasks: readonly Task[],
  placements: readonly Placement[],
  removedIds: ReadonlySet<string>,
  random: () => number,
): Placement[] {
  const water = createWater(problem)
  const next = new Map(placements.map((placement) => [placement.jobId, placement]))
  const removed: Task[] = []
  for (const task of tasks)
    if (removedIds.has(task.job.id)) removed.push(task)
    else for (const opening of next.get(task.job.id)!.openings) allocate(water, task.job, opening)
  for (const task of orderByDosing(shuffled(removed, random))) {
    const placement = place(water, task, [], () => random() < SKIP_CHANCE)
    next.set(task.job.id, placement)
    for (const opening of placement.openings) allocate(water, task.job, opening)
  }
  return problem.jobs.map(({ id }) => next.get(id)!)
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const turns = [...items]
  for (let i = turns.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1))
    ;[turns[i], turns[k]] = [turns[k]!, turns[i]!]
  }
  return turns
}
