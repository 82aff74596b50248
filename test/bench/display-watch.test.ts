/** What a screen shows of a valve is judged by when the valve was open, and by the leases that it had then. */
import { expect, it } from 'vitest'
import { isTrueClaim, type Claim } from '../../bench/torture/support/display-watch.ts'
import type { Opening } from '../../bench/torture/support/valve-judge.ts'
import { MINUTE_MS } from '../../broker/contract/time.ts'

const SLACK_MS = 1_000
const minute = (count: number): number => count * MINUTE_MS
const shown = (position: string, atMs: number, boundMs: number | null = null): Claim => ({
  zone: 'z1',
  requestedMs: atMs,
  atMs,
  position,
  boundMs,
})
/** Open from minute 1, with a lease of two minutes. Where the valve stays open longer, it is extended half a minute earlier. */
const opening = (closedMinute: number | null): Opening => ({
  device: 'c1',
  valve: 'V1',
  seq: 1,
  durMs: minute(10),
  openedMs: minute(1),
  closedMs: closedMinute === null ? null : minute(closedMinute),
  leases: [
    { atMs: minute(1), untilMs: minute(3) },
    ...(closedMinute === null || closedMinute > 3 ? [{ atMs: minute(2.5), untilMs: minute(9) }] : []),
  ],
})
const isTrue = (claim: Claim, ...openings: Opening[]): boolean => isTrueClaim(claim, openings, SLACK_MS)

it('open is true of a valve that is open, and false once it has been closed for longer than the slack', () => {
  expect(isTrue(shown('open', minute(2)), opening(3))).toBe(true)
  expect(isTrue(shown('open', minute(4)), opening(3))).toBe(false)
  expect(isTrue(shown('open', minute(2)))).toBe(false)
})

it('closed is false of a valve that has been open for longer than the slack', () => {
  expect(isTrue(shown('closed', minute(2)), opening(3))).toBe(false)
  expect(isTrue(shown('closed', minute(2)), opening(null))).toBe(false)
  expect(isTrue(shown('closed', minute(4)), opening(3))).toBe(true)
})

it('unknown with a bound is false where the lease of that time ends after the bound', () => {
  expect(isTrue(shown('unknown', minute(2), minute(3)), opening(3))).toBe(true)
  expect(isTrue(shown('unknown', minute(2), minute(2.5)), opening(3))).toBe(false)
  expect(isTrue(shown('unknown', minute(3.5), minute(5)), opening(8))).toBe(false)
})

it('unknown with a bound stays true of a valve whose lease is extended later', () => {
  expect(isTrue(shown('unknown', minute(2), minute(3)), opening(8))).toBe(true)
  expect(isTrue(shown('unknown', minute(2), minute(3)), opening(null))).toBe(true)
})
