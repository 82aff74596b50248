/** How a chart places what it draws. */
import { describe, expect, it } from 'vitest'
import { bandPath, barsPath, linePath } from '../../dashboard/src/charts/paths.ts'
import { linearScale } from '../../dashboard/src/charts/linear-scale.ts'

describe('the scale of a chart', () => {
  const y = linearScale([-1, 104], [222, 12])
  it('maps its limits to its ends, and maps a position back', () => {
    expect([y(-1), y(104)]).toEqual([222, 12])
    expect(y.invert(y(37))).toBeCloseTo(37, 10)
  })
  it('marks round amounts, 0 among them and never -0', () => {
    expect(y.ticks(4)).toEqual([0, 20, 40, 60, 80, 100])
    expect(linearScale([-150, 150], [222, 8]).ticks(6)).toEqual([-150, -100, -50, 0, 50, 100, 150])
    expect(linearScale([0, 1], [0, 100]).ticks(5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(linearScale([-0.4, 0.9], [0, 1]).ticks(3).map(Object.is.bind(null, -0))).not.toContain(true)
  })
  it('has an end for any two numbers, also where a step is lost in the last digit', () => {
    for (const [from, to] of [
      [1e17, 1e17 + 16],
      [-1e308, 1e308],
      [0, 5e-324],
      [1e308, 1e308],
    ] as const)
      expect(linearScale([from, to], [0, 100]).ticks(5).length).toBeLessThanOrEqual(50)
  })
  it('of a single amount draws it at its start instead of nowhere', () => {
    expect(linearScale([5, 5], [0, 100])(5)).toBe(0)
  })
})

describe('a path of a chart', () => {
  const place = (v: number | null, i: number) => ({ i, v })
  const points = [1, 2, null, 3, 4].map(place)
  it('breaks at unknown points: a gap stays a gap', () => {
    expect(linePath(points, ({ i, v }) => (v === null ? null : [i, v]))).toBe('M0,1L1,2M3,3L4,4')
    expect(linePath([null, null].map(place), () => null)).toBe('')
  })
  it('draws a band as a closed path', () => {
    const band = bandPath(points, ({ i, v }) => (v === null ? null : [i, 0, v]))
    expect(band).toBe('M0,1L1,2L1,0L0,0ZM3,3L4,4L4,0L3,0Z')
  })
  it('in steps holds a height until the next point', () => {
    const stepped = bandPath([1, 2].map(place), ({ i, v }) => [i, 0, v!], true)
    expect(stepped).toBe('M0,1L0,1L1,1L1,2L1,0L1,0L0,0L0,0Z')
  })
  it('draws bars as one shape, each around its own ground', () => {
    expect(barsPath([2, 40].map(place), ({ i, v }) => [10 * i, 44 - v!, 2.55, v!])).toBe(
      'M0 42h2.6v2h-2.6zM10 4h2.6v40h-2.6z',
    )
    expect(barsPath([], () => [0, 0, 0, 0])).toBe('')
  })
})
