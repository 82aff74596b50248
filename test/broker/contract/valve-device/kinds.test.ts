/** Outputs through which no water flows: a siren, a fan, a puffer, next to the valves of one controller. */
import { describe, expect, it } from 'vitest'
import { parseState } from '../../../../broker/contract/messages.ts'
import { bench } from './device-bench.ts'

const valves = [
  { id: 'V1', ratedLpm: 60 },
  { id: 'S1', ratedLpm: null, kind: 'siren' },
]
const withSiren = () => {
  const device = bench({ valves })
  device.connect()
  return device
}

describe('a siren on a controller of valves', () => {
  it('sounds for its time, and opens no main valve', () => {
    const device = withSiren()
    device.open({ valve: 'S1', durMs: 60_000 })
    expect([device.isOpen('S1'), device.isOpen('M')]).toEqual([true, false])
    device.pass(60_000, { leased: true })
    expect(device.isOpen('S1')).toBe(false)
    expect(device.flash()!.journal).toMatchObject([{ valve: 'S1', ranMs: 60_000, why: 'timer' }])
  })

  it('leaves the main valve to the water: open while any valve is, and closed with the last one', () => {
    const device = withSiren()
    device.open({ valve: 'S1', durMs: 90_000 })
    device.open({ valve: 'V1', durMs: 20_000 })
    expect(device.isOpen('M')).toBe(true)
    device.pass(20_000, { leased: true })
    expect([device.isOpen('V1'), device.isOpen('M'), device.isOpen('S1')]).toEqual([false, false, true])
  })

  it('explains no flow: water that flows while only it sounds is a leak', () => {
    const device = withSiren()
    device.open({ valve: 'S1', durMs: 300_000 })
    device.pass(10_000, { leased: true })
    device.step({ type: 'meter', litres: 40 })
    device.pass(30_000, { leased: true })
    expect(device.flash()!.fault).toBe('leak')
    expect(device.isOpen('S1')).toBe(false)
  })

  it('is reported with its kind, and a valve without one', () => {
    const device = withSiren()
    const told = device.state()!
    expect(told.valves.map(({ id, kind }) => [id, kind])).toEqual([
      ['V1', undefined],
      ['S1', 'siren'],
    ])
    expect(parseState(Buffer.from(JSON.stringify(told))).ok).toBe(true)
    expect(JSON.stringify(told).length).toBeLessThan(1024)
  })
})
