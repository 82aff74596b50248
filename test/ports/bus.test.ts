import type { Duplex } from 'node:stream'
import { connect, createServer, Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { matchesFilter } from '../../broker/contract/match-filter.ts'
import { openMqttBus } from '../../services/adapters/bus/mqtt-bus.ts'
import type { Logger } from '../../services/ports.ts'
import { internalTopic } from '../../broker/contract/topics.ts'
import { freePort } from '../support/free-port.ts'
import { startRelay } from '../support/relay.ts'
import { startBrokerRig } from '../broker/rig.ts'
import { busSuite } from './bus-suite.ts'

function countingLog(): { log: Logger; errors: () => number } {
  let errors = 0
  return { log: { debug() {}, info() {}, warn() {}, error: () => void errors++ }, errors: () => errors }
}

describe('the bus on the built-in broker', () => {
  busSuite(async () => {
    const rig = await startBrokerRig()
    const { log, errors } = countingLog()
    let stream: Duplex | undefined
    const openStream = () => (stream = rig.broker.openInternal())
    const bus = await openMqttBus({ openStream }, { log })
    const other = await openMqttBus({ openStream: () => rig.broker.openInternal() }, { log })
    return {
      bus,
      other,
      errors,
      breakConnection: () => stream?.destroy(),
      async stop() {
        await bus.close()
        await other.close()
        await rig.stop()
      },
    }
  })
})

describe('the bus by URL', () => {
  busSuite(async () => {
    const rig = await startBrokerRig()
    const { log, errors } = countingLog()
    const relay = await startRelay(rig.broker.port)
    const credentials = { userName: 'service:test', password: 'service secret' }
    const url = (port: number) => `mqtt://127.0.0.1:${port}`
    const bus = await openMqttBus({ url: url(relay.port), clientId: 'service:one', ...credentials }, { log })
    const other = await openMqttBus(
      { url: url(rig.broker.port), clientId: 'service:two', ...credentials },
      { log },
    )
    return {
      bus,
      other,
      errors,
      breakConnection: relay.cut,
      async stop() {
        await bus.close()
        await other.close()
        await relay.stop()
        await rig.stop()
      },
    }
  })

  it('of several hosts goes to the next when its own is away, and receives there what it has subscribed to', async () => {
    const rig = await startBrokerRig()
    const [one, two] = [await startRelay(rig.broker.port), await startRelay(rig.broker.port)]
    const url = `mqtt://127.0.0.1:${one.port},127.0.0.1:${two.port}`
    const credentials = { userName: 'service:test', password: 'service secret' }
    const bus = await openMqttBus({ url, clientId: 'service:one', ...credentials }, countingLog())
    try {
      const received: string[] = []
      await bus.subscribe(
        'tilth/internal/coop/event',
        ({ payload }) => void received.push(payload.toString()),
      )
      await one.stop()
      await expect.poll(bus.isConnected, { timeout: 5_000 }).toBe(false)
      await expect.poll(bus.isConnected, { timeout: 5_000 }).toBe(true)
      await expect
        .poll(async () => {
          await bus.publish('tilth/internal/coop/event', 'kept', { qos: 1, retain: false })
          return received
        })
        .toContain('kept')
    } finally {
      await bus.close()
      await two.stop()
      await rig.stop()
    }
  })

  it('sends a small message at once: its socket has TCP_NODELAY', async () => {
    const rig = await startBrokerRig()
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
    try {
      const bus = await openMqttBus(
        {
          url: `mqtt://127.0.0.1:${rig.broker.port}`,
          clientId: 'service:one',
          userName: 'service:test',
          password: 'service secret',
        },
        countingLog(),
      )
      const ports = setNoDelay.mock.contexts.map((socket) => (socket as Socket).remotePort)
      expect(ports).toContain(rig.broker.port)
      await bus.close()
    } finally {
      setNoDelay.mockRestore()
      await rig.stop()
    }
  })

  it('reports a refusal by error code', async () => {
    const rig = await startBrokerRig()
    const opening = openMqttBus(
      {
        url: `mqtt://127.0.0.1:${rig.broker.port}`,
        clientId: 'service:one',
        userName: 'service:one',
        password: 'guess',
      },
      countingLog(),
    )
    await expect(opening).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' })
    await expect(opening).rejects.not.toThrow(/guess/)
    await rig.stop()
  })

  it('reports a missing broker by error code', async () => {
    const rig = await startBrokerRig()
    const { port } = rig.broker
    await rig.stop()
    await expect(openMqttBus({ url: `mqtt://127.0.0.1:${port}` }, countingLog())).rejects.toMatchObject({
      code: 'BUS_UNAVAILABLE',
    })
  })
})

describe('a broker that may be away at the start', () => {
  it('is connected to when it responds, with every subscription made meanwhile; a lasting refusal still fails', async () => {
    const rig = await startBrokerRig()
    const relay = createServer((near) => {
      const far = connect(rig.broker.port, '127.0.0.1')
      for (const socket of [near, far]) socket.on('error', () => {}).on('close', () => far.destroy())
      near.pipe(far).pipe(near)
    })
    const port = await freePort()
    const address = { url: `mqtt://127.0.0.1:${port}`, clientId: 'service:one', userName: 'service:test' }
    const away = { ...countingLog(), mayBeAway: true, refusedForMs: 1_500 }
    const bus = await openMqttBus({ ...address, password: 'service secret' }, away)
    const received: string[] = []
    const topic = internalTopic('coop', 'event')
    await bus.subscribe(topic, ({ payload }) => void received.push(Buffer.from(payload).toString()))
    expect(bus.isConnected()).toBe(false)
    await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve))
    await vi.waitFor(
      async () => {
        await bus.publish(topic, 'back', { qos: 1, retain: false })
        expect(received).toContain('back')
      },
      { timeout: 10_000 },
    )
    const refused = openMqttBus({ ...address, clientId: 'service:two', password: 'guess' }, away)
    await expect(refused).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' })
    await bus.close()
    relay.close()
    await rig.stop()
  })
})

describe('a broker that refuses at the start', () => {
  it('is tried again: RabbitMQ answers before its users are loaded', async () => {
    let isLoaded = false
    const rig = await startBrokerRig()
    const early = createServer((socket) => {
      socket.on('error', () => {})
      if (!isLoaded) return void socket.once('data', () => socket.end(Buffer.from([0x20, 2, 0, 5])))
      const far = connect(rig.broker.port, '127.0.0.1').on('error', () => {})
      socket.on('close', () => far.destroy()).pipe(far)
      far.pipe(socket)
    })
    const port = await freePort()
    await new Promise<void>((resolve) => early.listen(port, '127.0.0.1', resolve))
    const refusals: string[] = []
    const log = {
      debug() {},
      info() {},
      error() {},
      warn: (_: object, text: string) => void refusals.push(text),
    }
    const opening = openMqttBus(
      {
        url: `mqtt://127.0.0.1:${port}`,
        clientId: 'service:one',
        userName: 'service:test',
        password: 'service secret',
      },
      { log, mayBeAway: true },
    )
    await vi.waitFor(() => expect(refusals).toEqual(['the broker of BUS refuses; trying again']))
    isLoaded = true
    const bus = await opening
    expect(bus.isConnected()).toBe(true)
    await bus.close()
    early.close()
    await rig.stop()
  })
})

describe('filters (MQTT 3.1.1, 4.7)', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/+', 'a', false],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['+/b', 'a/b', true],
    ['a/b', 'a/c', false],
    ['a/b/c', 'a/b', false],
    ['a/+', 'a/', true],
  ])('%s and %s: %s', (filter, topic, isMatch) => expect(matchesFilter(filter, topic)).toBe(isMatch))
})
