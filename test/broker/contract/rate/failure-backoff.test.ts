/** Failed sign-ins are answered late, later each time, with a limit on what is remembered of them. */
import { describe, expect, it } from 'vitest'
import { noLimits, standardLimits, type BrokerLimits } from '../../../../broker/access/limits.ts'
import { failureBackoff } from '../../../../broker/contract/rate/failure-backoff.ts'

const ofLimits = (limits: BrokerLimits) =>
  failureBackoff({ firstMs: limits['first-delay'], longestMs: limits['longest-delay'] })

describe('the delay of a failed sign-in', () => {
  it('grows from 0.2 s, doubled each time, to 10 s and no further', () => {
    const backoff = ofLimits(standardLimits)
    const delays = Array.from({ length: 8 }, () => backoff.failed('192.0.2.1', 0))
    expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
    for (let i = 0; i < 2_000; i++) backoff.failed('192.0.2.1', 0)
    expect(backoff.failed('192.0.2.1', 0)).toBe(10_000)
  })

  it('is separate for each address, and reset after 15 minutes without a failure', () => {
    const backoff = ofLimits(standardLimits)
    for (let i = 0; i < 4; i++) backoff.failed('192.0.2.1', 0)
    expect(backoff.failed('192.0.2.2', 0)).toBe(200)
    expect(backoff.failed('192.0.2.1', 15 * 60_000 - 1)).toBe(3_200)
    expect(backoff.failed('192.0.2.1', 30 * 60_000)).toBe(200)
  })

  it('is remembered for the 10,000 addresses that failed last', () => {
    const backoff = ofLimits(standardLimits)
    for (let i = 0; i < 5; i++) backoff.failed('busy', 0)
    for (let i = 0; i < 9_999; i++) backoff.failed(`address ${i}`, 0)
    expect(backoff.failed('busy', 0)).toBe(6_400)
    for (let i = 0; i < 10_000; i++) backoff.failed(`other ${i}`, 0)
    expect(backoff.failed('busy', 0)).toBe(200)
  })

  it('is 0 without limits', () => {
    expect(ofLimits(noLimits).failed('192.0.2.1', 0)).toBe(0)
  })

  it('starts after the free failures', () => {
    const backoff = failureBackoff({ firstMs: 250, longestMs: 8_000, freeFailures: 3 })
    const delays = Array.from({ length: 9 }, () => backoff.failed('sato', 0))
    expect(delays).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000])
  })

  it('ends after a success', () => {
    const backoff = ofLimits(standardLimits)
    for (let i = 0; i < 4; i++) backoff.failed('sato', 0)
    backoff.succeeded('sato')
    expect(backoff.failed('sato', 0)).toBe(200)
  })
})
