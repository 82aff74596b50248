import { expect, it } from 'vitest'
import { clamp, mean, median, percent, round, sum, sumBy, tenth } from '../../../services/runtime/math.ts'

it('sums, and gives 0 for nothing', () => {
  expect(sum([1, 2, 3.5])).toBe(6.5)
  expect(sum([])).toBe(0)
  expect(sumBy([{ mm: 2 }, { mm: 3 }], ({ mm }) => mm)).toBe(5)
})

it('a mean of nothing is null', () => {
  expect(mean([1, 2])).toBe(1.5)
  expect(mean([])).toBeNull()
})

it('a median lies between the two middle values of an even number', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
})

it('rounds to decimals and never to -0', () => {
  expect(round(1.2345, 2)).toBe(1.23)
  expect(tenth(0.25)).toBe(0.3)
  expect(Object.is(tenth(-0.01), 0)).toBe(true)
  expect(percent(0.126)).toBe(13)
})

it('clamps to its limits', () => {
  expect([clamp(5, 0, 3), clamp(-1, 0, 3), clamp(2, 0, 3)]).toEqual([3, 0, 2])
})
