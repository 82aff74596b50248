import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../../broker/contract/time.ts'
import {
  forecastBatteryDays,
  lowVoltage,
  type BatteryDay,
} from '../../../services/domain/battery-forecast.ts'

const days = (voltages: readonly (number | null)[]): BatteryDay[] =>
  voltages.flatMap((v, i) => (v === null ? [] : [{ atMs: i * DAY_MS, v }]))
const falling = (n: number, fromV: number, vPerDay: number): number[] =>
  Array.from({ length: n }, (_, i) => fromV - i * vPerDay)

describe('how long a battery lasts', () => {
  it('is the charge above its limit, at the rate of the last fortnight', () => {
    // 3.43 V after 14 days of 0.01 V: 0.3 V above 3.0 V in 30 days
    expect(forecastBatteryDays(days(falling(14, 3.43, 0.01)), null)).toEqual({
      mid: expect.closeTo(30, 6),
      lo: expect.closeTo(30, 6),
      hi: expect.closeTo(30, 6),
    })
  })

  it('uses the registered limit for unknown cells', () => {
    expect(forecastBatteryDays(days(falling(14, 7.3, 0.01)), null)).toBe(null)
    expect(forecastBatteryDays(days(falling(14, 7.3, 0.01)), 6.87)?.mid).toBeCloseTo(30, 6)
    expect([lowVoltage(3.6, null), lowVoltage(12.6, null), lowVoltage(0, null)]).toEqual([3, 11.8, null])
  })

  it('is not moved by three cold nights, nor taken for a new battery when it is warm again', () => {
    const cold = falling(14, 3.43, 0.01).map((v, i) => ([5, 6, 10].includes(i) ? v - 0.15 : v))
    const left = forecastBatteryDays(days(cold), null)!
    expect(left.mid).toBeCloseTo(30, 0)
    expect(left.hi - left.lo).toBeLessThan(2)
  })

  it.each([
    ['of which six days are known', falling(6, 3.4, 0.05)],
    ['known of one week only', falling(8, 3.4, 0.05)],
    ['that stays as it is', Array.from({ length: 14 }, () => 3.6)],
    ['that the sun charges every other day', Array.from({ length: 14 }, (_, i) => 3.9 + 0.1 * (i % 2))],
    ['that rises', falling(14, 3.3, -0.01)],
    ['that falls so slowly that nobody can say', falling(14, 3.6, 0.0005)],
    ['that was changed five days ago', [...falling(12, 3.2, 0.01), ...falling(5, 3.65, 0.01)]],
    ['of nothing', []],
  ])('has no forecast for a battery %s', (_, voltages) => {
    expect(forecastBatteryDays(days(voltages), null)).toBe(null)
  })

  it('counts from the change of the battery on, and needs no reading on each day', () => {
    const changed = [...falling(16, 3.2, 0.01), ...falling(14, 3.6, 0.02)].map((v, i) =>
      i % 5 === 3 ? null : v,
    )
    expect(forecastBatteryDays(days(changed), null)?.mid).toBeCloseTo((3.34 - 3) / 0.02, 0)
  })

  it('uses the recent days of a lithium cell, not the level weeks before its end', () => {
    const knee = [...falling(20, 3.6, 0.001), ...falling(14, 3.58, 0.03)]
    expect(forecastBatteryDays(days(knee), null)?.mid).toBeCloseTo((3.19 - 3) / 0.03, 0)
  })

  it('has its likely value within its range, none below 0, and grows with the voltage', () => {
    const noise = fc.array(fc.double({ min: -0.03, max: 0.03, noNaN: true }), { minLength: 9, maxLength: 20 })
    fc.assert(
      fc.property(noise, fc.double({ min: 0.005, max: 0.06, noNaN: true }), (wander, pace) => {
        const voltages = wander.map((by, i) => 3.7 - pace * i + by)
        const left = forecastBatteryDays(days(voltages), 2.5)
        const higher = forecastBatteryDays(days(voltages.map((v) => v + 0.1)), 2.5)
        if (left === null || higher === null) return
        expect(left.lo).toBeGreaterThanOrEqual(0)
        expect(left.mid).toBeGreaterThanOrEqual(left.lo)
        expect(left.hi).toBeGreaterThanOrEqual(left.mid)
        expect(higher.mid).toBeGreaterThanOrEqual(left.mid)
      }),
    )
  })
})
