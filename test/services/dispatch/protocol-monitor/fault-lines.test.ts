/** What the fault lines have found: each once, on a virtual clock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { standardTiming } from '../../../../broker/contract/command-lifecycle/timing.ts'
import { delivery, topicOf } from '../../../../broker/contract/topics.ts'
import {
  newObservedState,
  type ObservedState,
} from '../../../../services/dispatch/protocol-monitor/observed-state.ts'
import { observeDevice } from '../../../../services/dispatch/protocol-monitor/watch-device.ts'
import { startFarm, type Farm } from '../farm.ts'
import { CONTROLLER, ORG } from '../farm-rows.ts'

const MINUTE = 60_000

describe('findings of the fault runs', () => {
  let farm: Farm
  beforeEach(async () => void (farm = await startFarm()))
  afterEach(() => farm.stop())

  it('F2, I8: heartbeats of a session whose state was lost make no older position current', async () => {
    await farm.controller.connect()
    await farm.pass(MINUTE)
    await farm.controller.unplug()
    const saidLastMs = farm.clock.now()
    await farm.pass(2 * MINUTE)
    const heartbeat = { sess: 'b1.c9.lost', n: 1, monoMs: 200_000 }
    await farm.bus.publish(
      topicOf(ORG, CONTROLLER, 'heartbeat'),
      JSON.stringify(heartbeat),
      delivery.heartbeat,
    )
    await farm.pass(MINUTE)
    const [row] = await farm.state.selectFrom('valveState').select('heartbeatAtMs').execute()
    expect(row!.heartbeatAtMs).toBeLessThanOrEqual(saidLastMs)
  })

  it('F2, I8: a heartbeat that waited in a queue makes no position current that is as old as itself', async () => {
    const say = (kind: 'state' | 'heartbeat', message: object) =>
      farm.bus.publish(topicOf(ORG, CONTROLLER, kind), JSON.stringify(message), {
        ...delivery[kind],
        retain: false,
      })
    const sess = 'b1.c1.own'
    const beginMs = farm.clock.now()
    await say('state', {
      v: 1,
      sess,
      sv: 1,
      monoMs: 1_000,
      last: { V1: 0 },
      jr: [],
      capMs: 7_200_000,
      fw: 'x',
      utcOk: true,
      valves: [{ id: 'V1', pos: 'closed', fb: null, seq: 0, ranMs: 0, why: 'boot' }],
    })
    await say('heartbeat', { sess, n: 1, monoMs: 1_000 })
    await farm.pass(MINUTE)
    await say('heartbeat', { sess, n: 2, monoMs: 12_000 })
    await farm.pass(MINUTE)
    const row = () =>
      farm.state.selectFrom('valveState').select(['pos', 'heartbeatAtMs']).executeTakeFirstOrThrow()
    expect((await row()).pos).toBe('closed')
    expect((await row()).heartbeatAtMs! - beginMs).toBeGreaterThan(9_000)
    expect((await row()).heartbeatAtMs! - beginMs).toBeLessThan(12_000)
    await say('heartbeat', { sess, n: 3, monoMs: 121_000 })
    await farm.pass(MINUTE)
    expect((await row()).heartbeatAtMs! - beginMs).toBeGreaterThanOrEqual(119_000)
  })

  it('F13, I6: the rest of a run that ran on after the backup is not watered again', async () => {
    await farm.controller.connect()
    await farm.addRun({ minutes: 10 })
    await farm.pass(2 * MINUTE)
    await farm.controller.unplug() // its lease ends, and with it the first opening
    await farm.pass(4 * MINUTE)
    // the backup: the first opening is over, the second not yet ordered
    const backup = await farm.state.selectFrom('run').selectAll().executeTakeFirstOrThrow()
    await farm.controller.connect()
    await farm.pass(11 * MINUTE)
    const ranMs = farm.controller.openMs()
    expect(farm.controller.device().flash.last['V1']).toBe(2)
    expect(Math.abs(ranMs - 10 * MINUTE)).toBeLessThanOrEqual(1_000)
    await farm.stopDispatch()
    await farm.state.deleteFrom('irrigation').execute()
    await farm.state.deleteFrom('command').where('seq', '>', 1).execute()
    await farm.state.updateTable('run').set({ state: 'running', endReason: null }).execute()
    await farm.startDispatch()
    await farm.pass(11 * MINUTE)
    expect(backup.state).toBe('running')
    expect(farm.controller.openMs()).toBe(ranMs)
    expect(await farm.run()).toMatchObject({ state: 'failed', endReason: 'sequence-mismatch' })
  })
})

it('F4, I1: a state overtaken by the report of its end is no second opening; one after that is', () => {
  const state = (sv: number) => ({
    v: 1 as const,
    sess: 's1',
    sv,
    monoMs: 30_000,
    last: { V1: 5 },
    jr: [],
    capMs: 7_200_000,
    fw: 'x',
    utcOk: false,
    valves: [{ id: 'V1', pos: 'open' as const, fb: null, seq: 5, ranMs: 9_000, why: 'open' }],
  })
  const see = (before: ObservedState, sv: number) =>
    observeDevice(
      before,
      { type: 'state', state: state(sv), atMs: 1_030_000, isOrdered: () => true },
      [],
      standardTiming,
    )
  const ack = {
    sess: 's1',
    valve: 'V1',
    seq: 5,
    st: 'done' as const,
    why: 'timer' as const,
    ranMs: 9_500,
    last: 5,
    jr: [],
    sv: 8,
  }
  const known: ObservedState = { ...newObservedState(), sess: 's1', sv: 7 }
  const ended = observeDevice(known, { type: 'ack', ack }, [], standardTiming).observed
  expect(see(ended, 8).violations).toEqual([])
  expect(see(ended, 9).violations).toMatchObject([{ rule: 'I1', seq: 5 }])
})

it.each([
  ['of a new session, whose hello comes after it', { sess: 's2' }, 's2'],
  [
    'in the ack of another valve',
    { valve: 'V2', seq: 3, jr: [{ valve: 'V1', seq: 5, ranMs: 9_500, why: 'timer' }] },
    's1',
  ],
] as const)(
  'F4, I1: no message as old as an end %s, is a second opening; a later one is',
  (_, changes, sess) => {
    const end = {
      sess: 's1',
      valve: 'V1',
      seq: 5,
      st: 'done' as const,
      why: 'timer' as const,
      ranMs: 9_500,
      last: 5,
      jr: [],
      sv: 8,
      ...changes,
    }
    const known: ObservedState = { ...newObservedState(), sess: 's1', sv: 6, monoMs: 10_000 }
    const ended = observeDevice(
      known,
      { type: 'ack', ack: { ...end, jr: [...end.jr] } },
      [],
      standardTiming,
    ).observed
    const state = (sv: number) => ({
      v: 1 as const,
      sess,
      sv,
      monoMs: 30_000,
      last: { V1: 5 },
      jr: [],
      capMs: 7_200_000,
      fw: 'x',
      utcOk: false,
      valves: [{ id: 'V1', pos: 'open' as const, fb: null, seq: 5, ranMs: 9_000, why: 'open' }],
    })
    const seeState = (before: ObservedState, sv: number) =>
      observeDevice(
        before,
        { type: 'state', state: state(sv), atMs: 1, isOrdered: () => true },
        [],
        standardTiming,
      )
    const seeRunning = (before: ObservedState, sv: number) => {
      const ack = { sess, valve: 'V1', seq: 5, st: 'running' as const, ranMs: 0, last: 5, jr: [], sv }
      return observeDevice(before, { type: 'ack', ack }, [], standardTiming)
    }
    const late = seeState(ended, 7)
    expect(late.violations).toEqual([])
    expect(seeRunning(late.observed, 7).violations).toEqual([])
    expect(seeState(ended, 9).violations).toMatchObject([{ rule: 'I1', seq: 5 }])
    expect(seeRunning(late.observed, 9).violations).toMatchObject([{ rule: 'I1', seq: 5 }])
  },
)

it('F4, I8: a bound from a fast response, shown with a late state, is not early; a real one is found', () => {
  const state = (monoMs: number) => ({
    v: 1 as const,
    sess: 's1',
    sv: 7,
    monoMs,
    last: { V1: 5 },
    jr: [],
    capMs: 7_200_000,
    fw: 'x',
    utcOk: false,
    valves: [{ id: 'V1', pos: 'open' as const, fb: null, seq: 5, ranMs: monoMs - 10_000, why: 'open' }],
  })
  const see = (before: ObservedState, monoMs: number, lateMs: number) =>
    observeDevice(
      before,
      { type: 'state', state: state(monoMs), atMs: 1_000_000 + monoMs + lateMs, isOrdered: () => true },
      [],
      standardTiming,
    )
  // it runs from 10 s to 70 s of the device's clock; the first word of the session is 6 s late
  const known: ObservedState = { ...newObservedState(), sess: 's1', monoMs: 5_000, offsetMs: Infinity }
  const late = see(known, 12_000, 6_000).observed
  const word = { type: 'shown' as const, valve: 'V1', seq: 5, boundMs: 1_070_000 }
  const shown = observeDevice(late, word, [], standardTiming).observed
  expect(see(shown, 69_000, 100).violations).toEqual([])
  expect(see(shown, 73_000, 100).violations).toMatchObject([{ rule: 'I8' }])
})
