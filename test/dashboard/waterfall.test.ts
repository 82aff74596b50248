/** The steps of a decision's water: they start where the decision starts, add up, and end at its result. */
import { describe, expect, it } from 'vitest'
import { scaleOf, waterfallOf } from '../../dashboard/src/water/waterfall.ts'
import type { DecisionView } from '../../services/api/schemas.ts'

type Terms = DecisionView['terms']
const balance: Terms = [
  { key: 'available-now', mm: 2.1, lo: 0, hi: 4.7 },
  { key: 'crop-use', mm: -5.6 },
  { key: 'rain-expected', mm: 0, lo: 0, hi: 1.2 },
  { key: 'available-then', mm: -3.5 },
]
const run: Terms[number] = { key: 'depth', mm: 18, params: { netMm: 15.3, efficiencyPercent: 85 } }

describe('the waterfall of a decision', () => {
  it('of a run has five bars: left, crop, rain, plan and after', () => {
    const steps = waterfallOf([...balance, run])
    expect(steps.map(({ key, mm }) => [key, mm])).toEqual([
      ['available-now', 2.1],
      ['crop-use', -5.6],
      ['rain-expected', 0],
      ['plan', 15.3],
      ['after', 11.8],
    ])
    // each bar starts where the one before it ends
    for (const [i, step] of steps.slice(1, -1).entries()) expect(step.fromMm).toBe(steps[i]!.toMm)
  })

  it('without a run ends at the result of the decision', () => {
    expect(waterfallOf(balance).at(-1)).toMatchObject({ key: 'after', mm: -3.5, isTotal: true })
  })

  it('shows unknown rain as unknown, and counts none', () => {
    const terms = balance.map((term) => (term.key === 'rain-expected' ? { key: term.key, mm: null } : term))
    const steps = waterfallOf(terms)
    expect(steps.find(({ key }) => key === 'rain-expected')).toMatchObject({
      mm: null,
      fromMm: -3.5,
      toMm: -3.5,
    })
    expect(steps.at(-1)!.mm).toBe(-3.5)
  })

  it('has no bar for a use up to a moment that has come', () => {
    const terms = balance.map((term) => (term.key === 'crop-use' ? { ...term, mm: 0 } : term))
    expect(waterfallOf(terms).map(({ key }) => key)).toEqual(['available-now', 'rain-expected', 'after'])
  })

  it('has no bars for a paddy below its soil that gets no water, and has them for one that is filled', () => {
    const dry: Terms = [
      { key: 'level-now', mm: -26.5, params: { levelMm: -294 } },
      { key: 'paddy-loss', mm: 0 },
      { key: 'rain-expected', mm: 0, lo: 0, hi: 0 },
      { key: 'level-then', mm: -26.5, params: { levelMm: -294 } },
    ]
    expect(waterfallOf(dry)).toEqual([])
    const fill = { key: 'fill', mm: 60, params: { netMm: 60 } }
    expect(waterfallOf([...dry, fill]).at(-1)).toMatchObject({ key: 'after', mm: 33.5 })
  })

  it('leaves out remarks, and has no bars without a sum', () => {
    expect(waterfallOf([{ key: 'refill-line', mm: null }, ...balance]).map(({ key }) => key)).not.toContain(
      'refill-line',
    )
    expect(waterfallOf([{ key: 'paddy-stage', mm: null }])).toEqual([])
  })

  it('has 0 on its scale, also when all of it is wetter', () => {
    expect(
      scaleOf(
        waterfallOf([
          { key: 'available-now', mm: 20 },
          { key: 'available-then', mm: 20 },
        ]),
      ),
    ).toEqual({
      lowMm: 0,
      spanMm: 20,
    })
    expect(scaleOf(waterfallOf([...balance, run])).lowMm).toBe(-3.5)
  })
})
