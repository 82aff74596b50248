/** One foreign valve: each answer in time, late, twice, lost and wrong. */
import { describe, expect, it } from 'vitest'
import { attacks } from './attacks.ts'
import {
  esphome,
  giex,
  JC,
  jc,
  openSprinkler,
  openSprinklerMqtt,
  RESULT,
  runningSwv,
  runningTasmota,
  shelly,
  swv,
  tasmota,
  uc511,
  UP,
  Z2M,
} from './bench-valves.ts'
import { MINUTE_MS, ours } from './valve-bench.ts'
import { valves } from './valves.ts'

describe('it never happens that', () => {
  it.each(Object.entries(attacks))('%s, and it does harm', (_, attack) => expect(attack(ours)).toBeNull())
})

describe('a run', () => {
  it('is open when the valve says so, and closed by itself with proof P2', () => {
    const bench = swv().open(5)
    expect(bench.take()).toEqual([`OPEN ${Z2M}/set {"state":"ON","on_time":300}`])
    expect(bench.reports).toEqual([])
    bench.receive(Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 300 } })
    expect(bench.reports).toEqual([{ is: 'opened', seq: 1, durMs: 300_000 }])
    bench
      .pass(5 * MINUTE_MS)
      .close('timer')
      .pass(1_000)
      .receive(Z2M, { state: 'OFF' })
    expect(bench.reported('closed')).toEqual([
      { is: 'closed', seq: 1, proof: 'P2', by: 'itself', ranMs: 301_000 },
    ])
    expect(bench.sent.filter((text) => text.includes('OFF'))).toEqual([])
  })
  it('is granted whole steps', () => {
    const bench = giex(undefined, { hasMeter: true }).open(5.009)
    expect(bench.sent.at(-1)).toContain('"irrigation_target":300')
  })
  it('that is too short or too long is refused by name', () => {
    const bench = tasmota().open(0.1).open(31)
    expect(bench.reported('not-opened').map(({ params }) => params.plan)).toEqual([
      'VALVE_RUN_TOO_SHORT',
      'VALVE_RUN_TOO_LONG',
    ])
    expect(bench.sent).toEqual([])
  })
  it('closed by a command has proof P1 once the valve answers, and its command asks for nothing at the end', () => {
    const bench = runningTasmota().pass(MINUTE_MS).close()
    expect(bench.take()).toEqual(['cmnd/pump_house/Power2 OFF'])
    bench.receive(RESULT, { POWER2: 'OFF' })
    expect(bench.reported('closed')).toEqual([
      { is: 'closed', seq: 1, proof: 'P1', by: 'command', ranMs: MINUTE_MS },
    ])
    expect(bench.valve.phase).toBe('idle')
  })
  it('is closed with proof P3 by a meter at 0 for 60 s, though the valve says nothing', () => {
    const bench = runningSwv(undefined, { hasMeter: true })
    bench.on({ type: 'flow', litresPerMinute: 12 }).close()
    for (let s = 0; s <= 60; s += 10) bench.on({ type: 'flow', litresPerMinute: 0 }).pass(10_000)
    expect(bench.reported('closed')).toMatchObject([{ proof: 'P3' }])
  })
  it('of a weak make ends by its meter, not by its word', () => {
    const bench = giex(undefined, { hasMeter: true }).open(5)
    bench.receive(Z2M, { mode: 'duration', irrigation_target: 300 }).receive(Z2M, { state: 'ON' })
    bench.pass(5 * MINUTE_MS).receive(Z2M, { state: 'OFF' })
    expect(bench.reported('closed')).toEqual([])
    for (let s = 0; s <= 60; s += 10) bench.on({ type: 'flow', litresPerMinute: 0 }).pass(10_000)
    expect(bench.reported('closed')).toMatchObject([{ proof: 'P3' }])
  })
  it('of a weak make without a meter is by hand, or behind a second valve', () => {
    expect(giex().open(5).reported('not-opened')).toMatchObject([{ code: 'NEEDS_METER' }])
    expect(giex().open(5, { isByHand: true }).valve.phase).toBe('preparing')
    expect(giex(undefined, { hasSecondValve: true }).open(5).valve.phase).toBe('preparing')
  })
})

describe('an answer', () => {
  it('that is late: the valve is asked, and runs on when it says that it is open', () => {
    const bench = swv().open(5)
    bench.take()
    bench.pass(15_000)
    expect(bench.take()).toEqual([`${Z2M}/get {"state":""}`, `${Z2M}/get {"cyclic_timed_irrigation":""}`])
    bench.receive(Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 300 } })
    expect(bench.valve.phase).toBe('running')
    expect(bench.opens).toEqual([])
  })
  it('that is lost: asked once, then closed each 5 s until it is proved', () => {
    const bench = swv().open(5)
    bench.take()
    bench.pass(20_000)
    expect(bench.take().at(-1)).toBe(`${Z2M}/set {"state":"OFF"}`)
    bench.pass(5_000).receive(Z2M, { state: 'OFF' })
    expect(bench.reported('closed')).toEqual([
      { is: 'closed', seq: 1, proof: 'P1', by: 'command', ranMs: 25_000 },
    ])
  })
  it('that comes twice opens, reports and closes once', () => {
    const bench = runningSwv()
    bench.receive(Z2M, { state: 'ON' }).receive(Z2M, { state: 'OFF' }).receive(Z2M, { state: 'OFF' })
    expect(bench.reported('opened')).toHaveLength(1)
    expect(bench.reported('closed')).toHaveLength(1)
    expect(bench.reported('unordered')).toHaveLength(0)
  })
  it('that others got: the valve was open already, so it is closed (Shelly was_on)', () => {
    const bench = shelly().open(5)
    const reply = `${valves.shelly.id}/tilth/rpc`
    bench.receive(reply, { id: bench.valve.requestId, result: { was_on: true } })
    expect(bench.sent.at(-1)).toContain('"on":false')
    bench.receive(reply, { id: bench.valve.requestId, result: { was_on: true } })
    expect(bench.reported('closed')).toMatchObject([{ proof: 'P1' }])
  })
  it('of an earlier request proves nothing of this one', () => {
    const bench = shelly().open(5)
    bench.receive(`${valves.shelly.id}/tilth/rpc`, {
      id: bench.valve.requestId + 5,
      result: { was_on: false },
    })
    expect(bench.reported('opened')).toEqual([])
  })
  it('that refuses ends the run without water (OpenSprinkler result 48)', () => {
    const bench = openSprinkler().open(5).answer(JC, jc(false))
    bench.answer(bench.opens[0]!.slice(5), { result: 48 })
    expect(bench.reported('not-opened')).toMatchObject([{ code: 'REJECTED' }])
    expect(bench.sent.at(-1)).toBe(JC)
  })
  it('that fails to come over HTTP is asked for, not sent again', () => {
    const bench = openSprinkler().open(5).answer(JC, jc(false))
    bench.answer(bench.opens[0]!.slice(5), null).pass(4_000)
    bench.pass(2_000).answer(JC, jc(true))
    expect(bench.opens).toHaveLength(1)
    expect(bench.reported('opened')).toHaveLength(1)
  })
  it('of a duration from before the run, repeated by the gateway, is no other duration', () => {
    const bench = runningSwv()
    bench.receive(Z2M, { state: 'OFF', cyclic_timed_irrigation: { irrigation_duration: 300 } })
    bench.open(10).receive(Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 300 } })
    expect(bench.valve.lock).toBeNull()
    bench.pass(2_000).receive(Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 600 } })
    bench.pass(MINUTE_MS)
    expect([bench.valve.lock, bench.valve.phase]).toEqual([null, 'running'])
  })
})

describe('a valve', () => {
  it('that is locked opens when a person has unlocked it', () => {
    const bench = swv()
      .open(5)
      .receive(Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 3000 } })
    bench.receive(Z2M, { state: 'OFF' }).open(5)
    expect(bench.reported('not-opened')).toMatchObject([{ code: 'LOCKED' }])
    bench.on({ type: 'unlocked' }).open(5)
    expect(bench.opens).toHaveLength(2)
  })
  it('opened by others within a known bound is left and counted', () => {
    const bench = tasmota()
      .receive(RESULT, { POWER2: 'ON' })
      .pass(MINUTE_MS)
      .receive(RESULT, { POWER2: 'OFF' })
    expect(bench.reports).toEqual([
      { is: 'unordered', isClosing: false },
      { is: 'closed', seq: null, proof: 'P2', by: 'itself', ranMs: MINUTE_MS },
    ])
    expect(bench.sent).toEqual([])
  })
  it('without its setup has no known bound: closed at once', () => {
    const bench = tasmota(undefined, { isSetUp: false }).receive(RESULT, { POWER2: 'ON' })
    expect(bench.take()).toEqual(['cmnd/pump_house/Power2 OFF'])
  })
  it('whose open comes after it was given up is closed at once', () => {
    const bench = tasmota()
      .open(5)
      .receive(RESULT, { PulseTime2: { Set: 400 } })
      .pass(10_000)
    bench.receive(RESULT, { POWER2: 'OFF' })
    expect(bench.reported('closed')).toHaveLength(1)
    bench.take()
    bench.pass(30_000).receive(RESULT, { POWER2: 'ON' })
    expect(bench.take()).toEqual(['cmnd/pump_house/Power2 OFF'])
  })
  it('that answers again after a person was notified is closed as soon as the connection is back', () => {
    const bench = runningTasmota()
      .down()
      .close()
      .pass(10 * MINUTE_MS)
    expect(bench.reported('unproved')).toHaveLength(1)
    expect(bench.take()).toEqual([])
    expect(bench.up().take()).toEqual(['cmnd/pump_house/Power2 OFF'])
  })
  it('is stopped by a person though nobody has opened it: until it is proved', () => {
    const bench = tasmota().close()
    expect(bench.take()).toEqual(['cmnd/pump_house/Power2 OFF'])
    bench.pass(3 * MINUTE_MS)
    expect(bench.reported('unproved')).toHaveLength(1)
    bench.receive(RESULT, { POWER2: 'OFF' })
    expect(bench.reported('closed')).toMatchObject([{ seq: null, proof: 'P1' }])
  })
  it('that can be asked nothing ends by time alone, P0, when its broker keeps OFF (ESPHome)', () => {
    const bench = esphome().open(5).receive('garden/number/south_run_duration/state', '300')
    bench
      .receive('garden/switch/south/state', 'ON')
      .restart()
      .up()
      .receive('garden/switch/south/state', 'OFF', true)
    bench.pass(5 * MINUTE_MS)
    expect(bench.reported('closed')).toEqual([])
    bench.pass(2 * MINUTE_MS)
    expect(bench.reported('closed')).toMatchObject([{ proof: 'P0', by: 'time' }])
    expect(bench.reported('unproved')).toHaveLength(1)
  })
  it('of OpenSprinkler by MQTT gets no close while it may be idle', () => {
    const bench = openSprinklerMqtt().open(5)
    bench.take()
    bench.pass(4 * MINUTE_MS)
    expect(bench.take()).toEqual([])
    bench.pass(3 * MINUTE_MS)
    expect(bench.reported('closed')).toMatchObject([{ proof: 'P0' }])
    bench.open(5).receive('os/station/10', { state: 1, duration: 300 }).close()
    expect(bench.sent.at(-1)).toContain('&en=0')
    bench.receive('os/station/10', { state: 0, duration: 60 })
    expect(bench.reported('closed').at(-1)).toMatchObject({ proof: 'P1' })
  })
  it('that sleeps gets its order at its uplink, runs by its echo, and is late only after two more', () => {
    const bench = uc511().open(5)
    expect(bench.take()).toHaveLength(1)
    bench.pass(9 * MINUTE_MS).receive(UP, { object: { valve_2: 'close' } })
    expect(bench.valve.phase).toBe('opening')
    const echo = Buffer.from('fe1da1012c010000000000', 'hex').toString('base64')
    bench.pass(1_000).receive(UP, { data: echo })
    expect(bench.reported('opened')).toHaveLength(1)
    bench.pass(25 * MINUTE_MS)
    expect(bench.take()).toEqual([])
    bench.receive(UP, { object: { valve_2: 'close' } })
    expect(bench.reported('closed')).toMatchObject([{ proof: 'P2' }])
  })
  it('of older hardware is not opened: its layout is unconfirmed', () => {
    const bench = uc511()
      .receive(UP, { object: { hardware_version: 'v3.1' } })
      .open(5)
    expect(bench.reported('not-opened')).toMatchObject([{ code: 'REQUIREMENT_UNMET' }])
  })
  it('keeps what the device said of itself over a lost connection, and asks the gateway again', () => {
    expect(uc511().down().up().open(5).opens).toHaveLength(1)
    expect(swv().down().up().open(5).reported('not-opened')).toMatchObject([{ code: 'REQUIREMENT_UNKNOWN' }])
  })
  it('is tested by a person before anything else opens it', () => {
    const bench = swv(undefined, undefined, { testedProof: null })
    bench.open(1, { isByHand: true, isTest: true })
    expect(bench.opens).toHaveLength(1)
  })
})
