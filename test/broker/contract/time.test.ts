import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  dayOf,
  dayOfYear,
  daysBetween,
  every,
  HOUR_MS,
  MINUTE_MS,
  startOfDay,
} from '../../../broker/contract/time.ts'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { runs } from '../../support/runs.ts'

describe('civil days', () => {
  it('a day in Japan starts at 15:00 UTC of the day before', () => {
    expect(startOfDay('2026-07-06', 'Asia/Tokyo')).toBe(Date.UTC(2026, 6, 5, 15))
    expect(dayOf(Date.UTC(2026, 6, 5, 14, 59), 'Asia/Tokyo')).toBe('2026-07-05')
  })

  it('the day of the spring change in Los Angeles has 23 hours, of the autumn change 25', () => {
    const hours = (day: string) =>
      (startOfDay(addDays(day, 1), 'America/Los_Angeles') - startOfDay(day, 'America/Los_Angeles')) / HOUR_MS
    expect([hours('2026-03-08'), hours('2026-03-09'), hours('2026-11-01')]).toEqual([23, 24, 25])
  })

  it('where the clocks skip midnight the day starts at the first existing instant', () => {
    // Santiago goes from 24:00 to 01:00 on 6 September 2026
    const start = startOfDay('2026-09-06', 'America/Santiago')
    expect(dayOf(start, 'America/Santiago')).toBe('2026-09-06')
    expect(dayOf(start - 1, 'America/Santiago')).toBe('2026-09-05')
  })

  it.each(['Asia/Tokyo', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Santiago'])(
    'in %s every day starts in itself, and a moment earlier it was another day',
    (zone) => {
      fc.assert(
        fc.property(fc.integer({ min: -3000, max: 8000 }), (count) => {
          const day = addDays('2020-01-01', count)
          const start = startOfDay(day, zone)
          expect(dayOf(start, zone)).toBe(day)
          expect(dayOf(start - 1, zone)).toBe(addDays(day, -1))
        }),
        { numRuns: runs(200), seed: 7 },
      )
    },
  )

  it('count as a calendar does', () => {
    expect(dayOfYear('2024-12-31')).toBe(366)
    expect(daysBetween('2026-02-28', '2026-03-01')).toBe(1)
    expect(() => startOfDay('yesterday', 'UTC')).toThrow(RangeError)
  })
})

describe('the virtual clock', () => {
  it('runs timers in time order, each at its own instant', async () => {
    const clock = virtualClock(0)
    const seen: [string, number][] = []
    clock.at(30, () => void seen.push(['c', clock.now()]))
    clock.at(10, () => {
      seen.push(['a', clock.now()])
      clock.at(20, () => void seen.push(['b', clock.now()]))
    })
    const cancel = clock.at(15, () => void seen.push(['never', clock.now()]))
    cancel()
    await clock.advanceTo(100)
    expect(seen).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
    ])
    expect(clock.now()).toBe(100)
  })

  it('awaits the work of a timer, and lets all tasks settle before time moves on', async () => {
    const clock = virtualClock(0)
    const seen: string[] = []
    clock.onSettle(async () => void seen.push(`settled at ${clock.now()}`))
    clock.at(MINUTE_MS, async () => {
      await Promise.resolve()
      seen.push('stored')
    })
    clock.at(2 * MINUTE_MS, () => void seen.push('next'))
    await clock.advanceTo(HOUR_MS)
    expect(seen).toEqual(['stored', `settled at ${MINUTE_MS}`, 'next', `settled at ${2 * MINUTE_MS}`])
  })

  it('every minute is sixty times an hour, until it is stopped', async () => {
    const clock = virtualClock(0)
    let count = 0
    const stop = every(clock, MINUTE_MS, () => void count++)
    await clock.advanceTo(HOUR_MS)
    stop()
    await clock.advanceTo(2 * HOUR_MS)
    expect(count).toBe(60)
    expect(clock.nextAt()).toBeNull()
  })
})
