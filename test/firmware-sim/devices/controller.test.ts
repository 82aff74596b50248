import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withMac } from '../../../broker/contract/mac.ts'
import { parseAck, parseHeartbeat, parseState } from '../../../broker/contract/messages.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../broker/contract/time.ts'
import { topicOf } from '../../../broker/contract/topics.ts'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import {
  startController,
  type Controller,
  type ControllerOptions,
} from '../../../firmware-sim/devices/controller.ts'
import type { World } from '../../../firmware-sim/world.ts'
import { midnight, soybeanOnLoam, worldFrom } from '../places.ts'
import { startWire, type Wire } from '../wire.ts'

const start = midnight('2026-07-06')
const key = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
const south = { ...soybeanOnLoam, id: 'south-1', areaM2: 500 }

let wire: Wire
let clock: VirtualClock
let world: World
let controller: Controller
let seq = 0

beforeEach(async () => {
  wire = await startWire()
  clock = virtualClock(start)
  world = worldFrom('2026-07-06', [soybeanOnLoam, south])
  seq = 0
})
afterEach(async () => {
  await controller.stop()
  await wire.close()
})

const valves = [
  { id: 'V1', field: 'north-3', ratedLpm: 100 },
  { id: 'V2', field: 'south-1', ratedLpm: 60 },
]

async function begin(own: Partial<ControllerOptions> = {}): Promise<void> {
  controller = await startController({
    credentials: { org: 'hills', id: 'ctl-1', secret: 'a secret', commandKey: key },
    url: wire.url,
    clock,
    world,
    seed: 'test',
    valves,
    ...own,
  })
  clock.onSettle(settle)
}

let said = 0
let answered = 0
let lost = 0
/** Time does not move until server and device have received every message of each other. */
async function settle(): Promise<void> {
  await controller.settled()
  while (overheard() + lost < controller.sent() || answered > controller.received())
    await new Promise((resolve) => setImmediate(resolve))
  await controller.settled()
}

/** Messages of the device itself, without its will. */
const overheard = () => wire.countOf('ctl-1')

/** What was said into a dead line is not waited for. */
function forgiveLosses(): void {
  lost = controller.sent() - overheard()
  answered = controller.received()
}

const latest = (kind: 'state' | 'heartbeat') => wire.of('ctl-1', kind).at(-1)

/** A server that renews the lease with every heartbeat. */
function renewLeases(): void {
  wire.on(({ kind, message }) => {
    if (kind !== 'heartbeat') return
    answered++
    void wire.say(topicOf('hills', 'ctl-1', 'lease'), withMac(key, { sess: message.sess, n: message.n }))
  })
}

async function command(message: object): Promise<void> {
  answered++
  await wire.say(topicOf('hills', 'ctl-1', 'command'), message)
  await settle()
}

async function open(valve: string, durMs: number, own: object = {}): Promise<void> {
  const heartbeat = await wire.when(({ kind }) => kind === 'heartbeat').then(() => latest('heartbeat'))
  const { sess, n, monoMs } = heartbeat
  const plain = { op: 'open' as const, id: `order-00${++said}`, valve, seq: ++seq, durMs, sess, n }
  await command(withMac(key, { ...plain, expMonoMs: monoMs + MINUTE_MS, ...own }))
}

const ack = (valve: string, st: string) =>
  wire.when(({ kind, message }) => kind === 'ack' && message.valve === valve && message.st === st)

beforeEach(() => {
  said = answered = lost = 0
})

describe('a controller on the wire', () => {
  it('sends hello with every valve closed, then a heartbeat every 10 s, in messages that the contract accepts', async () => {
    await begin()
    const hello = await wire.when(({ kind }) => kind === 'state')
    expect(hello.message.valves).toMatchObject([
      { id: 'V1', pos: 'closed' },
      { id: 'V2', pos: 'closed' },
    ])
    const online = await wire.when(({ kind }) => kind === 'online')
    expect(hello.message.sess).toBe(online.message.sess)
    await clock.advanceTo(start + MINUTE_MS)
    await wire.when(({ kind, message }) => kind === 'heartbeat' && message.monoMs === MINUTE_MS)
    expect(wire.of('ctl-1', 'heartbeat').map(({ monoMs }) => monoMs)).toEqual(
      [0, 10, 20, 30, 40, 50, 60].map((s) => s * SECOND_MS),
    )
    expect(parseState(JSON.stringify(latest('state'))).ok).toBe(true)
    expect(parseHeartbeat(JSON.stringify(latest('heartbeat'))).ok).toBe(true)
  })

  it('waters for the requested time, closes by itself, and the soil gains the litres that flowed', async () => {
    await begin()
    renewLeases()
    const before = world.moistureAt('north-3', 10)
    await open('V1', 30 * MINUTE_MS)
    expect(controller.isOpen('V1')).toBe(true)
    await clock.advanceTo(start + 40 * MINUTE_MS)
    expect(controller.isOpen('V1')).toBe(false)
    const done = await ack('V1', 'done')
    expect(parseAck(JSON.stringify(done.message)).ok).toBe(true)
    expect(done.message).toMatchObject({ why: 'timer', ranMs: 30 * MINUTE_MS })
    // 100 L/min for half an hour on 1000 m2 is 3 mm; no pipe gives exactly its rate
    const litres = controller.passedLitres('V1')
    expect(litres).toBeGreaterThan(2_900)
    expect(litres).toBeLessThan(3_100)
    expect(done.message.litres).toBe(Math.floor(litres / 10) * 10)
    expect(world.summary('north-3').appliedMm).toBeCloseTo(litres / 1000, 9)
    expect(world.summary('south-1').appliedMm).toBe(0)
    expect(world.moistureAt('north-3', 10)).toBeGreaterThan(before + 0.002)
  })

  it('stops at a dose in litres, within a pulse and a second of flow', async () => {
    await begin()
    renewLeases()
    await open('V1', HOUR_MS, { litres: 1000 })
    await clock.advanceTo(start + 15 * MINUTE_MS)
    const done = await ack('V1', 'done')
    expect(done.message.why).toBe('litres')
    expect(done.message.litres).toBeGreaterThanOrEqual(1000)
    expect(done.message.litres).toBeLessThanOrEqual(1010)
  })

  it('closes on command, at once', async () => {
    await begin()
    renewLeases()
    await open('V1', HOUR_MS)
    await open('V2', HOUR_MS, { seq: 1 })
    await clock.advanceTo(start + 5 * MINUTE_MS)
    const { sess } = latest('state')
    await command(withMac(key, { op: 'close' as const, valve: 'V1', seq: ++seq, sess }))
    expect([controller.isOpen('V1'), controller.isOpen('V2')]).toEqual([false, true])
    await command(withMac(key, { op: 'close' as const, valve: '*', force: true, sess }))
    expect(controller.isOpen('V2')).toBe(false)
    const stopped = await ack('V1', 'aborted')
    expect(stopped.message).toMatchObject({ why: 'command', ranMs: 5 * MINUTE_MS })
    const litres = controller.passedLitres('V2')
    await clock.advanceTo(start + HOUR_MS)
    expect(controller.passedLitres('V2')).toBe(litres)
  })

  it('closes by itself two minutes after the last message of the server', async () => {
    await begin()
    await open('V1', HOUR_MS)
    await clock.advanceTo(start + 119 * SECOND_MS)
    expect(controller.isOpen('V1')).toBe(true)
    await clock.advanceTo(start + 121 * SECOND_MS)
    expect(controller.isOpen('V1')).toBe(false)
    expect((await ack('V1', 'aborted')).message.why).toBe('lease')
  })

  it('opens nothing for a wrong MAC, a replayed command or a retained one', async () => {
    await begin()
    renewLeases()
    await open('V1', MINUTE_MS)
    const first = latest('heartbeat')
    await clock.advanceTo(start + 2 * MINUTE_MS)
    const { sess, n, monoMs } = latest('heartbeat')
    const order = { op: 'open' as const, id: 'order-again', valve: 'V1', durMs: MINUTE_MS, sess, n }
    const expMonoMs = monoMs + MINUTE_MS
    await command({ ...withMac(key, { ...order, seq: 9, expMonoMs }), durMs: HOUR_MS })
    await command(withMac(key, { ...order, seq: 1, n: first.n, expMonoMs }))
    expect(controller.isOpen('V1')).toBe(false)
    expect((await ack('V1', 'rejected')).message.why).toBe('mac')
    expect((await ack('V1', 'dup')).message.jr.at(-1)).toMatchObject({ seq: 1, why: 'timer' })

    controller.cutNetwork()
    await wire.say(topicOf('hills', 'ctl-1', 'command'), withMac(key, { ...order, seq: 10, expMonoMs }), true)
    forgiveLosses()
    answered++
    await controller.restoreNetwork()
    await settle()
    expect(controller.isOpen('V1')).toBe(false)
    expect(latest('state')).toMatchObject({ last: { V1: 1 } })
  })

  it('is closed after a power cut, resumes nothing, and reports the longest possible run', async () => {
    await begin()
    renewLeases()
    await open('V1', 30 * MINUTE_MS)
    await clock.advanceTo(start + 10 * MINUTE_MS)
    controller.cutPower()
    const litres = controller.passedLitres('V1')
    await clock.advanceTo(start + 20 * MINUTE_MS)
    expect(controller.passedLitres('V1')).toBe(litres)
    forgiveLosses()
    await controller.restorePower()
    expect(controller.isOpen('V1')).toBe(false)
    const hello = await wire.when(
      ({ kind, message }) => kind === 'state' && message.sess.startsWith('b2.c1.'),
    )
    expect(hello.message.valves[0]).toMatchObject({ pos: 'closed', seq: 1, why: 'power' })
    expect(hello.message.jr).toMatchObject([{ valve: 'V1', seq: 1, ranMs: 30 * MINUTE_MS, why: 'power' }])
    expect(hello.message.last).toEqual({ V1: 1 })
  })

  it('detects a valve without water, closes, and opens nothing until a person has inspected it', async () => {
    await begin()
    renewLeases()
    controller.setValveFault('V1', 'no-flow')
    await open('V1', HOUR_MS)
    await clock.advanceTo(start + 3 * MINUTE_MS)
    expect(controller.latchedFault()).toBe('no-flow')
    expect(controller.isOpen('V1')).toBe(false)
    await open('V2', HOUR_MS)
    expect(controller.isOpen('V2')).toBe(false)
    controller.setValveFault('V1', null)
    controller.clearFault()
    await open('V1', HOUR_MS)
    expect(controller.isOpen('V1')).toBe(true)
  })

  it('detects a valve that is stuck open: water continues into the field, and the leak is reported', async () => {
    await begin()
    renewLeases()
    controller.setValveFault('V1', 'stuck-open')
    await open('V1', 10 * MINUTE_MS)
    await clock.advanceTo(start + 20 * MINUTE_MS)
    expect(controller.isOpen('V1')).toBe(false)
    expect(controller.latchedFault()).toBe('leak')
    await wire.when(({ kind, message }) => kind === 'state' && message.fault === 'leak')
    const litres = controller.passedLitres('V1')
    await clock.advanceTo(start + 30 * MINUTE_MS)
    expect(controller.passedLitres('V1')).toBeGreaterThan(litres + 900)
    // not even without power does a stuck valve shut
    controller.cutPower()
    await clock.advanceTo(start + 40 * MINUTE_MS)
    expect(controller.passedLitres('V1')).toBeGreaterThan(litres + 1800)
    controller.setValveFault('V1', null)
  })

  it('closes and opens nothing when its flash cannot be written', async () => {
    await begin()
    controller.setFlashFault(true)
    await open('V1', HOUR_MS)
    expect(controller.isOpen('V1')).toBe(false)
    await wire.when(({ kind, message }) => kind === 'ack' && message.why === 'flash')
  })

  it('reads its meter at the start and end of a run, in a counter that a reboot does not reset', async () => {
    await begin()
    renewLeases()
    await open('V1', 10 * MINUTE_MS)
    await clock.advanceTo(start + 15 * MINUTE_MS)
    const total = () => wire.of('ctl-1', 'telemetry').at(-1).measurements[0]
    await wire.when(({ kind, message }) => kind === 'telemetry' && message.n === 2)
    expect(wire.of('ctl-1', 'telemetry')[0].measurements[0].tilth.flow).toBeGreaterThan(90)
    expect(total().tilth).toEqual({ flow: 0, valve: 'V1' })
    const litres = total().metering.water.total
    expect(litres).toBeGreaterThan(950)
    controller.cutPower()
    forgiveLosses()
    await controller.restorePower()
    controller.sampleNow()
    await controller.settled()
    await wire.when(({ kind, message }) => kind === 'telemetry' && message.boot === 2)
    expect(total().metering.water.total).toBe(litres)
  })

  it('sends heartbeats and reports at the configured intervals', async () => {
    const slow = { heartbeatIdleMs: 20 * MINUTE_MS, heartbeatOpenMs: 10 * MINUTE_MS, leaseMs: 4 * HOUR_MS }
    const config = { v: 1, version: 1, ...slow, stateMs: 2 * HOUR_MS, sampleS: 3600 }
    await wire.say(topicOf('hills', 'ctl-1', 'config'), config, true)
    answered++
    await begin()
    await settle()
    await clock.advanceTo(start + 24 * HOUR_MS)
    // a first beat 10 s after the hello may come before the configuration is obeyed
    expect(wire.of('ctl-1', 'heartbeat').length).toBeLessThanOrEqual(24 * 3 + 3)
    expect(wire.of('ctl-1', 'telemetry').length).toBe(24)
    await open('V1', HOUR_MS, { expMonoMs: 25 * HOUR_MS })
    await clock.advanceTo(start + 26 * HOUR_MS)
    expect((await ack('V1', 'done')).message.ranMs).toBe(HOUR_MS)
  })

  it('is refused without a command key: it could not authenticate commands', async () => {
    await begin()
    await expect(
      startController({
        credentials: { org: 'hills', id: 'ctl-2', secret: 'x', commandKey: null },
        url: wire.url,
        clock,
        world,
        seed: 'test',
        valves,
      }),
    ).rejects.toThrow('controller ctl-2 needs a commandKey')
  })
})
