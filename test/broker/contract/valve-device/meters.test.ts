/** A controller that reads several meters: each valve's run is reported with all of its own water. */
import { describe, expect, it } from 'vitest'
import { bench } from './device-bench.ts'

describe('two valves whose time ends at the same instant', () => {
  it('are each recorded with the water that their own meter counted last', () => {
    const device = bench({ master: null })
    device.connect()
    device.open({ valve: 'V1', durMs: 20_000 })
    device.open({ valve: 'V2', durMs: 20_000 })
    device.pass(15_000, { leased: true })
    device.wait(5_000)
    // 60 L/min for 20 s; the meters are read one after the other, before the clock is looked at
    device.step({ type: 'meter', litres: 20, valve: 'V1' })
    device.step({ type: 'meter', litres: 20, valve: 'V2' })
    device.step({ type: 'tick' })
    expect(device.isOpen('V1') || device.isOpen('V2')).toBe(false)
    expect(device.flash()!.journal).toMatchObject([
      { valve: 'V1', ranMs: 20_000, litres: 20, why: 'timer' },
      { valve: 'V2', ranMs: 20_000, litres: 20, why: 'timer' },
    ])
  })

  it('close by the reading of their own meter too, even without a timer', () => {
    const device = bench({ master: null })
    device.connect()
    device.open({ valve: 'V1', durMs: 20_000 })
    device.wait(20_000)
    device.step({ type: 'meter', litres: 20, valve: 'V1' })
    expect(device.isOpen('V1')).toBe(false)
  })
})
