import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestMethod, decideState } from '../../../../services/learn/fitting/learner.ts'
import {
  rollingOrigin,
  computeSkill,
  type HeldOutCase,
} from '../../../../services/learn/fitting/rolling-origin.ts'

describe('rolling origin', () => {
  it('evaluates each row after the first once, in order, on the data before it', () => {
    expect(rollingOrigin(10, { minTrain: 4, step: 3 })).toEqual([
      { trainTo: 4, from: 4, to: 7 },
      { trainTo: 7, from: 7, to: 10 },
    ])
  })

  it('never trains on a target that overlaps the evaluated rows', () => {
    const size = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(fc.nat(300), size, size, fc.nat(10), (n, minTrain, step, horizon) => {
        const splits = rollingOrigin(n, { minTrain, step, horizon })
        for (const { trainTo, from, to } of splits) {
          expect(trainTo - 1 + horizon).toBeLessThan(from)
          expect(trainTo).toBeGreaterThanOrEqual(minTrain)
          expect(to).toBeLessThanOrEqual(n)
        }
        const tested = splits.reduce((sum, { from, to }) => sum + to - from, 0)
        expect(tested).toBe(Math.max(0, n - minTrain - horizon))
      }),
    )
  })
})

const cases = (model: number, persistence: number | null, physics: number | null): HeldOutCase[] =>
  [10, 12].map((actual) => ({
    actual,
    model: actual + model,
    persistence: persistence === null ? null : actual + persistence,
    physics: physics === null ? null : actual - physics,
  }))

describe('skill', () => {
  it('is against the better of the two baselines', () =>
    expect(computeSkill('days-1', '%', cases(1, 4, 2))).toEqual({
      key: 'days-1',
      unit: '%',
      n: 2,
      rmse: 1,
      persistence: 4,
      physics: 2,
      skill: 0.5,
    }))

  it('counts only cases with a prediction of every method', () => {
    const [first, second] = cases(1, 4, 2)
    const skill = computeSkill('days-1', '%', [first!, { ...second!, persistence: null }])
    expect(skill).toMatchObject({ n: 1, persistence: 4 })
  })

  it('is null without a case', () => expect(computeSkill('days-1', '%', [])).toBeNull())
})

describe('the rule of every model', () => {
  const skill = (model: number, persistence: number | null, physics: number | null) =>
    computeSkill('days-1', '%', cases(model, persistence, physics))!

  it('uses the model only where it beats both', () => {
    expect(bestMethod(skill(1, 4, 2))).toBe('model')
    expect(bestMethod(skill(3, 4, 2))).toBe('physics')
    expect(bestMethod(skill(3, 1, 2))).toBe('persistence')
    expect(bestMethod(skill(3, null, 2))).toBe('physics')
  })

  it('falls back to the better baseline, however small its advantage', () => {
    expect(bestMethod(skill(3, 2.01, 2))).toBe('physics')
    expect(bestMethod(skill(3, 2, 2.01))).toBe('persistence')
  })

  it('falls back when it only equals them', () => {
    expect(bestMethod(skill(2, 2, 4))).toBe('persistence')
    expect(decideState([skill(2, 2, 4)]).state).toBe('fallback')
  })

  it('states how many horizons it is used for, and by how much it is better', () =>
    expect(decideState([skill(1, 4, 2), skill(3, 4, 2)])).toEqual({
      state: 'used',
      reason: { key: 'better', params: { used: 1, of: 2, gainPct: 50 } },
    }))
})
