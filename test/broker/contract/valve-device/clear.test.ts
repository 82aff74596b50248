/** A latched fault, cleared by a person who is not at the device. */
import { describe, expect, it } from 'vitest'
import { TIMED_CAP_MS } from '../../../../broker/contract/valve-device/device.ts'
import { bench } from './device-bench.ts'

/** A controller that has found a valve without flow. */
function faulty(device = bench()) {
  device.connect()
  device.open()
  device.pass(120_000, { leased: true, lpm: 0 })
  expect(device.state()).toMatchObject({ fault: 'no-flow', faultNo: 1 })
  return device
}
const clear = (device: ReturnType<typeof bench>, of: number, changes: object = {}, retained = false) =>
  device.command({ op: 'clear', of, sess: device.device().sess, ...changes }, retained)

describe('clearing a fault from afar', () => {
  it('the fault that the person saw is cleared, reported at once, and valves open again', () => {
    const device = faulty()
    clear(device, 1)
    expect(device.ack()).toMatchObject({ valve: '*', seq: 1, st: 'done' })
    expect(device.state()!.fault).toBeNull()
    device.open({ seq: 50 })
    expect(device.isOpen()).toBe(true)
  })

  it('it is cleared in flash: a power cut does not bring it back', () => {
    const device = faulty()
    clear(device, 1)
    device.powerCut()
    device.connect()
    expect(device.state()).toMatchObject({ fault: null, faultNo: 1 })
  })

  it('a fault that persists latches again, and a late copy of the clear clears no later fault', () => {
    const device = faulty()
    clear(device, 1)
    device.open({ seq: 50 })
    device.pass(120_000, { leased: true, lpm: 0 })
    expect(device.state()).toMatchObject({ fault: 'no-flow', faultNo: 2 })
    clear(device, 1)
    expect(device.ack()).toMatchObject({ st: 'dup' })
    device.pass(60_000)
    expect(device.state()!.fault).toBe('no-flow')
  })

  it.each([
    ['a wrong MAC', 1, { mac: '0'.repeat(32) }, false, 'mac'],
    ['another session', 1, { sess: 'b0.c9.x' }, false, 'sess'],
    ['a fault that has not happened yet', 2, {}, false, 'seq'],
    ['a retained message', 1, {}, true, 'retained'],
  ])('%s clears nothing', (_, of, changes, retained, why) => {
    const device = faulty()
    clear(device, of, changes, retained)
    expect(device.ack()).toMatchObject({ st: 'rejected', why })
    device.open({ seq: 50 })
    expect(device.ack()).toMatchObject({ st: 'rejected', why: 'interlock' })
  })

  it('a fault that was counted before a power cut keeps its number', () => {
    const device = faulty()
    device.powerCut()
    device.connect()
    expect(device.state()).toMatchObject({ fault: 'no-flow', faultNo: 1 })
    clear(device, 1)
    expect(device.state()!.fault).toBeNull()
  })
})

describe('a controller of class timed', () => {
  it('runs 30 minutes at most, for any build or configuration', () => {
    const device = bench({ kind: 'timed', capMs: 7_200_000 })
    device.connect()
    device.step({ type: 'config', config: { v: 1, version: 1, capMs: 7_200_000 } })
    expect(device.state()).toMatchObject({ class: 'timed', capMs: TIMED_CAP_MS })
    device.open({ durMs: TIMED_CAP_MS + 1_000 })
    expect(device.ack()).toMatchObject({ st: 'rejected', why: 'cap' })
  })

  it('is closed by its duration without any lease', () => {
    const device = bench({ kind: 'timed' })
    device.connect()
    device.open({ durMs: 600_000 })
    device.pass(599_000, { lpm: 60 })
    expect(device.isOpen()).toBe(true)
    device.pass(2_000, { lpm: 60 })
    expect(device.isOpen()).toBe(false)
  })
})
