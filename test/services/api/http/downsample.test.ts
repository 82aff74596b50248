/** A long series on a small screen. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../../../broker/contract/time.ts'
import { MAX_POINTS, downsample } from '../../../../services/api/http/downsample.ts'
import { NOW } from '../screens/rows.ts'
import { runs } from '../../../support/runs.ts'

describe('a series on a phone', () => {
  const minutes = (count: number, stepMs: number) => ({
    atMs: Array.from({ length: count }, (_, i) => NOW + i * stepMs),
    value: Array.from({ length: count }, (_, i) => i),
  })

  it('is returned unchanged while it is short', () => {
    expect(downsample(minutes(72, 20 * MINUTE_MS), 20 * MINUTE_MS)).toEqual(minutes(72, 20 * MINUTE_MS))
    expect(downsample({ atMs: [], value: [] }, MINUTE_MS)).toEqual({ atMs: [], value: [] })
  })

  it('has one null where readings are missing, so that no line is drawn over the gap', () => {
    const { atMs, value } = downsample({ atMs: [0, 10, 20, 90, 100], value: [1, 2, 3, 4, 5] }, 10)
    expect(atMs).toEqual([0, 10, 20, 30, 90, 100])
    expect(value).toEqual([1, 2, 3, null, 4, 5])
  })

  it('of a month at one minute becomes means, without new gaps', () => {
    const { atMs, value } = downsample(minutes(30 * 1440, MINUTE_MS), MINUTE_MS)
    expect(atMs.length).toBeLessThanOrEqual(MAX_POINTS)
    expect(atMs.length).toBeGreaterThan(250)
    expect(value).not.toContain(null)
  })

  it('never has more than 300 points, and stays in order, for any input (U2)', () => {
    const series = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 40 * DAY_MS }), fc.option(fc.double({ noNaN: true }))), {
        maxLength: 2000,
      })
      .map((pairs) => [...new Map(pairs)].sort(([a], [b]) => a - b))
    fc.assert(
      fc.property(series, fc.integer({ min: 60_000, max: DAY_MS }), (pairs, stepMs) => {
        const { atMs, value } = downsample(
          { atMs: pairs.map(([at]) => at), value: pairs.map(([, v]) => v) },
          stepMs,
        )
        expect(value.length).toBe(atMs.length)
        expect(atMs.length).toBeLessThanOrEqual(MAX_POINTS)
        for (let i = 1; i < atMs.length; i++) expect(atMs[i]!).toBeGreaterThan(atMs[i - 1]!)
      }),
      { seed: 7, numRuns: runs(200) },
    )
  })
})
