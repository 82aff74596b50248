import { duplexPair } from 'node:stream'
import { generate } from 'mqtt-packet'
import { describe, expect, it, vi } from 'vitest'
import {
  DRAIN_TIMEOUT,
  connectionGuards,
  type Backpressure,
} from '../../../broker/access/connection-guard.ts'
import type { Refusal } from '../../../broker/packets/packet-reader.ts'
import { eventually } from '../rig.ts'

const connect = generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: 'probe1',
  keepalive: 60,
})
const ping = generate({ cmd: 'pingreq' })

/** A gate that the test opens and shuts. */
function testGate() {
  const rooms: (() => void)[] = []
  const gate: Backpressure & { full: boolean; makeRoom(): void } = {
    full: false,
    isFull: () => gate.full,
    onDrain: (run) => void rooms.push(run),
    makeRoom() {
      gate.full = false
      for (const run of rooms) run()
    },
  }
  return gate
}

function guarded(gate: Backpressure = testGate()) {
  const [device, connection] = duplexPair()
  const refusals: Refusal[] = []
  const guard = connectionGuards(gate)(connection, (refusal) => refusals.push(refusal))
  const passed: Buffer[] = []
  guard.stream.on('data', (chunk: Buffer) => passed.push(chunk))
  return { device, guard, refusals, bytes: () => Buffer.concat(passed) }
}

const aMoment = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('the guard before the broker', () => {
  it('delays the packets after CONNECT until it has been accepted', async () => {
    const { device, guard, bytes } = guarded()
    device.write(Buffer.concat([connect, ping]))
    device.write(ping)
    await eventually(() => bytes().length > 0)
    await aMoment()
    expect(bytes()).toEqual(connect)
    guard.open()
    await eventually(() => bytes().length === connect.length + 2 * ping.length)
    expect(bytes()).toEqual(Buffer.concat([connect, ping, ping]))
  })

  it('stops reading while the journal is full, and loses nothing', async () => {
    const gate = testGate()
    const { device, guard, bytes } = guarded(gate)
    device.write(connect)
    await eventually(() => bytes().length === connect.length)
    guard.open()
    gate.full = true
    device.write(ping) // it is with us already; what comes after it waits
    await eventually(() => bytes().length === connect.length + ping.length)
    device.write(ping)
    await aMoment()
    expect(bytes()).toHaveLength(connect.length + ping.length)
    gate.makeRoom()
    await eventually(() => bytes().length === connect.length + 2 * ping.length)
  })

  it('accepts the packets before an oversize one, and nothing after it', async () => {
    const { device, guard, refusals, bytes } = guarded()
    device.write(connect)
    await eventually(() => bytes().length === connect.length)
    guard.open()
    device.write(Buffer.concat([ping, Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]), ping]))
    device.write(ping)
    await eventually(() => refusals.length === 1)
    await aMoment()
    expect(bytes()).toEqual(Buffer.concat([connect, ping]))
    expect(refusals).toMatchObject([{ kind: 'oversize', bytes: 268_435_455 }])
  })

  it.each([
    ['one packet is larger than the amount passed on at once', 1, 60_000],
    ['many arrive together', 200, 500],
  ])('passes on the packets after CONNECT, when %s', async (_what, packets, size) => {
    const [device, connection] = duplexPair()
    const guard = connectionGuards(testGate())(connection, () => {})
    let length = 0
    // reads as aedes does, all that is there
    guard.stream.on('readable', () => {
      for (let part = guard.stream.read() as Buffer | null; part; part = guard.stream.read() as Buffer | null)
        length += part.length
    })
    device.write(connect)
    await eventually(() => length === connect.length)
    guard.open()
    const said = generate({
      cmd: 'publish',
      topic: 'tilth/v1/coop/probe1/telemetry',
      payload: Buffer.alloc(size),
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    })
    device.write(Buffer.concat([...Array<Buffer>(packets).fill(said), ping]))
    await eventually(() => length === connect.length + packets * said.length + ping.length)
    device.write(ping)
    await eventually(() => length === connect.length + packets * said.length + 2 * ping.length)
  })

  it('a device that does not read delays no other client: the writer continues at once', async () => {
    const { device, guard } = guarded()
    let written = 0
    for (let i = 0; i < 100; i++) guard.stream.write(Buffer.alloc(1_000), () => void written++)
    await eventually(() => written === 100)
    let heard = 0
    device.on('data', (chunk: Buffer) => void (heard += chunk.length))
    await eventually(() => heard === 100_000)
    expect(guard.stream.destroyed).toBe(false)
  })

  it('a device that leaves 256 KiB unread is disconnected', async () => {
    const { device, guard } = guarded()
    const errors: Error[] = []
    guard.stream.on('error', (error) => errors.push(error))
    for (let i = 0; i < 400 && !guard.stream.destroyed; i++) guard.stream.write(Buffer.alloc(1_000))
    await eventually(() => device.destroyed || errors.length > 0)
    expect(errors.map(({ message }) => message)).toEqual([DRAIN_TIMEOUT])
  })

  it('a device that reads nothing for 5 s is disconnected, one that reads late is not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const [frozen, late] = [guarded(), guarded()]
      const errors: Error[] = []
      frozen.guard.stream.on('error', (error) => errors.push(error))
      for (const { guard } of [frozen, late]) guard.stream.write(Buffer.alloc(100_000))
      vi.advanceTimersByTime(4_000)
      late.device.resume()
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      vi.advanceTimersByTime(2_000)
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(errors.map(({ message }) => message)).toEqual([DRAIN_TIMEOUT])
      expect(late.guard.stream.destroyed).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  it('closes the connection when the broker closes it', async () => {
    const { device, guard } = guarded()
    let isEnded = false
    device.on('end', () => void (isEnded = true))
    device.resume()
    guard.stream.end()
    await eventually(() => isEnded)
  })
})
