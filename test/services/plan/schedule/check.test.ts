import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { violations, type ScheduleRule } from '../../../../services/plan/schedule/check.ts'
import { greedy } from '../../../../services/plan/schedule/greedy.ts'
import type { Job, Placement, Problem, Span } from '../../../../services/plan/schedule/types.ts'
import { farms } from './random-farm.ts'

const DAY_MS = 1440 * MINUTE_MS

type Broken = { problem: Problem; placements: Placement[] } | null
type Mutant = (problem: Problem, placements: Placement[]) => Broken

const placed = (placements: readonly Placement[]) =>
  placements.findIndex(({ openings }) => openings.length > 0)
const jobOf = (problem: Problem, { jobId }: Placement): Job => problem.jobs.find(({ id }) => id === jobId)!

/** One placement changed; null where the schedule has none to change. */
const withOpenings =
  (change: (openings: readonly Span[], job: Job, problem: Problem) => Span[] | null): Mutant =>
  (problem, placements) => {
    for (const [i, placement] of placements.entries()) {
      const openings =
        placement.openings.length > 0 && change(placement.openings, jobOf(problem, placement), problem)
      if (!openings) continue
      return { problem, placements: placements.with(i, { ...placement, openings }) }
    }
    return null
  }

/** One job changed, so that its current placement breaks a rule. */
const withJob =
  (change: (job: Job, openings: readonly Span[]) => Partial<Job> | null): Mutant =>
  (problem, placements) => {
    for (const placement of placements) {
      const job = jobOf(problem, placement)
      const set = placement.openings.length > 0 && change(job, placement.openings)
      if (!set) continue
      return {
        problem: { ...problem, jobs: problem.jobs.map((one) => (one === job ? { ...job, ...set } : one)) },
        placements,
      }
    }
    return null
  }

const minutes = ({ fromMs, toMs }: Span) => (toMs - fromMs) / MINUTE_MS
const shifted = ({ fromMs, toMs }: Span, ms: number): Span => ({ fromMs: fromMs + ms, toMs: toMs + ms })

/** Each breaks one rule of a schedule that keeps all. */
const mutants: Record<ScheduleRule, Mutant> = {
  'known-job': (problem, placements) =>
    placed(placements) < 0 ? null : { problem, placements: [...placements, placements[placed(placements)]!] },
  'whole-minutes': withOpenings(([first, ...rest]) => [{ ...first!, toMs: first!.toMs - 1 }, ...rest]),
  'not-before-now': (problem, placements) => {
    const i = placed(placements)
    if (i < 0) return null
    return { problem: { ...problem, fromMs: placements[i]!.openings[0]!.fromMs + MINUTE_MS }, placements }
  },
  'not-more-than-wanted': withJob((_, openings) => ({
    minutes: openings.reduce((sum, opening) => sum + minutes(opening), 0) - 1,
  })),
  'minimum-run': withJob((_, openings) => ({ minMinutes: minutes(openings[0]!) + 1 })),
  hours: withJob(({ rules }, openings) => ({
    rules: [
      ...rules,
      { limit: 'wind', spans: [{ fromMs: openings[0]!.fromMs, toMs: openings[0]!.toMs - MINUTE_MS }] },
    ],
  })),
  'one-opening': withJob(({ cycle }, openings) => (cycle && openings.length > 1 ? { cycle: null } : null)),
  'cycle-length': withJob((_, openings) => ({
    cycle: { maxMinutes: minutes(openings[0]!) - 1, soakMinutes: 0 },
  })),
  soak: withJob(({ cycle }, openings) =>
    openings.length < 2
      ? null
      : { cycle: { ...cycle!, soakMinutes: (openings[1]!.fromMs - openings[0]!.toMs) / MINUTE_MS + 1 } },
  ),
  capacity: (problem, placements) => {
    const placement = placements.find((one) => one.openings.length > 0 && jobOf(problem, one).path.length > 0)
    if (!placement) return null
    const { path, flowLpm } = jobOf(problem, placement)
    const resources = problem.resources.map((resource) =>
      resource.id === path[0] ? { ...resource, capacityLpm: flowLpm - 1 } : resource,
    )
    return { problem: { ...problem, resources }, placements }
  },
  'open-valves': (problem, placements) => {
    const placement = placements.find((one) => one.openings.length > 0 && jobOf(problem, one).path.length > 0)
    if (!placement) return null
    const { path } = jobOf(problem, placement)
    const { fromMs, toMs } = placement.openings[0]!
    const { maxOpen } = problem.resources.find(({ id }) => id === path[0])!
    // valves with little flow, open through the opening
    const taken = Array.from({ length: maxOpen }, () => ({
      fromMs: fromMs + MINUTE_MS / 2,
      toMs,
      flowLpm: 0,
      path: [path[0]!],
      unitId: null,
    }))
    return { problem: { ...problem, fixedFlows: [...problem.fixedFlows, ...taken] }, placements }
  },
  quota: (problem, placements) => {
    const placement = placements.find((one) => one.openings.length > 0 && jobOf(problem, one).path.length > 0)
    if (!placement) return null
    const { path, flowLpm } = jobOf(problem, placement)
    const opening = placement.openings[0]!
    const quota = {
      fromMs: opening.fromMs,
      toMs: opening.fromMs + 1,
      limit: 'season-quota' as const,
      litres: minutes(opening) * flowLpm - 1,
    }
    const resources = problem.resources.map((resource) =>
      resource.id === path[0] ? { ...resource, quotas: [...resource.quotas, quota] } : resource,
    )
    return { problem: { ...problem, resources }, placements }
  },
  'dosing-parts': withJob(({ dosing }, openings) => ({
    dosing: { unitId: 'own', flushMinutes: 0, ...dosing, order: 1, leadMinutes: minutes(openings[0]!) },
  })),
  'dosing-alone': (problem, placements) => {
    const placement = placements.find((one) => {
      const { dosing } = jobOf(problem, one)
      return one.openings.length > 0 && dosing !== null && dosing.order !== null
    })
    if (!placement) return null
    const { dosing } = jobOf(problem, placement)
    // another zone of the unit opens just as this one is fed
    const feedsFromMs = placement.openings[0]!.fromMs + dosing!.leadMinutes * MINUTE_MS
    const beside = placements.find((one) => one !== placement && one.openings.length > 0)
    if (!beside) return null
    const other = jobOf(problem, beside)
    const jobs = problem.jobs.map((job) =>
      job === other ? { ...job, dosing: { ...dosing!, order: null } } : job,
    )
    const length = beside.openings[0]!.toMs - beside.openings[0]!.fromMs
    const openings = [{ fromMs: feedsFromMs, toMs: feedsFromMs + length }]
    return {
      problem: { ...problem, jobs },
      placements: placements.with(placements.indexOf(beside), { ...beside, openings }),
    }
  },
  'dosing-order': (problem, placements) => {
    const fed = placements.filter((one) => one.openings.length > 0)
    const [a, b] = fed
    if (!a || !b) return null
    // a is fed first, and comes after b
    const dosing = (order: number) => ({ unitId: 'own', order, leadMinutes: 0, flushMinutes: 0 })
    const jobs = problem.jobs.map((job) =>
      job.id === a.jobId
        ? { ...job, dosing: dosing(1) }
        : job.id === b.jobId
          ? { ...job, dosing: dosing(2) }
          : job,
    )
    const lastMs = Math.max(...b.openings.map(({ toMs }) => toMs))
    const openings = a.openings.map((opening) => shifted(opening, lastMs - a.openings[0]!.fromMs + DAY_MS))
    return {
      problem: { ...problem, jobs },
      placements: placements.with(placements.indexOf(a), { ...a, openings }),
    }
  },
  'limit-missing': (problem, placements) => {
    const i = placements.findIndex(({ limit }) => limit !== null)
    return i < 0 ? null : { problem, placements: placements.with(i, { ...placements[i]!, limit: null }) }
  },
}

describe('the checker', () => {
  it.each(Object.entries(mutants))('finds that a schedule breaks %s', (rule, mutant) => {
    let found = 0
    fc.assert(
      fc.property(farms(20), (problem) => {
        const { placements } = greedy(problem)
        fc.pre(violations(problem, placements).length === 0)
        const broken = mutant(problem, placements)
        if (!broken) return
        found += 1
        expect(violations(broken.problem, broken.placements).map((one) => one.rule)).toContain(rule)
      }),
      { numRuns: 60 },
    )
    expect(found).toBeGreaterThan(20)
  })

  it('a forgotten job is found', () => {
    fc.assert(
      fc.property(farms(10), (problem) => {
        const { placements } = greedy(problem)
        expect(violations(problem, placements.slice(1)).map(({ rule }) => rule)).toContain('limit-missing')
      }),
      { numRuns: 20 },
    )
  })
})
