import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { violations } from '../../../../services/plan/schedule/check.ts'
import { costOf } from '../../../../services/plan/schedule/cost.ts'
import { greedy } from '../../../../services/plan/schedule/greedy.ts'
import { improve, type Improved } from '../../../../services/plan/schedule/improve.ts'
import { createImprover } from '../../../../services/plan/schedule/improver.ts'
import { loadSolver } from '../../../../services/plan/schedule/solver.ts'
import type { Job, Problem } from '../../../../services/plan/schedule/types.ts'
import type { Logger } from '../../../../services/ports.ts'
import { farms, minute, span } from './random-farm.ts'

const solver = await loadSolver()

/** Each reading of the clock is a small share of the time: as many rounds on any machine. */
function improved(problem: Problem): Improved {
  let s = 0
  const nowS = () => (s += 0.03)
  return improve(problem, { solver, seconds: 10, nowS })
}

/** Two zones want the cheap hours, and only the one that greedy places second can move without loss. */
const job = (set: Partial<Job>): Job => ({
  id: 'a',
  flowLpm: 500,
  minutes: 60,
  minMinutes: 10,
  cycle: null,
  dosing: null,
  currentOpenings: [],
  rules: [{ limit: 'window', spans: [span(0, 600)] }],
  dueMs: minute(600),
  valuePerM3: 3,
  path: ['pump'],
  ...set,
})
const contested: Problem = {
  fromMs: minute(0),
  jobs: [
    job({ id: 'large', flowLpm: 600, minutes: 120, dueMs: minute(610) }),
    job({ id: 'b', dueMs: minute(600) }),
    job({ id: 'c', dueMs: minute(601) }),
    job({ id: 'd', flowLpm: 300, minutes: 150, dueMs: minute(590) }),
    job({ id: 'e', flowLpm: 250, minutes: 100, dueMs: minute(605) }),
  ],
  resources: [
    {
      id: 'pump',
      capacityLpm: 800,
      maxOpen: 4,
      changeoverMs: 0,
      quotas: [],
      prices: [
        { ...span(0, 200), perM3: 0.3 },
        { ...span(400, 200), perM3: 0.3 },
      ],
    },
  ],
  fixedFlows: [],
}

describe('an improved schedule', () => {
  it('keeps every rule, costs no more than the greedy one, and no less than the bound', () => {
    let better = 0
    fc.assert(
      fc.property(farms(14), (farm) => {
        const it = improved(farm)
        expect(violations(farm, it.placements)).toEqual([])
        expect(it.cost).toBeCloseTo(costOf(farm, it.placements), 6)
        expect(it.cost).toBeLessThanOrEqual(it.greedyCost + 1e-9)
        if (it.cost < it.greedyCost - 1e-6) better += 1
        expect(it.bound).toBeLessThanOrEqual(it.cost + 1e-6 * (1 + it.cost))
      }),
      { numRuns: 30 },
    )
    expect(better).toBeGreaterThan(0)
  }, 120_000)

  it('is the same for the same problem', () => {
    expect(improved(contested)).toEqual(improved(structuredClone(contested)))
  })

  it('uses the cheap hours better than one zone after the other', () => {
    const { cost, greedyCost, bound } = improved(contested)
    expect(cost).toBeLessThan(greedyCost * 0.99)
    expect(bound).toBeLessThanOrEqual(cost)
  })
})

describe('the improver', () => {
  const said: string[] = []
  const log: Logger = {
    debug() {},
    info() {},
    warn: (_, text) => void said.push(text),
    error: (_, text) => void said.push(text),
  }
  const plan = { unproven: [contested], broken: [] }
  const thread = (placements: Improved['placements'], cost: number) => ({
    request: async () => ({ improved: { placements, cost, greedyCost: 100, bound: 0 } }),
    end: async () => {},
  })
  const real = createImprover({ log, seconds: 2 })
  afterAll(() => real.end())

  it('sends requests to its thread, and has the farm planned again with the better schedule', async () => {
    let replanned = 0
    real.consider('farm-1', plan, () => (replanned += 1))
    await real.settled()
    expect(said).toEqual([])
    expect(real.counters()).toMatchObject({ requested: 1, improved: 1, infeasible: 0, failed: 0 })
    expect(replanned).toBe(1)
    const { cost } = greedy(contested, real.hintsOf('farm-1'))
    expect(cost).toBeLessThan(greedy(contested).cost * 0.99)
    // the same doses have the same result
    real.consider('farm-1', plan, () => (replanned += 1))
    await real.settled()
    expect(replanned).toBe(1)
  })

  it('discards a schedule that breaks a rule, and logs it', async () => {
    const broken = greedy(contested).placements.map((one, i) =>
      i === 0 ? { ...one, openings: [span(-60, 60)] } : one,
    )
    const improver = createImprover({ log, thread: thread(broken, 1) })
    improver.consider('farm-1', plan, () => expect.unreachable('a broken plan is no better plan'))
    await improver.settled()
    expect(improver.counters()).toMatchObject({ requested: 1, improved: 0, infeasible: 1 })
    expect(improver.hintsOf('farm-1').size).toBe(0)
    expect(said).toEqual(['an improved schedule breaks a rule; discarded'])
  })

  it('searches again after a change of the tariff', async () => {
    const improver = createImprover({ log, thread: thread(greedy(contested).placements, 1) })
    const resources = contested.resources.map((resource) => ({
      ...resource,
      prices: resource.prices.map((price) => ({ ...price, perM3: 2 * price.perM3 })),
    }))
    expect(resources.flatMap(({ prices }) => prices).length).toBeGreaterThan(0)
    for (const problem of [contested, contested, { ...contested, resources }]) {
      improver.consider('farm-1', { ...plan, unproven: [problem] }, () => {})
      await improver.settled()
    }
    expect(improver.counters().requested).toBe(2)
  })

  it('a thread that dies leaves the greedy schedule, and is logged', async () => {
    const dying = { request: () => Promise.reject(new Error('gone')), end: async () => {} }
    const improver = createImprover({ log, thread: dying })
    improver.consider('farm-1', plan, () => expect.unreachable('nothing was found'))
    await improver.settled()
    expect(improver.counters()).toMatchObject({ failed: 1, improved: 0 })
  })
})
