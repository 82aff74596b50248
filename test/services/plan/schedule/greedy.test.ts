import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../../broker/contract/time.ts'
import { violations } from '../../../../services/plan/schedule/check.ts'
import { greedy } from '../../../../services/plan/schedule/greedy.ts'
import type { Job, Problem, Resource, Span } from '../../../../services/plan/schedule/types.ts'
import { farms, minute, span } from './random-farm.ts'
import { runs } from '../../../support/runs.ts'

const pump = (set: Partial<Resource> = {}): Resource => ({
  id: 'pump-1',
  capacityLpm: 800,
  maxOpen: 9,
  changeoverMs: 2 * MINUTE_MS,
  quotas: [],
  prices: [],
  ...set,
})
const job = (set: Partial<Job> = {}): Job => ({
  id: 'a',
  flowLpm: 500,
  minutes: 60,
  minMinutes: 10,
  cycle: null,
  rules: [{ limit: 'window', spans: [span(0, 300)] }],
  dueMs: minute(3000),
  valuePerM3: 1,
  path: ['pump-1'],
  dosing: null,
  currentOpenings: [],
  ...set,
})
const problem = (set: Partial<Problem> = {}): Problem => ({
  fromMs: minute(0),
  jobs: [job()],
  resources: [pump()],
  fixedFlows: [],
  ...set,
})
const taken = (from: number, length: number, flowLpm = 500) => ({
  ...span(from, length),
  flowLpm,
  path: ['pump-1'],
  unitId: null,
})
const at = (openings: readonly Span[]) =>
  openings.map(({ fromMs, toMs }) => [(fromMs - minute(0)) / MINUTE_MS, (toMs - fromMs) / MINUTE_MS])
const plan = (set: Partial<Problem>) => {
  const farm = problem(set)
  const { placements } = greedy(farm)
  expect(violations(farm, placements)).toEqual([])
  return placements.map(({ openings, limit }) => ({ at: at(openings), limit }))
}

describe('a greedy schedule', () => {
  it('keeps every rule on extreme farms', () => {
    let placed = 0
    fc.assert(
      fc.property(farms(30), (farm) => {
        const { placements } = greedy(farm)
        placed += placements.filter(({ openings }) => openings.length > 0).length
        expect(violations(farm, placements)).toEqual([])
      }),
      { numRuns: runs(300) },
    )
    expect(placed).toBeGreaterThan((1000 / 300) * runs(300))
  })

  it('keeps every rule with up to 200 zones', () => {
    fc.assert(
      fc.property(farms(200), (farm) => {
        expect(violations(farm, greedy(farm).placements)).toEqual([])
      }),
      { numRuns: 12 },
    )
  })

  it('a planned run stays where it is when it still fits', () => {
    const currentOpenings = [span(97, 60)]
    expect(plan({ jobs: [job({ currentOpenings })] })).toEqual([{ at: [[97, 60]], limit: null }])
    // the place is taken; the whole hour fits before the other run
    expect(plan({ jobs: [job({ currentOpenings })], fixedFlows: [taken(90, 30)] })).toEqual([
      { at: [[0, 60]], limit: null },
    ])
    const longer = job({ currentOpenings, minutes: 120 })
    expect(plan({ jobs: [longer], fixedFlows: [taken(90, 30)] })).toEqual([{ at: [[122, 120]], limit: null }])
  })

  it('without room for the whole run it takes the longest gap and shows the limit', () => {
    expect(plan({ jobs: [job({ minutes: 240 })], fixedFlows: [taken(100, 30)] })).toEqual([
      { at: [[132, 168]], limit: 'window' },
    ])
    expect(plan({ jobs: [job({ minutes: 120 })], fixedFlows: [taken(100, 300)] })).toEqual([
      { at: [[0, 98]], limit: 'pump-full' },
    ])
  })

  it('a sloping field is irrigated in cycles, and its neighbour uses the pauses', () => {
    const cycle = { maxMinutes: 20, soakMinutes: 30 }
    const [a, b] = plan({
      jobs: [job({ cycle, dueMs: minute(200) }), job({ id: 'b', cycle, dueMs: minute(201) })],
    })
    expect(a!.at).toEqual([
      [0, 20],
      [50, 20],
      [100, 20],
    ])
    expect(b!.at).toEqual([
      [22, 20],
      [72, 20],
      [122, 20],
    ])
  })

  it('cycles are equal, and none is too short to be worth a start', () => {
    const cycle = { maxMinutes: 20, soakMinutes: 0 }
    expect(plan({ jobs: [job({ minutes: 50, cycle })] })[0]!.at.map(([, minutes]) => minutes)).toEqual([
      17, 17, 16,
    ])
    expect(plan({ jobs: [job({ minutes: 21, minMinutes: 15, cycle })] })).toEqual([
      { at: [[0, 20]], limit: 'cycle' },
    ])
  })

  it('waits for the cheap hours as long as the dose is not late for it', () => {
    const prices = [
      { ...span(0, 180), perM3: 0.3 },
      { ...span(180, 600), perM3: 0.1 },
    ]
    const rules = [{ limit: 'window' as const, spans: [span(0, 600)] }]
    expect(plan({ jobs: [job({ rules })], resources: [pump({ prices })] })[0]!.at).toEqual([[180, 60]])
    expect(
      plan({ jobs: [job({ rules, dueMs: minute(120) })], resources: [pump({ prices })] })[0]!.at,
    ).toEqual([[0, 60]])
  })

  it('shows the rule that leaves no hours', () => {
    const rules = [
      { limit: 'window' as const, spans: [span(0, 300)] },
      { limit: 'wind' as const, spans: [span(295, 600)] },
    ]
    expect(plan({ jobs: [job({ rules })] })).toEqual([{ at: [], limit: 'wind' }])
    expect(plan({ jobs: [job({ flowLpm: 900 })] })).toEqual([{ at: [], limit: 'pump-too-small' }])
  })

  it('a pipe further up limits as the pump does', () => {
    const main = pump({ id: 'main', capacityLpm: 600 })
    const path = ['pump-1', 'main']
    const two = [job({ flowLpm: 350, path }), job({ id: 'b', flowLpm: 350, path })]
    expect(plan({ jobs: two, resources: [pump(), main] }).map(({ at }) => at[0]![0])).toEqual([0, 62])
    expect(plan({ jobs: two, resources: [pump(), pump({ id: 'main' })] }).map(({ at }) => at[0]![0])).toEqual(
      [0, 0],
    )
  })

  it('fertiliser goes to one zone alone, in order; leading and flushing water may overlap', () => {
    const dosing = { unitId: 'unit', leadMinutes: 10, flushMinutes: 15 }
    const jobs = [
      job({ flowLpm: 100, dosing: { ...dosing, order: 2 } }),
      job({ id: 'b', flowLpm: 100, dosing: { ...dosing, order: 1 } }),
      job({ id: 'plain', flowLpm: 100, dosing: { ...dosing, order: null } }),
    ]
    const [a, b, plain] = plan({ jobs })
    expect(b!.at).toEqual([[0, 60]])
    // b is fed until minute 45; its flushing goes on while a is led
    expect(a!.at).toEqual([[50, 60]])
    expect(plain!.at).toEqual([[95, 60]])
  })

  it('a day quota binds on the day on which a run begins', () => {
    const quotas = [{ ...span(0, 1440), limit: 'pump-budget' as const, litres: 25_000 }]
    expect(plan({ jobs: [job()], resources: [pump({ quotas })] })).toEqual([
      { at: [[0, 50]], limit: 'pump-budget' },
    ])
  })
})
