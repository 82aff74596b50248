import { describe, expect, it } from 'vitest'
import { fieldLineMm } from '../../../../services/plan/demand/field-demand.ts'
import { rainForecast, seasonRow, stateRow, tokyo, zoneRow } from '../farm.ts'

const line = (x: Partial<Parameters<typeof fieldLineMm>[0]> = {}) =>
  fieldLineMm({
    state: stateRow({ tawMm: 90, depletionMm: 40, depletionSdMm: 5 }),
    season: seasonRow({ plantedDay: '2026-05-20' }),
    texture: 'loam',
    zone: zoneRow(),
    forecast: rainForecast([0, 0, 0]),
    timeZone: tokyo,
    ...x,
  })

describe("a farm's refill line, by the same decision as npm run decide", () => {
  it('of soybean that grows lies about where FAO-56 has it: p = 0.5 of what the roots hold', () => {
    expect(line()!).toBeGreaterThan(0.3 * 90)
    expect(line()!).toBeLessThan(0.65 * 90)
  })

  it('a wider doubt lowers it', () => {
    const unsure = line({ state: stateRow({ tawMm: 90, depletionMm: 40, depletionSdMm: 20 }) })!
    expect(unsure).toBeLessThan(line()!)
  })

  it('rain that is forecast never lowers it', () => {
    expect(line({ forecast: rainForecast([25, 20, 10]) })!).toBeGreaterThanOrEqual(line()!)
  })

  it('days before harvest no water is worth it: the line is the whole of what the roots hold', () => {
    expect(line({ season: seasonRow({ plantedDay: '2026-02-26' }) })).toBe(90)
  })

  it('says nothing where it cannot: a crop of no table, a season that is over, no roots', () => {
    expect(line({ season: seasonRow({ crop: 'moon-cheese' }) })).toBeNull()
    expect(line({ season: seasonRow({ plantedDay: '2025-06-10' }) })).toBeNull()
    expect(line({ state: stateRow({ tawMm: null }) })).toBeNull()
  })
})
