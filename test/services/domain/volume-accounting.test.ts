/** The volume that a water record counts against the shares of a zone, a pump and a main: unknown is not 0. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import { accountedLitres, type AccountedRecord } from '../../../services/domain/volume-accounting.ts'

// 100 L/min; its runs are 60 minutes at most, and 20 mm deep: 6,000 L and 20,000 L
const zone = { areaM2: 1000, applicationRateMmH: 6, maxDepthMm: 20, maxMinutes: 60 }
const litres = (record: Partial<AccountedRecord>, set: Partial<typeof zone> = {}) =>
  accountedLitres({ litres: null, ranMs: 0, cause: 'balance', ...record }, { ...zone, ...set })

describe('water with litres that are', () => {
  it('known counts as recorded, also none', () => {
    expect(litres({ litres: 53, ranMs: 10 * MINUTE_MS })).toBe(53)
    expect(litres({ litres: 0, cause: 'manual-entry' })).toBe(0)
  })

  it('unknown counts as the time that the valve can have been open, at the rate of the zone', () => {
    expect(litres({ ranMs: 10 * MINUTE_MS })).toBe(1000)
    expect(litres({ ranMs: 90 * MINUTE_MS })).toBe(9000)
    expect(litres({ ranMs: 10 * MINUTE_MS, cause: 'manual-entry' })).toBe(1000)
  })

  it('unknown, with an unknown duration too, counts as the largest run of the zone', () => {
    expect(litres({ cause: 'manual-entry' })).toBe(6000)
    expect(litres({ cause: 'manual-entry' }, { maxDepthMm: 5 })).toBe(5000)
  })

  it('unknown, with an unknown rate of the zone too, counts as its deepest run, whatever duration is reported', () => {
    const noRate = { applicationRateMmH: 0 }
    expect(litres({ cause: 'manual-entry' }, noRate)).toBe(20_000)
    expect(litres({ cause: 'manual-entry', ranMs: 10 * MINUTE_MS }, noRate)).toBe(20_000)
    expect(litres({ ranMs: 10 * MINUTE_MS }, noRate)).toBe(20_000)
  })

  it('unknown of a valve that never opened is none', () => expect(litres({})).toBe(0))
})
