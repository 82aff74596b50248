/**
 * A better schedule within a time limit, and its distance from the lower bound. It alternates, near the best
 * schedule so far, between a local search that places a few jobs again and HiGHS, which chooses the starts of a
 * few jobs at once.
 */
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { createRandom, hashText } from '../forecast/members.ts'
import { lowerBound } from './bound.ts'
import { costOf } from './cost.ts'
import { greedy, placeAll, tasksOf } from './greedy.ts'
import type { Task } from './place.ts'
import { pickNeighbours, search, type Solution } from './search.ts'
import type { Solver } from './solver.ts'
import { buildStartModel } from './start-model.ts'
import type { Placement, Problem, Span } from './types.ts'

export interface Improved {
  placements: Placement[]
  cost: number
  greedyCost: number
  /** no schedule costs less */
  bound: number
}

interface ImproveDeps {
  solver: Solver
  seconds: number
  /** seconds of any monotonic clock */
  nowS: () => number
}

// share of the time for the bound, before the search and at its end; the search stops within this distance
const BOUND_SHARE = 0.12
const NEAR_ENOUGH = 0.002
// share of the time for one round of the search, and one of HiGHS
const TURN_SHARE = 0.16
const CHOICE_SHARE = 0.01
const FREE_JOBS = 7
const GRID_MS = 15 * MINUTE_MS

/** Searches a better schedule for `seconds`; the same problem gives the same search. */
export function improve(problem: Problem, deps: ImproveDeps): Improved {
  const { solver, seconds, nowS } = deps
  // the same problem is searched the same way
  const random = createRandom(hashText(JSON.stringify(problem)))
  const startS = nowS()
  const share = () => (nowS() - startS) / seconds
  const { placements, cost: greedyCost, isBest } = greedy(problem)
  if (isBest) return { placements, cost: greedyCost, greedyCost, bound: greedyCost }
  const bound = lowerBound(problem)
  const tasks = tasksOf(problem)
  let best: Solution = { placements, cost: greedyCost }
  const raise = (untilShare: number) => {
    while (bound.step(best.cost) && share() < untilShare);
  }
  raise(BOUND_SHARE)
  const searchEnds = 1 - BOUND_SHARE
  const isDone = () => share() >= searchEnds || best.cost <= bound.best * (1 + NEAR_ENOUGH)
  while (!isDone()) {
    const turnEnds = share() + TURN_SHARE
    const isOver = () => share() >= Math.min(searchEnds, turnEnds)
    best = search(problem, tasks, best, { random, isOver, coolness: () => share() / searchEnds })
    const choiceEnds = share() + CHOICE_SHARE
    while (!isDone() && share() < choiceEnds)
      best = chooseStarts(problem, tasks, best, solver, (choiceEnds - share()) * seconds, random)
  }
  // near the cost of the best schedule better prices are found
  raise(1)
  return { ...best, greedyCost, bound: bound.best }
}

/** HiGHS chooses the starts of a few neighbouring jobs, with all others fixed. */
function chooseStarts(
  problem: Problem,
  tasks: readonly Task[],
  best: Solution,
  solver: Solver,
  seconds: number,
  random: () => number,
): Solution {
  const free = pickNeighbours(tasks, best.placements, FREE_JOBS, random)
  const { linear, starts, now } = buildStartModel(problem, tasks, best.placements, free, GRID_MS)
  const { values } = solver.solve(linear, { seconds, start: now })
  if (!values) return best
  const preferred = new Map<string, readonly Span[]>()
  for (const { jobId, openings } of best.placements)
    if (!free.has(jobId) && openings.length > 0) preferred.set(jobId, openings)
  for (const [column, { jobId, opening }] of starts.entries())
    if (values[column]! > 0.5) preferred.set(jobId, [...(preferred.get(jobId) ?? []), opening])
  const fromMs = ({ job }: Task) => preferred.get(job.id)?.[0]?.fromMs ?? Infinity
  const inOrder = [...tasks].sort((a, b) => (fromMs(a) === fromMs(b) ? 0 : fromMs(a) - fromMs(b)))
  const placements = placeAll(problem, inOrder, preferred)
  const cost = costOf(problem, placements)
  return cost < best.cost - 1e-9 ? { placements, cost } : best
}
