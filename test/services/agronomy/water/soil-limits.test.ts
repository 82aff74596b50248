import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dryDowns, fitDryDown } from '../../../../services/agronomy/water/dry-downs.ts'
import { combineLimits, learnLimits, enteredLimits } from '../../../../services/agronomy/water/soil-limits.ts'
import { wettingPeaks } from '../../../../services/agronomy/water/wetting-peaks.ts'

const FC = 0.27
const WP = 0.11

/** Hours of a layer that drains to `FC` within a day of each wetting, and that roots then dry towards `WP`. */
function layer(wettings: readonly { hour: number; to: number }[], hours: number, tauDays = 5): number[] {
  const byHour = new Map(wettings.map(({ hour, to }) => [hour, to]))
  let theta = 0.2
  return Array.from({ length: hours }, (_, hour) => {
    theta = Math.max(theta, byHour.get(hour) ?? 0)
    const drained = Math.max(0, theta - FC) * 0.2
    const taken = ((theta - WP) / (tauDays * 24)) * 0.9
    theta -= drained + taken
    return Math.round((theta + 0.002 * Math.sin((hour * Math.PI) / 12)) * 1000) / 1000
  })
}
const everyWeek = (n: number, to = 0.38) => Array.from({ length: n }, (_, i) => ({ hour: 48 + i * 168, to }))

describe('field capacity from wettings', () => {
  it('is the water content a day or two after the soil was filled', () => {
    const learned = learnLimits(layer(everyWeek(6), 6 * 168 + 96), 0.25)
    expect(learned.peaks).toBe(6)
    // roots take up some of it within the two days
    expect(Math.abs(learned.fieldCapacity! - FC)).toBeLessThan(0.035)
    expect(learned.fieldCapacitySd).toBeGreaterThan(0.004)
  })

  it('two wettings are not sufficient', () => {
    const learned = learnLimits(layer(everyWeek(2), 3 * 168), 0.25)
    expect(learned).toMatchObject({ peaks: 2, fieldCapacity: null, fieldCapacitySd: null })
  })

  it('showers that do not fill the layer do not lower it', () => {
    const filled = learnLimits(layer(everyWeek(8), 8 * 168 + 96), 0.25).fieldCapacity!
    const showers = everyWeek(8).map((one, i) => (i % 3 === 1 ? { ...one, to: 0.24 } : one))
    expect(learnLimits(layer(showers, 8 * 168 + 96), 0.25).fieldCapacity).toBeCloseTo(filled, 2)
  })

  it('a soil that was wetted again within two days is skipped', () => {
    const twice = everyWeek(4).flatMap((one) => [one, { hour: one.hour + 30, to: 0.36 }])
    expect(wettingPeaks(layer(twice, 4 * 168 + 96)).every(({ hour }) => (hour - 48) % 168 !== 0)).toBe(true)
  })

  it('hours that were flagged are gaps: too many of them, and the wetting does not count', () => {
    const hours: (number | null)[] = layer(everyWeek(4), 4 * 168 + 96)
    for (let hour = 60; hour < 84; hour++) hours[hour] = null
    expect(wettingPeaks(hours)).toHaveLength(3)
  })
})

describe('the lower limit from dry-downs', () => {
  const down = (days: number, tau: number) =>
    Array.from({ length: days }, (_, day) => WP + 0.15 * Math.exp(-day / tau))

  it('is where a long dry-down ends', () => {
    const fit = fitDryDown(down(20, 6))!
    expect(fit.lowerLimit).toBeCloseTo(WP, 2)
    expect(fit.sd).toBeLessThan(0.02)
  })

  it('a dry-down that has only started has no result', () => {
    expect(fitDryDown(down(9, 30))).toBeNull()
  })

  it('a soil that hardly dries has no result', () => {
    expect(fitDryDown(Array.from({ length: 20 }, (_, day) => 0.3 - day * 0.0005))).toBeNull()
  })

  it('rain and gaps end a dry-down', () => {
    const gap: (number | null)[] = [...down(12, 4), null, ...down(12, 4)]
    expect(dryDowns(gap)).toHaveLength(2)
    expect(dryDowns([...down(12, 4), ...down(12, 4)])).toHaveLength(2)
  })
})

describe('limits of a root zone', () => {
  const own = enteredLimits({ fieldCapacity: 0.25, wiltingPoint: 0.12 })
  const taught = (fieldCapacity: number | null, wiltingPoint: number | null) => ({
    fieldCapacity,
    fieldCapacitySd: fieldCapacity === null ? null : 0.01,
    peaks: fieldCapacity === null ? 1 : 4,
    wiltingPoint,
    wiltingPointSd: wiltingPoint === null ? null : 0.01,
    dryDowns: wiltingPoint === null ? 0 : 3,
  })

  it('without learned limits are those of the field, with that source', () => {
    expect(combineLimits(own, [taught(null, null)])).toEqual(own)
  })

  it('lie between texture and probe, more certain than either, with the number of events', () => {
    const { fieldCapacity, wiltingPoint } = combineLimits(own, [taught(0.31, null)])
    expect(fieldCapacity.v).toBeGreaterThan(0.25)
    expect(fieldCapacity.v).toBeLessThan(0.31)
    expect(fieldCapacity).toMatchObject({ from: 'learned', events: 4 })
    expect(fieldCapacity.sd).toBeLessThan(0.03)
    expect(wiltingPoint).toEqual(own.wiltingPoint)
  })

  it('are never closer to each other than 0.03, whatever was learned, and always finite', () => {
    const limit = fc.option(fc.double({ min: 0, max: 0.6, noNaN: true }))
    fc.assert(
      fc.property(fc.array(fc.tuple(limit, limit), { maxLength: 5 }), (pairs) => {
        const it = combineLimits(
          own,
          pairs.map(([full, dry]) => taught(full, dry)),
        )
        expect(it.fieldCapacity.v - it.wiltingPoint.v).toBeGreaterThanOrEqual(0.03 - 1e-9)
        for (const one of [it.fieldCapacity, it.wiltingPoint])
          expect(Number.isFinite(one.v + one.sd) && one.sd > 0).toBe(true)
      }),
    )
  })

  it('the learned limits of any sensor lie within its measurements', () => {
    const hour = fc.option(fc.double({ min: 0, max: 0.6, noNaN: true }), { freq: 20 })
    fc.assert(
      fc.property(fc.array(hour, { maxLength: 400 }), (hours) => {
        const learned = learnLimits(hours, 0.25)
        if (learned.fieldCapacity !== null) {
          const known = hours.filter((value) => value !== null)
          expect(learned.fieldCapacity).toBeLessThanOrEqual(Math.max(...known))
        }
        for (const value of Object.values(learned))
          expect(value === null || Number.isFinite(value)).toBe(true)
      }),
    )
  })
})
