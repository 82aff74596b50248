/**
 * Better schedules, calculated in parallel to the plan: the greedy plan is used at once, and when a better one
 * is found the farm is planned again with it as a hint. The checker, which shares nothing with the planners,
 * verifies each result; a schedule that breaks a rule is discarded and logged.
 */
import type { Logger } from '../../ports.ts'
import { serialQueue } from '../../runtime/serial-queue.ts'
import { runCooperatively } from '../../runtime/cooperative.ts'
import { violationsTask, type Violation } from './check.ts'
import type { Hints } from './greedy.ts'
import { createScheduleThread, type ScheduleThread } from './thread.ts'
import type { Problem } from './types.ts'

export interface Improver {
  /** The openings of a better schedule of a farm; empty while there is none. */
  hintsOf(farmId: string): Hints
  /**
   * Submits the unproven problems of a greedy plan, and its violations; `replan` is called when a better
   * schedule is found.
   */
  consider(farmId: string, plan: PlanOutcome, replan: () => void): void
  /** `broken`: rules that a greedy plan broke, whose zones got no run; `infeasible`: discarded improvements */
  counters(): { requested: number; improved: number; infeasible: number; invalid: number; failed: number }
  /** Resolves when no request is pending. */
  settled(): Promise<void>
  end(): Promise<void>
}

interface PlanOutcome {
  unproven: readonly Problem[]
  broken: readonly Violation[]
}

const SECONDS = 10
// of the cost: a smaller gain does not justify another time for the farmer
const MIN_GAIN = 0.005
// pending requests; the greedy plans of a large co-operative are used until their turn comes
const MAX_WAITING = 200
const noHints: Hints = new Map()

/**
 * `seconds`: the time for each problem. Beyond 200 pending requests, and for the same problems as the last time,
 * `consider` requests nothing.
 */
export function createImprover({
  log,
  seconds = SECONDS,
  thread = createScheduleThread(),
}: {
  log: Logger
  seconds?: number | undefined
  thread?: ScheduleThread
}): Improver {
  const counters = { requested: 0, improved: 0, infeasible: 0, invalid: 0, failed: 0 }
  const hints = new Map<string, Hints>()
  const lastKey = new Map<string, string>()
  let isEnded = false
  let pending = 0
  const queue = serialQueue()

  /** True when it is better than the greedy plan, and stored as a hint. */
  async function improveProblem(farmId: string, problem: Problem): Promise<boolean> {
    counters.requested += 1
    const response = await thread.request({ problem, seconds })
    if ('failed' in response) throw new Error(response.failed)
    const { placements, cost, greedyCost, bound } = response.improved
    const violations = await runCooperatively(violationsTask(problem, placements))
    if (violations.length > 0) {
      counters.infeasible += 1
      log.error(
        { farm: farmId, broken: violations.slice(0, 5) },
        'an improved schedule breaks a rule; discarded',
      )
      return false
    }
    log.info({ farm: farmId, jobs: problem.jobs.length, cost, greedyCost, bound }, 'schedule improved')
    if (cost > greedyCost * (1 - MIN_GAIN)) return false
    counters.improved += 1
    const scheduled = placements.filter(({ openings }) => openings.length > 0)
    const previous = hints.get(farmId) ?? noHints
    hints.set(
      farmId,
      new Map([...previous, ...scheduled.map(({ jobId, openings }) => [jobId, openings] as const)]),
    )
    return true
  }

  async function improveAll(farmId: string, problems: readonly Problem[], replan: () => void): Promise<void> {
    let isBetter = false
    for (const problem of problems) {
      if (isEnded) return
      try {
        if (await improveProblem(farmId, problem)) isBetter = true
      } catch (error) {
        if (isEnded) return
        counters.failed += 1
        log.warn({ error, farm: farmId }, 'a schedule could not be improved; the greedy one is used')
      }
    }
    if (isBetter && !isEnded) replan()
  }

  return {
    hintsOf: (farmId) => hints.get(farmId) ?? noHints,
    consider(farmId, { unproven: problems, broken: violations }, replan) {
      counters.invalid += violations.length
      if (violations.length > 0)
        log.error(
          { farm: farmId, broken: violations.slice(0, 5) },
          'a schedule breaks a rule; those zones get no run',
        )
      if (problems.length === 0 || pending >= MAX_WAITING) return
      const key = JSON.stringify(problems.map(problemKey))
      // already requested: the same doses in the same hours have the same result
      if (lastKey.get(farmId) === key) return
      lastKey.set(farmId, key)
      hints.delete(farmId)
      pending += 1
      void queue.enqueue(() => improveAll(farmId, problems, replan)).finally(() => (pending -= 1))
    },
    counters: () => counters,
    settled: () => queue.settled(),
    async end() {
      isEnded = true
      await thread.end()
      await queue.settled()
    },
  }
}

/** The identity of a problem; elapsed time does not change it. */
const problemKey = ({ jobs, resources }: Problem): unknown => [
  jobs.map(({ id, minutes, dueMs, path, cycle, rules }) => [
    ...[id, minutes, Math.round(dueMs / 3_600_000), path, cycle],
    ...rules.map(({ limit, spans }) => [limit, spans.map(({ toMs }) => toMs)]),
  ]),
  resources.map(({ id, capacityLpm, maxOpen, prices }) => [
    ...[id, capacityLpm, maxOpen],
    prices.map(({ perM3 }) => perM3),
  ]),
]
