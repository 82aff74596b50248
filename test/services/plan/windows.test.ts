import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, startOfDay, zoneOffsetMs } from '../../../broker/contract/time.ts'
import { windowOf, windowsFrom } from '../../../services/plan/windows.ts'
import { runs } from '../../support/runs.ts'

const utc = (text: string) => Date.parse(text)
const hours = (windowFromMin: number, windowToMin: number) => ({ windowFromMin, windowToMin })

describe('windows', () => {
  it('04:00 to 09:00 in Tsukuba is 19:00 to 00:00 UTC', () => {
    expect(windowOf(hours(240, 540), '2026-07-24', 'Asia/Tokyo')).toEqual({
      day: '2026-07-24',
      fromMs: utc('2026-07-23T19:00:00Z'),
      toMs: utc('2026-07-24T00:00:00Z'),
    })
  })

  it('22:00 to 05:00 belongs to the day on which it begins', () => {
    const window = windowOf(hours(1320, 300), '2026-07-24', 'UTC')
    expect(window).toMatchObject({ fromMs: utc('2026-07-24T22:00:00Z'), toMs: utc('2026-07-25T05:00:00Z') })
    const [open] = windowsFrom(hours(1320, 300), {
      earliestMs: utc('2026-07-25T01:00:00Z'),
      leastMs: MINUTE_MS,
      timeZone: 'UTC',
      count: 1,
    })
    expect(open).toMatchObject({ day: '2026-07-24', fromMs: utc('2026-07-25T01:00:00Z') })
  })

  // Chicago 2026: forward on 8 March at 02:00, back on 1 November at 02:00
  it('on the night that loses an hour 00:00 to 04:00 is three hours long', () => {
    const { fromMs, toMs } = windowOf(hours(0, 240), '2026-03-08', 'America/Chicago')
    expect((toMs - fromMs) / HOUR_MS).toBe(3)
  })

  it('on the night that gains an hour 00:00 to 04:00 is five hours long', () => {
    const { fromMs, toMs } = windowOf(hours(0, 240), '2026-11-01', 'America/Chicago')
    expect((toMs - fromMs) / HOUR_MS).toBe(5)
  })

  it('a window that lies in the lost hour does not open that night', () => {
    const { fromMs, toMs } = windowOf(hours(130, 170), '2026-03-08', 'America/Chicago')
    expect(toMs).toBeLessThanOrEqual(fromMs)
    const [next] = windowsFrom(hours(130, 170), {
      earliestMs: startOfDay('2026-03-08', 'America/Chicago'),
      leastMs: MINUTE_MS,
      timeZone: 'America/Chicago',
      count: 1,
    })
    expect(next!.day).toBe('2026-03-09')
  })

  it('every instant inside has a wall clock inside, in any zone, on any day, whatever the clocks do', () => {
    const zones = ['Asia/Tokyo', 'America/Chicago', 'Europe/Rome', 'Australia/Lord_Howe', 'Africa/Cairo']
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 365 }),
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 0, max: 1440 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (timeZone, dayIndex, from, to, share) => {
          const day = new Date(Date.UTC(2026, 0, 1) + dayIndex * 24 * HOUR_MS).toISOString().slice(0, 10)
          const { fromMs, toMs } = windowOf(hours(from, to), day, timeZone)
          if (toMs <= fromMs) return
          const atMs = Math.floor(fromMs + share * (toMs - fromMs))
          const wallMs = atMs + zoneOffsetMs(atMs, timeZone) - Date.parse(`${day}T00:00:00Z`)
          const minute = Math.floor(wallMs / MINUTE_MS)
          const end = to <= from ? to + 1440 : to
          expect(minute).toBeGreaterThanOrEqual(from)
          expect(minute).toBeLessThan(end)
        },
      ),
      { numRuns: runs(500), seed: 7 },
    )
  })
})
