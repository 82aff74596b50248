import { describe, expect, it } from 'vitest'
import { parseAck, parseState } from '../../../../broker/contract/messages.ts'
import { bench } from './device-bench.ts'

const online = (changes: Parameters<typeof bench>[0] = {}) => {
  const device = bench(changes)
  device.connect()
  return device
}

describe('a run', () => {
  it('a valve is written to flash before it is driven, the master first', () => {
    const device = online()
    device.forgetWords()
    device.open()
    expect(device.log()).toEqual(['flash', 'open M', 'open V1'])
    expect(device.flash()!.last).toEqual({ V1: 42 })
    expect(device.ack()).toMatchObject({ valve: 'V1', seq: 42, st: 'running', last: 42 })
  })

  it('a run of ten minutes closes after ten minutes, without a command', () => {
    const device = online()
    device.open({ durMs: 600_000 })
    device.pass(599_000, { leased: true, lpm: 60 })
    expect(device.isOpen()).toBe(true)
    device.pass(1_000, { leased: true, lpm: 60 })
    expect(device.isOpen()).toBe(false)
    expect(device.isOpen('M')).toBe(false)
    expect(device.ack()).toMatchObject({ seq: 42, st: 'done', why: 'timer', ranMs: 600_000 })
    expect(device.ack()!.litres).toBeCloseTo(600, 6)
  })

  it('a dose in litres closes the valve when the meter has counted it', () => {
    const device = online()
    device.open({ litres: 100 })
    device.pass(200_000, { leased: true, lpm: 60 })
    expect(device.ack()).toMatchObject({ st: 'done', why: 'litres' })
    expect(device.ack()!.litres).toBeCloseTo(100, 6)
  })

  it('two valves of one controller run concurrently, the master until the last has closed', () => {
    const device = online()
    device.open({ valve: 'V1', durMs: 60_000 })
    device.open({ valve: 'V2', seq: 7, durMs: 120_000 })
    device.pass(60_000, { leased: true, lpm: 120 })
    expect([device.isOpen('V1'), device.isOpen('V2'), device.isOpen('M')]).toEqual([false, true, true])
    device.pass(60_000, { leased: true, lpm: 60 })
    expect([device.isOpen('V2'), device.isOpen('M')]).toEqual([false, false])
  })

  it('a person at the device closes it', () => {
    const device = online()
    device.open()
    device.pass(30_000, { leased: true, lpm: 60 })
    device.step({ type: 'local-close' })
    expect(device.isOpen()).toBe(false)
    expect(device.ack()).toMatchObject({ st: 'aborted', why: 'local', ranMs: 30_000 })
  })
})

describe('the same order twice', () => {
  it('a repeated command opens the valve once', () => {
    const device = online()
    device.open()
    device.open()
    expect(device.ack()).toMatchObject({ st: 'running', seq: 42 })
    device.pass(600_000, { leased: true, lpm: 60 })
    device.open()
    expect(device.isOpen()).toBe(false)
    expect(device.ack()).toMatchObject({ st: 'dup', seq: 42, why: 'timer', ranMs: 600_000 })
  })

  it('a number that was refused for a fault cannot run later', () => {
    const device = online()
    device.pass(40_000, { lpm: 60 })
    expect(device.state()!.fault).toBe('leak')
    device.open()
    expect(device.ack()).toMatchObject({ st: 'rejected', why: 'interlock' })
    device.step({ type: 'clear-fault' })
    device.open()
    expect(device.isOpen()).toBe(false)
    expect(device.ack()).toMatchObject({ st: 'dup', why: 'interlock', ranMs: 0 })
    device.open({ seq: 43 })
    expect(device.isOpen()).toBe(true)
  })
})

describe('a command that must not be executed', () => {
  it.each([
    ['a retained one', {}, true, 'retained'],
    ['one with a wrong MAC', { mac: '0'.repeat(32) }, false, 'mac'],
    ['one of another session', { sess: 'b1.c0.zz' }, false, 'sess'],
    ['an expired one', { expMonoMs: 89_999 }, false, 'expired'],
    ['one without a heartbeat of this session', { n: 9_999 }, false, 'expired'],
    ['one longer than the cap', { durMs: 7_200_001 }, false, 'cap'],
    ['one for an unknown valve', { valve: 'V9' }, false, 'valve'],
  ])('%s is refused and nothing is driven', (_, changes, retained, why) => {
    const device = online()
    device.pass(90_000)
    device.forgetWords()
    device.open(changes, retained)
    expect(device.log().filter((line) => line.startsWith('open'))).toEqual([])
    expect(device.ack()).toMatchObject({ st: 'rejected', why })
  })

  it('a second run on an open valve is refused as busy, and its number is used up', () => {
    const device = online()
    device.open()
    device.open({ seq: 44 })
    expect(device.ack()).toMatchObject({ seq: 44, st: 'rejected', why: 'busy' })
    expect(device.flash()!.last['V1']).toBe(44)
  })

  it('a device that cannot write its flash refuses to open, and closes open valves', () => {
    const device = online()
    device.open({ valve: 'V2', seq: 5 })
    device.breakFlash()
    device.open()
    expect(device.isOpen('V1')).toBe(false)
    expect(device.isOpen('V2')).toBe(false)
    expect(device.acks().find(({ valve }) => valve === 'V1')).toMatchObject({ st: 'rejected', why: 'flash' })
    expect(device.state()!.fault).toBe('flash')
  })
})

describe('the lease', () => {
  it('without messages from the server the valve closes 120 s after the heartbeat of the opening', () => {
    const device = online()
    device.open()
    device.pass(119_000, { lpm: 60 })
    expect(device.isOpen()).toBe(true)
    device.pass(1_000, { lpm: 60 })
    expect(device.isOpen()).toBe(false)
    expect(device.ack()).toMatchObject({ st: 'aborted', why: 'lease', ranMs: 120_000 })
  })

  it('a late or repeated lease extends no further than its heartbeat allows', () => {
    const device = online()
    device.open()
    device.pass(10_000, { lpm: 60 })
    const n = device.heartbeat()!.n
    device.pass(100_000, { lpm: 60 })
    device.lease(n)
    device.lease(n)
    device.pass(20_000, { lpm: 60 })
    expect(device.isOpen()).toBe(false)
    expect(device.ack()!.ranMs).toBe(130_000)
  })

  it('a run continues through a short loss of the network, and the new session renews it', () => {
    const device = online()
    device.open()
    device.pass(20_000, { leased: true, lpm: 60 })
    device.step({ type: 'disconnected' })
    device.pass(60_000, { lpm: 60 })
    const old = device.heartbeat()!
    device.connect('bb')
    device.lease(old.n, old.sess)
    expect(device.isOpen()).toBe(true)
    expect(device.state()).toMatchObject({ sess: 'b1.c2.bb', valves: [{ pos: 'open', seq: 42 }, {}] })
    device.pass(500_000, { leased: true, lpm: 60 })
    expect(device.isOpen()).toBe(true)
    device.pass(20_000, { leased: true, lpm: 60 })
    expect(device.ack()).toMatchObject({ st: 'done', why: 'timer', ranMs: 600_000 })
  })

  it('a device that sleeps holds no lease: its duration is the bound', () => {
    const device = online({ kind: 'timed', capMs: 1_800_000, litresPerPulse: null })
    device.open({ n: 0 })
    device.step({ type: 'disconnected' })
    device.pass(599_000)
    expect(device.isOpen()).toBe(true)
    device.pass(1_000)
    expect(device.isOpen()).toBe(false)
  })
})

describe('closing always wins', () => {
  it('a close ends the run and makes its number and its own unusable', () => {
    const device = online()
    device.open()
    device.pass(60_000, { leased: true, lpm: 60 })
    device.close()
    expect(device.isOpen()).toBe(false)
    expect(device.acks().at(-2)).toMatchObject({ seq: 42, st: 'aborted', why: 'command', ranMs: 60_000 })
    expect(device.ack()).toMatchObject({ seq: 43, st: 'done', last: 43 })
    expect(device.ack()!.jr).toMatchObject([{ seq: 42, ranMs: 60_000 }])
  })

  it('a fence that overtakes its opening: the opening never runs, and that is on record', () => {
    const device = online()
    device.close()
    expect(device.ack()!.jr).toMatchObject([{ seq: 42, ranMs: 0, why: 'command' }])
    device.open()
    expect(device.isOpen()).toBe(false)
    expect(device.ack()).toMatchObject({ st: 'dup', ranMs: 0 })
  })

  it('the emergency stop closes everything, for any session, and uses no number', () => {
    const device = online()
    device.open()
    device.open({ valve: 'V2', seq: 9 })
    device.close({ valve: '*', force: true, seq: undefined, of: undefined, sess: 'an-old-one' })
    expect([device.isOpen('V1'), device.isOpen('V2'), device.isOpen('M')]).toEqual([false, false, false])
    expect(device.ack()).toMatchObject({ valve: '*', st: 'done', why: 'command' })
    expect(device.flash()!.last).toEqual({ V1: 42, V2: 9 })
  })

  it('an older close does not end a newer run', () => {
    const device = online()
    device.open({ seq: 44 })
    device.close({ seq: 43, of: 42 })
    expect(device.isOpen()).toBe(true)
  })
})

describe('power', () => {
  it('after a power cut every valve closes before the network starts, and nothing resumes', () => {
    const device = online()
    device.open({ litres: 500 })
    device.pass(100_000, { leased: true, lpm: 60 })
    device.forgetWords()
    device.powerCut()
    expect(device.log()).toEqual(['power cut', 'shut V1', 'shut V2', 'shut M', 'flash'])
    device.connect()
    // the most that can have run: the whole duration, the whole dose
    expect(device.state()!.jr).toEqual([{ valve: 'V1', seq: 42, ranMs: 600_000, litres: 500, why: 'power' }])
    device.open()
    expect(device.isOpen()).toBe(false)
    expect(device.ack()).toMatchObject({ st: 'dup', why: 'power' })
  })

  it('the journal stores every outcome until the server has stored it', () => {
    const device = online()
    device.open({ durMs: 60_000 })
    device.pass(60_000, { leased: true, lpm: 60 })
    device.powerCut()
    device.connect()
    expect(device.state()!.jr).toHaveLength(1)
    device.command({ op: 'journal-ack', sess: device.device().sess, entries: [{ valve: 'V1', seq: 42 }] })
    expect(device.state()!.jr).toEqual([])
    device.powerCut()
    expect(device.flash()!.journal).toEqual([])
  })
})

describe('flow', () => {
  it.each([
    ['no flow with a valve open', 0, 'no-flow'],
    ['three times the rated flow', 180, 'overflow'],
  ])('%s closes everything and stays latched until a person clears it', (_, lpm, fault) => {
    const device = online()
    device.open()
    device.pass(120_000, { leased: true, lpm })
    expect(device.isOpen()).toBe(false)
    expect(device.state()!.fault).toBe(fault)
    device.powerCut()
    device.connect()
    device.open({ seq: 50 })
    expect(device.ack()).toMatchObject({ st: 'rejected', why: 'interlock' })
  })

  it('a meter of one pulse in 10 L on a small drip line is no fault', () => {
    const device = online({ litresPerPulse: 10, valves: [{ id: 'V1', ratedLpm: 5 }] })
    device.open()
    for (let pulse = 0; pulse < 5; pulse++) {
      device.pass(120_000, { leased: true })
      device.step({ type: 'meter', litres: 10 })
    }
    expect(device.device().flash.fault).toBeNull()
    expect(device.ack()).toMatchObject({ st: 'done', why: 'timer' })
  })

  it('meters that are read minutes late, one after the other, are no fault', () => {
    const device = online()
    device.step({ type: 'config', config: { v: 1, version: 1, leaseMs: 3_600_000 } })
    device.lease()
    device.open({ litres: 590, durMs: 3_600_000 })
    device.open({ valve: 'V2', seq: 7, durMs: 3_600_000 })
    device.wait(600_000)
    // the dose of V1 is full with the first reading; the water of V2 flowed before that, not after it
    device.step({ type: 'meter', litres: 600, valve: 'V1' })
    device.step({ type: 'meter', litres: 600, valve: 'V2' })
    device.pass(120_000, { leased: true, lpm: 60 })
    expect(device.device().flash.fault).toBeNull()
  })

  it('twelve meters that are read together are judged together', () => {
    const ids = Array.from({ length: 12 }, (_, i) => `V${i + 1}`)
    const device = online({ valves: ids.map((id) => ({ id, ratedLpm: 60 })) })
    device.step({ type: 'config', config: { v: 1, version: 1, leaseMs: 3_600_000 } })
    device.lease()
    for (const valve of ids) device.open({ valve, seq: 7, durMs: 3_600_000 })
    device.wait(600_000)
    for (const valve of ids) device.step({ type: 'meter', litres: 600, valve })
    device.step({ type: 'tick' })
    expect(device.device().flash.fault).toBeNull()
    expect(ids.every((id) => device.isOpen(id))).toBe(true)
  })

  it('without a meter the litres are unknown, not zero', () => {
    const device = online({ litresPerPulse: null })
    device.open({ durMs: 60_000 })
    device.pass(60_000, { leased: true })
    expect(device.ack()).toMatchObject({ st: 'done', litres: null })
  })
})

describe('its messages', () => {
  it('a shorter interval applies from the moment it is set', () => {
    const device = online()
    device.step({
      type: 'config',
      config: { v: 1, version: 1, heartbeatIdleMs: 3_600_000, stateMs: 7_200_000 },
    })
    device.pass(600_000)
    device.forgetWords()
    device.step({ type: 'config', config: { v: 1, version: 2, heartbeatIdleMs: 10_000, stateMs: 60_000 } })
    device.pass(61_000)
    expect(device.state()).toBeDefined()
    expect(device.heartbeat()).toBeDefined()
  })

  it('every message fits the schema and 1 KiB, with a full journal too', () => {
    const device = online()
    for (let run = 0; run < 30; run++) {
      device.open({ seq: run + 1, durMs: 1_000 })
      device.pass(1_000, { leased: true, lpm: 60 })
    }
    for (const [message, parse] of [
      [device.ack(), parseAck],
      [device.state(), parseState],
    ] as const) {
      const text = JSON.stringify(message)
      expect(parse(text)).toMatchObject({ ok: true })
      expect(Buffer.byteLength(text)).toBeLessThan(1024)
    }
  })

  it('a heartbeat every 10 s, every 5 s while a valve is open, the state every 60 s', () => {
    const device = online()
    device.forgetWords()
    device.pass(60_000)
    expect(device.heartbeat()!.n).toBe(7)
    const before = device.heartbeat()!.n
    device.open()
    device.pass(60_000, { leased: true, lpm: 60 })
    expect(device.heartbeat()!.n - before).toBe(12)
  })
})
