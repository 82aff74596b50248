/** What aedes asks, asked as aedes never should: no hook throws, each answers once, and none waits for ever. */
import { PassThrough } from 'node:stream'
import type { AedesPublishPacket, AuthenticateError, Client, ConnectPacket, PublishPacket } from 'aedes'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { replyOnce } from '../../../broker/hooks/reply.ts'
import type { Party } from '../../../broker/access/authorize.ts'
import { connectHooks, type ConnectDeps } from '../../../broker/hooks/connect-hooks.ts'
import { messageHooks, type HookDeps } from '../../../broker/hooks/message-hooks.ts'
import { standardLimits } from '../../../broker/access/limits.ts'
import { failureBackoff } from '../../../broker/contract/rate/failure-backoff.ts'
import { startSession, brokerCounters } from '../../../broker/access/session.ts'
import { PEPPER, silent } from '../rig.ts'

const probe: Party = { kind: 'device', org: 'coop', device: 'probe1' }
const telemetry = 'tilth/v1/coop/probe1/telemetry'
const ANSWER_WITHIN_MS = 10_000 // reliability.md, H8

type Journal = HookDeps['journal']

function hooksWith(journal: Partial<Journal> = {}) {
  const counters = brokerCounters()
  const hooks = messageHooks({
    journal: {
      append: async () => 1,
      deadLetter: async () => {},
      capacity: () => ({ level: 'ok' }),
      ...journal,
    } as Journal,
    clock: { now: () => 0, at: () => () => {} },
    log: silent,
    limits: standardLimits,
    counters,
    trafficOf: () => ({ received: 0, forwarded: 0 }),
  } as unknown as HookDeps)
  return { hooks, counters }
}

function clientOf(party: Party | null): Client {
  const conn = new PassThrough()
  startSession({ stream: conn, guard: null, slot: null, certificateName: null }, party)
  return { id: 'probe1', conn, subscriptions: {} } as unknown as Client
}

const packet = (more: Partial<PublishPacket> = {}) =>
  ({
    cmd: 'publish',
    topic: telemetry,
    payload: Buffer.from('{}'),
    qos: 1,
    retain: false,
    dup: false,
    ...more,
  }) as PublishPacket
const broken = null as unknown as PublishPacket

/** All the answers that came. */
function answers() {
  const came: unknown[][] = []
  return { came, answer: (...args: unknown[]) => void came.push(args) }
}

describe('the hooks of messages', () => {
  it.each([
    ['no client', null],
    ['an unknown client', { id: 'x', conn: new PassThrough() } as unknown as Client],
    ['a client that has not been accepted', clientOf(null)],
  ])('%s may publish nothing and receive nothing, and nothing throws', async (_what, client) => {
    const { hooks } = hooksWith()
    const said = answers()
    hooks.authorizePublish(client as Client, packet(), said.answer)
    await vi.waitFor(() => expect(said.came).toEqual([[expect.any(Error)]]))
    const asked = answers()
    hooks.authorizeSubscribe(client as Client, { topic: telemetry, qos: 1 }, asked.answer)
    expect(asked.came).toEqual([[null, null]])
    expect(hooks.authorizeForward(client as Client, packet() as AedesPublishPacket)).toBeNull()
    const told = answers()
    hooks.published(packet() as AedesPublishPacket, client as Client, told.answer)
    expect(told.came).toEqual([[null]])
  })

  it('a packet that cannot be read is refused by each, once, and counted', async () => {
    const { hooks, counters } = hooksWith()
    const client = clientOf(probe)
    const said = answers()
    hooks.authorizePublish(client, broken, said.answer)
    await vi.waitFor(() => expect(said.came).toEqual([[expect.any(Error)]]))
    const asked = answers()
    hooks.authorizeSubscribe(client, { topic: undefined, qos: 1 } as never, asked.answer)
    expect(asked.came).toEqual([[null, null]])
    expect(hooks.authorizeForward(client, broken as AedesPublishPacket)).toBeNull()
    expect(counters.hooksFailed).toBeGreaterThanOrEqual(2)
  })

  it('a journal that throws or rejects acknowledges nothing', async () => {
    const bad = new Error('the disk is away')
    for (const append of [
      () => {
        throw bad
      },
      () => Promise.reject(bad),
    ]) {
      const { hooks } = hooksWith({ append })
      const said = answers()
      hooks.authorizePublish(clientOf(probe), packet(), said.answer)
      await vi.waitFor(() => expect(said.came).toEqual([[bad]]))
    }
  })

  it('telemetry that exceeds the storable size becomes a dead letter, and is acknowledged', async () => {
    const buried: number[] = []
    const { hooks } = hooksWith({ deadLetter: async ({ bytes }) => void buried.push(bytes) })
    const said = answers()
    hooks.authorizePublish(clientOf(probe), packet({ payload: Buffer.alloc(0) }), said.answer)
    await vi.waitFor(() => expect(said.came).toEqual([[null]]))
    expect(buried).toEqual([0])
  })

  it('acks are sent in the order of the messages, even if the first waits for the disk', async () => {
    const writes: (() => void)[] = []
    const { hooks } = hooksWith({
      append: () => new Promise((resolve) => void writes.push(() => resolve(1))),
    })
    const client = clientOf(probe)
    const order: string[] = []
    hooks.authorizePublish(client, packet(), () => void order.push('first'))
    hooks.authorizePublish(client, packet(), () => void order.push('second'))
    const ack = packet({ topic: 'tilth/v1/coop/probe1/ack' })
    hooks.authorizePublish(client, ack, () => void order.push('third'))
    writes[1]!()
    await new Promise((resolve) => setImmediate(resolve))
    expect(order).toEqual([])
    writes[0]!()
    await vi.waitFor(() => expect(order).toEqual(['first', 'second', 'third']))
  })

  it.each([0, 1] as const)(
    'a foreign message with QoS %i is forwarded and acknowledged after its commit, and not when there is none',
    async (qos) => {
      let settle = (_error?: Error) => {}
      const append = () =>
        new Promise<number>((resolve, reject) => {
          settle = (error) => (error ? reject(error) : resolve(1))
        })
      const { hooks, counters } = hooksWith({ append })
      const barn: Party = { kind: 'gateway', org: 'coop', gateway: 'barn' }
      const publishes = () => {
        const said = answers()
        const sent = packet({ topic: 'tele/box/SENSOR', qos })
        hooks.authorizePublish(clientOf(barn), sent, said.answer)
        return { said, sent }
      }
      const stored = publishes()
      await new Promise((resolve) => setImmediate(resolve))
      expect(stored.said.came).toEqual([])
      settle()
      await vi.waitFor(() => expect(stored.said.came).toEqual([[null]]))
      expect(stored.sent.topic).toBe('foreign/coop/barn/tele/box/SENSOR')
      const lost = publishes()
      const bad = new Error('the disk is away')
      settle(bad)
      await vi.waitFor(() => expect(lost.said.came).toEqual([[bad]]))
      expect(counters.notAcknowledged).toBe(1)
    },
  )

  it('calls back once, whatever follows', () => {
    const { came, answer } = answers()
    const reply = replyOnce(answer)
    reply('first')
    reply('second')
    expect(came).toEqual([['first']])
  })
})

describe('a hook whose store does not respond', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const never = () => new Promise<never>(() => {})

  it('a message is not acknowledged after 10 s, and not before', async () => {
    const { hooks, counters } = hooksWith({ append: never })
    const said = answers()
    hooks.authorizePublish(clientOf(probe), packet(), said.answer)
    await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS - 1)
    expect(said.came).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(said.came).toEqual([[expect.any(Error)]])
    expect(counters.notAcknowledged).toBe(1)
  })

  it('a CONNECT gets "server unavailable" after 10 s', async () => {
    const { hooks, client } = connecting({ findDevice: never })
    const said = answers()
    hooks.authenticate(client, 'probe1', Buffer.from('x'), said.answer as never)
    await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS)
    expect(said.came).toEqual([[expect.objectContaining({ returnCode: 3 }), false]])
  })
})

describe('the hooks of CONNECT', () => {
  it.each([
    ['no client', null],
    ['an unknown client', { id: 'x', conn: new PassThrough() } as unknown as Client],
  ])('%s is refused, and nothing throws', async (_what, client) => {
    const { hooks } = connecting()
    const asked = answers()
    hooks.preConnect(client as Client, { keepalive: 60 } as ConnectPacket, asked.answer as never)
    expect(asked.came).toHaveLength(1)
    const said = answers()
    hooks.authenticate(client as Client, 'probe1', Buffer.from('x'), said.answer as never)
    await vi.waitFor(() => expect(said.came).toHaveLength(1))
    expect(said.came[0]![1]).toBe(false)
  })

  it('a device store that throws gets one response, and admits no device', async () => {
    const { hooks, client } = connecting({
      findDevice: () => {
        throw new Error('the state store is away')
      },
    })
    const said = answers()
    hooks.authenticate(client, 'probe1', Buffer.from('x'), said.answer as never)
    await vi.waitFor(() => expect(said.came).toHaveLength(1))
    expect((said.came[0]![0] as AuthenticateError).returnCode).toBe(3)
    expect(said.came[0]![1]).toBe(false)
  })
})

function connecting(more: Partial<ConnectDeps> = {}) {
  const hooks = connectHooks({
    findDevice: async () => null,
    serviceSecretHashes: [],
    pepper: PEPPER,
    log: silent,
    counters: brokerCounters(),
    backoff: failureBackoff({ firstMs: 0, longestMs: 0 }),
    nowMs: () => 0,
    rateLimitOf: () => () => 0,
    onClaim: () => {},
    ...more,
  } as ConnectDeps)
  const client = { ...clientOf(null), id: 'probe1' } as Client
  return { hooks, client }
}
