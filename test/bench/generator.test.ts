/** The load generator on a real broker: the messages it counts as sent and received must match the broker's journal. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runLoad, type Load } from '../../bench/support/generator.ts'
import { topicOf } from '../../broker/contract/topics.ts'
import { secretOf, startBrokerRig, type BrokerRig } from '../broker/rig.ts'

const ids = ['probe-1', 'probe-2', 'probe-3']

describe('the load generator', () => {
  let rig: BrokerRig
  beforeEach(async () => {
    rig = await startBrokerRig()
    for (const id of ids) rig.register('coop', id)
  })
  afterEach(() => rig.stop())

  const load = (more: Partial<Load>): Load => ({
    port: rig.broker.port,
    publishers: ids.map((id) => ({ id, secret: secretOf(id), topic: topicOf('coop', id, 'telemetry') })),
    ratePerS: 300,
    window: 1,
    forMs: 300,
    payload: (_, n) => String(n),
    ...more,
  })
  const journalled = (id: string): number[] =>
    rig.journal
      .read(0, 100_000)
      .filter(({ device }) => device === id)
      .map(({ payload }) => Number(Buffer.from(payload).toString()))
  const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i)

  it('at a rate distributes the messages in turn, and every one is acknowledged and in the journal', async () => {
    const result = await runLoad(load({}))
    expect(result.acked).toBe(result.sent)
    expect(result.ackMs).toHaveLength(result.sent)
    expect(Math.max(...result.lastN) - Math.min(...result.lastN)).toBeLessThanOrEqual(1)
    ids.forEach((id, index) => expect(journalled(id)).toEqual(upTo(result.lastN[index]!)))
  })

  it('without a rate keeps its window full and leaves nothing unacknowledged', async () => {
    const result = await runLoad(load({ ratePerS: null, window: 5 }))
    expect(result.sent).toBeGreaterThan(ids.length * 5)
    expect(result.unacked.flat()).toEqual([])
    ids.forEach((id, index) => expect(journalled(id)).toEqual(upTo(result.lastN[index]!)))
  })

  it('continues after the last number, and sends unacknowledged messages first', async () => {
    const result = await runLoad(load({ lastN: [10, 0, 0], resend: [[4, 9], [], []] }))
    expect(journalled('probe-1')).toEqual([4, 9, ...upTo(result.lastN[0]!, 11)])
    expect(result.unacked).toEqual([[], [], []])
  })

  it('ends when the broker dies, and returns the unacknowledged messages', async () => {
    const acked = ids.map(() => new Set<number>())
    let count = 0
    const result = await runLoad(
      load({
        forMs: 20_000,
        acked(publisher, n) {
          acked[publisher]!.add(n)
          if (++count === 30) void rig.broker.stop()
        },
      }),
    )
    expect(result.broken).toBe(ids.length)
    ids.forEach((_, index) => {
      const missing = upTo(result.lastN[index]!).filter((n) => !acked[index]!.has(n))
      expect(result.unacked[index]).toEqual(missing)
    })
  })

  it('names the refused publisher, and leaves no connection open', async () => {
    const [first, second] = load({}).publishers
    const publishers = [first!, { ...second!, secret: 'wrong' }]
    await expect(runLoad(load({ publishers }))).rejects.toThrow('probe-2 was refused: CONNACK code 5')
  })

  it('connects again when a busy server closes the new connection', async () => {
    let closed = 0
    const busy = createServer((socket) => {
      socket.on('error', () => {})
      if (closed++ < ids.length) return void socket.resetAndDestroy()
      const upstream = connect(rig.broker.port, '127.0.0.1').on('error', () => {})
      socket.pipe(upstream).pipe(socket)
    })
    await once(busy.listen(0, '127.0.0.1'), 'listening')
    try {
      const result = await runLoad(load({ port: (busy.address() as AddressInfo).port }))
      expect(closed).toBe(2 * ids.length)
      expect(result.acked).toBe(result.sent)
      ids.forEach((id, index) => expect(journalled(id)).toEqual(upTo(result.lastN[index]!)))
    } finally {
      busy.close()
    }
  })
})
