/** A field's water, rain and what they rest on, from rows alone. */
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../../../broker/contract/time.ts'
import { effectiveRainMm } from '../../../../services/api/screens/effective-rain.ts'
import { fieldNotes } from '../../../../services/api/screens/field-detail-view.ts'
import { waterChart } from '../../../../services/api/screens/water-chart-view.ts'
import { toJson, type FieldDayRow } from '../../../../services/tables.ts'
import { NOW, state } from './rows.ts'

describe('the water forecast', () => {
  it('dries ever slower and never below the wilting point', () => {
    const chart = waterChart({
      days: [],
      state: { ...state, depletionMm: 80 },
      compared: null,
      timeZone: 'UTC',
      fromMs: 0,
      nowMs: NOW,
      aheadDays: 30,
    })!
    const ahead = chart.left.slice(chart.nowIndex) as number[]
    expect(ahead).toHaveLength(31)
    const steps = ahead.slice(1).map((mm, i) => ahead[i]! - mm)
    for (const [i, step] of steps.entries()) expect(step).toBeLessThanOrEqual((steps[i - 1] ?? 6) + 1e-9)
    expect(ahead.at(-1)!).toBeGreaterThan(0)
    for (const [i, mm] of chart.lo.entries()) expect(mm!).toBeLessThanOrEqual(chart.hi[i]!)
  })

  it('starts at the start of the span, between two midnights', () => {
    const midnight = (day: string, depletionMm: number) =>
      ({ day, depletionMm, depletionSdMm: 2, tawMm: 90 }) as FieldDayRow
    const days = [midnight('2026-07-21', 10), midnight('2026-07-22', 20), midnight('2026-07-23', 30)]
    const chart = waterChart({
      days,
      state,
      compared: null,
      timeZone: 'UTC',
      fromMs: NOW - DAY_MS,
      nowMs: NOW,
      aheadDays: 0,
    })!
    // 23 July 05:30 lies 5.5 hours after midnight, on the way from 70 to 60 mm
    expect(chart.atMs).toEqual([NOW - DAY_MS, Date.parse('2026-07-24T00:00:00Z'), NOW])
    expect(chart.left).toEqual([70 - (10 * 5.5) / 24, 60, 50])
    expect(chart.nowIndex).toBe(2)
  })

  it('begins at the water that the decision compared, with its range', () => {
    const chart = waterChart({
      days: [],
      state: { ...state, depletionMm: 41.3, depletionSdMm: 9 },
      compared: { leftMm: 5, loMm: -4, hiMm: 14, ofMm: 45, tawMm: 90 },
      timeZone: 'UTC',
      fromMs: 0,
      nowMs: NOW,
      aheadDays: 1,
    })!
    expect([chart.left[0], chart.lo[0], chart.hi[0]]).toEqual([50, 41, 59])
    expect(chart.left[1]).toBeLessThan(50)
  })

  it('is not guessed when the use of the crop is unknown', () => {
    const chart = waterChart({
      days: [],
      state: { ...state, etcWholeDayMm: null },
      compared: null,
      timeZone: 'UTC',
      fromMs: 0,
      nowMs: NOW,
      aheadDays: 7,
    })!
    expect([chart.atMs.length, chart.nowIndex]).toEqual([1, 0])
    expect(
      waterChart({
        days: [],
        state: null,
        compared: null,
        timeZone: 'UTC',
        fromMs: 0,
        nowMs: NOW,
        aheadDays: 7,
      }),
    ).toBeNull()
  })
})

describe('the data behind the figures', () => {
  const day = (name: string, ...notes: { key: string; params: Record<string, string | number> }[]) => ({
    day: name,
    notes: toJson(notes),
  })
  it('each kind once, with its newest statement and its days; the newest first', () =>
    expect(
      fieldNotes([
        day('2026-07-01', { key: 'rain-unknown', params: {} }),
        day('2026-07-02', { key: 'depletion-assumed', params: { mm: 5 } }),
        day(
          '2026-07-03',
          { key: 'et0-temperature', params: {} },
          { key: 'depletion-assumed', params: { mm: 7 } },
        ),
      ]),
    ).toEqual([
      {
        message: { key: 'depletion-assumed', params: { mm: 7 } },
        days: 2,
        lastDay: '2026-07-03',
      },
      { message: { key: 'et0-temperature', params: {} }, days: 1, lastDay: '2026-07-03' },
      { message: { key: 'rain-unknown', params: {} }, days: 1, lastDay: '2026-07-01' },
    ]))
  it('is empty without any statement', () => expect(fieldNotes([day('2026-07-01')])).toEqual([]))
})

describe('rain', () => {
  it('counts the rain that stayed: drainage is shared with the irrigation of the day', () => {
    const day = { rainMm: 20, irrigationMm: 20, runoffMm: null, deepPercolationMm: 10 }
    const counted = (change: object) =>
      effectiveRainMm({ ...day, ...change } as Parameters<typeof effectiveRainMm>[0])
    expect(counted({})).toBe(15)
    expect(counted({ irrigationMm: 0 })).toBe(10)
    // 10 of it ran off: 10 and 20 went in, a third of what drained is the rain's
    expect(counted({ runoffMm: 10 })).toBeCloseTo(10 - 10 / 3, 9)
    expect(counted({ runoffMm: 20 })).toBe(0)
    expect(counted({ rainMm: 0, irrigationMm: 0 })).toBe(0)
    expect(counted({ rainMm: null })).toBeNull()
    expect(counted({ deepPercolationMm: null })).toBeNull()
  })
})
