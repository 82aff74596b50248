import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../broker/contract/time.ts'
import type { ForeignValue } from '../../../services/integrations/foreign-message.ts'
import {
  countFlow,
  countValues,
  newLitreTrack,
  type LitreTrack,
} from '../../../services/foreign-valves/valve-litres.ts'

const value = (quantity: string, number: number, more: Partial<ForeignValue> = {}): ForeignValue => ({
  quantity,
  depthCm: null,
  value: number,
  atMs: null,
  isGrowth: false,
  ...more,
})
const count = (track: LitreTrack, values: ForeignValue[], minutes: number, valve = 'V1') =>
  countValues(track, values, { valve, isOnly: valve === 'V1', monoMs: minutes * MINUTE_MS })

describe('the litres of a valve of another make', () => {
  it('of a flow that is reported once and does not change count for the whole run', () => {
    const { track, litres } = count(newLitreTrack, [value('water.flow', 12)], 0)
    expect(litres).toBe(0)
    expect(countFlow(track, 20 * MINUTE_MS).litres).toBeCloseTo(240)
    // no run is longer
    expect(countFlow(track, 90 * MINUTE_MS).litres).toBeCloseTo(360)
  })

  it('follow each change of the flow, and end with it', () => {
    const open = count(newLitreTrack, [value('water.flow', 10)], 0)
    const less = count(open.track, [value('water.flow', 4)], 5)
    expect(less.litres).toBeCloseTo(50)
    const shut = count(less.track, [value('water.flow', 0)], 10)
    expect(shut.litres).toBeCloseTo(20)
    expect(countFlow(shut.track, 30 * MINUTE_MS).litres).toBe(0)
  })

  it('of a counter are its growth; the first total, and one that begins again, give none', () => {
    const first = count(newLitreTrack, [value('water.total', 1_000)], 0)
    expect(first.litres).toBe(0)
    const second = count(first.track, [value('water.total', 1_080)], 5)
    expect(second.litres).toBe(80)
    const again = count(second.track, [value('water.total', 3)], 6)
    expect(again.litres).toBe(0)
    expect(count(again.track, [value('water.total', 5, { isGrowth: true })], 7).litres).toBe(5)
  })

  it('of two valves are kept apart; values of the past and without a meter give none', () => {
    expect(count(newLitreTrack, [value('water.flow/V1', 10)], 0, 'V2').litres).toBeNull()
    expect(count(newLitreTrack, [value('water.flow', 10, { atMs: 1 })], 0).litres).toBeNull()
    expect(count(newLitreTrack, [value('soil.moisture', 10)], 0).litres).toBeNull()
  })
})
