import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS, type AtMs } from '../../../broker/contract/time.ts'
import { resolveTimestamp, type Boot, type ResolvedTime } from '../../../services/ingest/resolve-timestamp.ts'

const NOON = Date.UTC(2026, 6, 6, 12)
const iso = (atMs: AtMs) => new Date(atMs).toISOString()
const place = (
  message: { time?: string; boot?: number; monoMs?: number },
  receivedMs = NOON,
  boots: Boot[] = [],
) => resolveTimestamp({ boot: 1, monoMs: 60_000, ...message }, { receivedMs, replayedMs: null }, boots)
const placed = (...args: Parameters<typeof place>): ResolvedTime => {
  const answer = place(...args)
  if (!answer.ok) throw new Error(answer.error)
  return answer.value
}

describe('when a message was measured (contract, section 2)', () => {
  it('is the time of the device clock', () => {
    expect(placed({ time: '2026-07-06T05:20:00Z' })).toMatchObject({
      atMs: Date.UTC(2026, 6, 6, 5, 20),
      isEstimated: false,
    })
    expect(placed({ time: '2026-07-06T14:20:00.5+09:00' }).atMs).toBe(Date.UTC(2026, 6, 6, 5, 20) + 500)
  })

  it('400 days back is accepted, one day more is quarantined', () => {
    expect(placed({ time: iso(NOON - 400 * DAY_MS) }).atMs).toBe(NOON - 400 * DAY_MS)
    expect(place({ time: iso(NOON - 401 * DAY_MS) })).toMatchObject({ ok: false })
  })

  it('24 h ahead is accepted and marked, 2099 is quarantined with a reason that names the field', () => {
    expect(placed({ time: iso(NOON + DAY_MS) })).toMatchObject({ atMs: NOON + DAY_MS, isAhead: true })
    expect(placed({ time: iso(NOON + MINUTE_MS) }).isAhead).toBe(false)
    const refused = place({ time: '2099-01-01T00:00:00Z' })
    expect(refused).toEqual({
      ok: false,
      error:
        'time: expected at most 24 h after its arrival at 2026-07-06T12:00:00.000Z, got 2099-01-01T00:00:00Z',
    })
  })

  it.each([
    ['missing', undefined],
    ['not a time', 'yesterday'],
    ['a clock that was never set', '1970-01-01T00:01:00Z'],
    ['a day that does not exist', '2026-13-45T00:00:00Z'],
  ])('is its arrival, and marked so, when the time is %s', (_what, time) => {
    expect(placed(time === undefined ? {} : { time })).toMatchObject({ atMs: NOON, isEstimated: true })
  })

  it('is its arrival again after one message with an impossible uptime', () => {
    const { boots } = placed({ monoMs: 3e12 })
    expect(placed({ monoMs: 60_000 }, NOON + MINUTE_MS, boots)).toMatchObject({ atMs: NOON + MINUTE_MS })
  })

  it('follows the monotonic clock once the same boot has sent a time', () => {
    const { boots } = placed({ time: iso(NOON - HOUR_MS), monoMs: 1_000_000 })
    expect(placed({ monoMs: 1_000_000 + 10 * MINUTE_MS }, NOON, boots)).toMatchObject({
      atMs: NOON - 50 * MINUTE_MS,
      isEstimated: true,
    })
    expect(placed({ monoMs: 5_000, boot: 2 }, NOON, boots).atMs).toBe(NOON)
  })

  it('separates readings of one boot that arrive together, and learns from the one that waited least', () => {
    let boots: Boot[] = []
    const instants: AtMs[] = []
    // three readings, ten minutes apart, kept in flash; then a live one
    for (const [monoMs, receivedMs] of [
      [0, NOON],
      [10 * MINUTE_MS, NOON],
      [20 * MINUTE_MS, NOON],
      [30 * MINUTE_MS, NOON + 5 * MINUTE_MS],
    ] as const) {
      const one = placed({ monoMs }, receivedMs, boots)
      boots = one.boots
      instants.push(one.atMs)
    }
    // the first can only be placed at its arrival; each later one moves the zero of the boot back
    expect(instants).toEqual([NOON, NOON, NOON, NOON + 5 * MINUTE_MS])
    expect(placed({ monoMs: 0 }, NOON + HOUR_MS, boots).atMs).toBe(NOON - 25 * MINUTE_MS)
  })

  it('is never after its arrival', () => {
    const { boots } = placed({ time: iso(NOON + HOUR_MS), monoMs: 0 })
    expect(placed({ monoMs: HOUR_MS }, NOON + MINUTE_MS, boots).atMs).toBe(NOON + MINUTE_MS)
  })
})
