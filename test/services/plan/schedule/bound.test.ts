/** The bound is valid: below the cheapest of all possible schedules, for any prices. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { lowerBound } from '../../../../services/plan/schedule/bound.ts'
import { violations } from '../../../../services/plan/schedule/check.ts'
import { costOf } from '../../../../services/plan/schedule/cost.ts'
import { greedy } from '../../../../services/plan/schedule/greedy.ts'
import type { Job, Problem, Span } from '../../../../services/plan/schedule/types.ts'
import { farms, minute, span } from './random-farm.ts'

const MINUTES = 20 // of a tiny farm; more than one price

/** All openings of the valve of a job in its minutes, most of which break some rule. */
function waysOf(job: Job, fromMs: number): Span[][] {
  const soak = (job.cycle?.soakMinutes ?? 0) * MINUTE_MS
  const mostOpenings = job.cycle ? 3 : 1
  const ways: Span[][] = [[]]
  const add = (before: Span[], left: number, earliestMs: number): void => {
    if (before.length === mostOpenings) return
    for (let at = earliestMs; at < minute(MINUTES); at += MINUTE_MS)
      for (let length = job.minMinutes; length <= Math.min(left, job.cycle?.maxMinutes ?? left); length++) {
        const toMs = at + length * MINUTE_MS
        const isInside = job.rules.every(({ spans }) =>
          spans.some((one) => one.fromMs <= at && toMs <= one.toMs),
        )
        if (!isInside) continue
        const way = [...before, { fromMs: at, toMs }]
        ways.push(way)
        add(way, left - length, toMs + soak)
      }
  }
  add([], job.minutes, fromMs)
  return ways
}

/** The least cost of all schedules that the checker accepts. */
function leastCost(problem: Problem): number {
  let least = Infinity
  const choose = (i: number, chosen: Span[][]): void => {
    const job = problem.jobs[i]
    if (job) return waysOf(job, problem.fromMs).forEach((way) => choose(i + 1, [...chosen, way]))
    const placements = problem.jobs.map(({ id }, k) => ({
      jobId: id,
      openings: chosen[k]!,
      limit: 'window' as const,
    }))
    const cost = costOf(problem, placements)
    if (cost < least && violations(problem, placements).length === 0) least = cost
  }
  choose(0, [])
  return least
}

const inside = fc
  .record({ from: fc.integer({ min: 0, max: MINUTES - 6 }), length: fc.integer({ min: 4, max: MINUTES }) })
  .map(({ from, length }) => span(from, Math.min(length, MINUTES - from)))

const tiny: fc.Arbitrary<Problem> = fc
  .record({
    jobs: fc.array(
      fc.record({
        flowLpm: fc.integer({ min: 100, max: 600 }),
        minutes: fc.integer({ min: 2, max: 6 }),
        minMinutes: fc.integer({ min: 1, max: 3 }),
        cycle: fc.option(
          fc.record({ maxMinutes: fc.integer({ min: 2, max: 4 }), soakMinutes: fc.nat({ max: 4 }) }),
        ),
        window: inside,
        due: fc.integer({ min: 0, max: 30 }),
        valuePerM3: fc.double({ min: 0.2, max: 8, noNaN: true }),
        path: fc.constantFrom(['pump'], ['pump', 'main'], []),
        currentStart: fc.option(fc.integer({ min: 0, max: 10 })),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    capacityLpm: fc.integer({ min: 300, max: 900 }),
    mainLpm: fc.integer({ min: 300, max: 900 }),
    maxOpen: fc.integer({ min: 1, max: 2 }),
    changeover: fc.integer({ min: 0, max: 3 }),
    quota: fc.option(fc.integer({ min: 0, max: 3_000 })),
    prices: fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
    taken: fc.option(inside),
    from: fc.integer({ min: 0, max: 3 }),
  })
  .map((row): Problem => {
    const resource = { maxOpen: row.maxOpen, changeoverMs: row.changeover * MINUTE_MS }
    const quotas =
      row.quota === null ? [] : [{ ...span(0, 12), limit: 'pump-budget' as const, litres: row.quota }]
    return {
      fromMs: minute(row.from),
      jobs: row.jobs.map(({ window, due, currentStart, ...job }, i) => ({
        ...job,
        id: `zone-${i}`,
        dosing: null,
        dueMs: minute(due),
        rules: [{ limit: 'window', spans: [window] }],
        currentOpenings: currentStart === null ? [] : [span(currentStart, job.minutes)],
      })),
      resources: [
        {
          ...resource,
          id: 'pump',
          capacityLpm: row.capacityLpm,
          quotas,
          prices: row.prices.map((perM3, i) => ({ ...span(5 * i, 5), perM3 })),
        },
        { ...resource, id: 'main', capacityLpm: row.mainLpm, quotas: [], prices: [] },
      ],
      fixedFlows: row.taken === null ? [] : [{ ...row.taken, flowLpm: 250, path: ['pump'], unitId: null }],
    }
  })

describe('the bound of a schedule', () => {
  it('is at every step at most the least cost of all schedules of a tiny farm', () => {
    let near = 0
    fc.assert(
      fc.property(tiny, (farm) => {
        const least = leastCost(farm)
        const bound = lowerBound(farm)
        for (let i = 0; i < 60 && bound.step(least); i++)
          expect(bound.best).toBeLessThanOrEqual(least + 1e-6 * (1 + least))
        if (bound.best > least * 0.99) near += 1
      }),
      { numRuns: 100 },
    )
    // and sometimes it is equal
    expect(near).toBeGreaterThan(10)
  }, 120_000)

  it('is at most the cost of a greedy schedule on any farm', () => {
    fc.assert(
      fc.property(farms(25), (farm) => {
        const { cost } = greedy(farm)
        const bound = lowerBound(farm)
        for (let i = 0; i < 40 && bound.step(cost); i++)
          expect(bound.best).toBeLessThanOrEqual(cost + 1e-6 * (1 + cost))
      }),
      { numRuns: 30 },
    )
  }, 120_000)

  it('of a job that is alone is the cost of its cheapest openings', () => {
    fc.assert(
      fc.property(tiny, (farm) => {
        const [job] = farm.jobs
        const alone = {
          ...farm,
          jobs: [{ ...job!, cycle: null, currentOpenings: [], path: [] }],
          fixedFlows: [],
        }
        const bound = lowerBound(alone)
        bound.step(0)
        expect(bound.best).toBeCloseTo(leastCost(alone), 6)
      }),
      { numRuns: 100 },
    )
  })

  it('includes the changeover of a pump: two runs that need the whole of it do not fit its cheap hour', () => {
    const job = (id: string): Job => ({
      id,
      flowLpm: 500,
      minutes: 30,
      minMinutes: 30,
      cycle: null,
      dosing: null,
      currentOpenings: [],
      rules: [{ limit: 'window', spans: [span(0, 120)] }],
      dueMs: minute(120),
      valuePerM3: 3,
      path: ['pump'],
    })
    const farm: Problem = {
      fromMs: minute(0),
      jobs: [job('a'), job('b')],
      resources: [
        {
          id: 'pump',
          capacityLpm: 500,
          maxOpen: 4,
          changeoverMs: 5 * MINUTE_MS,
          quotas: [],
          prices: [{ ...span(60, 60), perM3: 1 }],
        },
      ],
      fixedFlows: [],
    }
    const { cost } = greedy(farm)
    const bound = lowerBound(farm)
    for (let i = 0; i < 200 && bound.step(cost); i++);
    expect(bound.best).toBeLessThanOrEqual(cost + 1e-6)
    const [pump] = farm.resources
    const atOnce = greedy({ ...farm, resources: [{ ...pump!, changeoverMs: 0 }] })
    expect(bound.best).toBeGreaterThan(atOnce.cost * 1.01)
  })
})
