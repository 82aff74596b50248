/** The runs of a day in the order in which a person needs them. */
import { describe, expect, it } from 'vitest'
import { groupPlan } from '../../dashboard/src/water/plan-groups.ts'
import type { PlanView } from '../../services/api/schemas.ts'

type Run = PlanView['runs'][number]
const run = (id: string, state: string, zoneId = 'zone-1', endReason: string | null = null) =>
  ({ id, state, zoneId, endReason }) as Run
const ids = (runs: readonly Run[]) => runs.map(({ id }) => id)

describe('the plan of a day', () => {
  it('has every run once, by what it needs', () => {
    const groups = groupPlan([
      run('a', 'done'),
      run('b', 'proposed'),
      run('c', 'approved'),
      run('d', 'running'),
      run('e', 'sent'),
      run('f', 'skipped', 'zone-1', 'rain-reached'),
      run('g', 'cancelled'),
      run('h', 'done'),
    ])
    expect(ids(groups.waiting)).toEqual(['b'])
    expect(ids(groups.ahead)).toEqual(['c', 'd', 'e'])
    expect(ids(groups.ran)).toEqual(['h', 'a'])
    expect(ids(groups.left)).toEqual(['g', 'f'])
    expect(groups.stuck).toEqual([])
  })

  it('folds failures of one zone and one cause, and no others', () => {
    const { stuck } = groupPlan([
      run('a', 'failed', 'river', 'controller-offline'),
      run('b', 'failed', 'hill', 'controller-offline'),
      run('c', 'failed', 'river', 'controller-offline'),
      run('d', 'failed', 'river', 'flow-high'),
    ])
    expect(stuck.map(({ runs }) => ids(runs))).toEqual([['a', 'c'], ['b'], ['d']])
  })
})
