/** A burst at once, then a steady rate. */
import { expect, it } from 'vitest'
import { tokenBucket } from '../../../../broker/contract/rate/token-bucket.ts'

it('returns its burst at once, then its rate per second', () => {
  const bucket = tokenBucket({ burst: 2, perS: 1 }, 0)
  expect([0, 0, 0].map((atMs) => bucket.tryTake(atMs))).toEqual([true, true, false])
  expect(bucket.tryTake(999)).toBe(false)
  expect(bucket.tryTake(1_000)).toBe(true)
})

it('returns the wait until there is a token again', () => {
  const bucket = tokenBucket({ burst: 1, perS: 0.5 }, 0)
  expect(bucket.waitMs(0)).toBe(0)
  bucket.tryTake(0)
  expect(bucket.waitMs(500)).toBe(1_500)
})

it('allows a debt, and returns how long it takes to pay', () => {
  const bucket = tokenBucket({ burst: 10, perS: 5 }, 0)
  expect(bucket.take(10, 0)).toBe(0)
  expect(bucket.take(20, 0)).toBe(4_000)
  expect(bucket.isFull(5_999)).toBe(false)
  expect(bucket.isFull(6_001)).toBe(true)
})

it('is never above its burst, and a clock that goes back changes nothing', () => {
  const bucket = tokenBucket({ burst: 2, perS: 1 }, 1_000)
  expect(bucket.take(0, 100_000)).toBe(0)
  expect(bucket.tryTake(0) && bucket.tryTake(0)).toBe(true)
  expect(bucket.tryTake(0)).toBe(false)
})
