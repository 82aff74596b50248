/** Open commands that must not open: by their MAC, session, expiry, number, or the limits of the valve. */
import { SECOND_MS } from '../../contract/time.ts'
import { ackText, timing } from '../bench.ts'
import { isOpen, expectIgnored, isNear, expectRejected, type Trial } from '../trial.ts'
import { ruleFailed, check } from '../verdict.ts'

const flip = (mac: string): string => (mac.startsWith('0') ? '1' : '0') + mac.slice(1)

export const refusing: readonly Trial[] = [
  {
    rule: 'mac',
    requirement: 'an open command with a wrong authentication code (`mac`) is rejected',
    async run(bench) {
      const order = bench.opening(bench.valve())
      await expectRejected(bench, { ...order, mac: flip(order.mac) } as never, { st: 'rejected', why: 'mac' })
    },
  },
  {
    rule: 'mac-whole',
    requirement: 'every digit of the `mac` is compared, up to and including the last',
    async run(bench) {
      const order = bench.opening(bench.valve())
      const last = order.mac.endsWith('0') ? '1' : '0'
      const mac = order.mac.slice(0, -1) + last
      await expectRejected(bench, { ...order, mac } as never, { st: 'rejected', why: 'mac' })
    },
  },
  {
    rule: 'mac-fields',
    requirement: 'the `mac` covers every field: an open command changed in transit is rejected',
    async run(bench) {
      const order = bench.opening(bench.valve(), { durMs: 10 * SECOND_MS })
      const otherValve = bench.view.state!.valves[1]?.id
      const changed: [string, object][] = [
        ['id', { id: 'another-order' }],
        ['durMs', { durMs: 60 * SECOND_MS }],
        ['litres', { litres: 100_000 }],
        ['seq', { seq: order.seq + 1 }],
        ['n', { n: order.n - 1 }],
        ['expMonoMs', { expMonoMs: order.expMonoMs + 60 * SECOND_MS }],
        ...(otherValve === undefined ? [] : [['valve', { valve: otherValve }] as [string, object]]),
      ]
      for (const [field, change] of changed)
        try {
          await expectRejected(bench, { ...order, ...change } as never, { st: 'rejected', why: 'mac' })
        } catch (error) {
          if (!(error instanceof Error && 'actual' in error)) throw error
          throw ruleFailed(
            `${field} changed: ${String(error.actual)}`,
            'ack rejected (mac), and the valve stays shut',
          )
        }
    },
  },
  {
    rule: 'mac-absent',
    requirement: 'an open command without a `mac` opens nothing',
    async run(bench) {
      const { mac: _, ...order } = bench.opening(bench.valve())
      await expectIgnored(bench, () => bench.send(order), 'an order without mac')
      await expectIgnored(bench, () => bench.send({ ...order, mac: '' }), 'an order with an empty mac')
    },
  },
  {
    rule: 'mac-unburnt',
    requirement: 'a forged open command uses no number: otherwise anybody could block a valve for ever',
    async run(bench) {
      const valve = bench.valve()
      const seq = bench.lastOf(valve) + 1
      const forged = { ...bench.opening(valve, { seq }), seq: seq + 1_000_000 }
      await bench.send(forged)
      await bench.sleep(2 * SECOND_MS)
      const ack = await bench.sendAndAwaitAck(bench.opening(valve, { seq }))
      check(ack?.st === 'running', `${ackText(ack)} to the next right order`, 'ack running')
    },
  },
  {
    rule: 'session',
    requirement: 'an open command for another session is rejected (I3)',
    async run(bench) {
      const sess = `${bench.view.sess!.slice(0, 60)}x`
      await expectRejected(bench, bench.opening(bench.valve(), { sess }), { st: 'rejected', why: 'sess' })
    },
  },
  {
    rule: 'expiry',
    requirement: 'an open command that has expired by the controller’s own clock is rejected (I3)',
    async run(bench) {
      const { monoMs } = bench.latestHeartbeat()
      const order = bench.opening(bench.valve(), { expMonoMs: Math.max(0, monoMs - 1) })
      await expectRejected(bench, order, { st: 'rejected', why: 'expired' })
    },
  },
  {
    rule: 'heartbeat-known',
    requirement: 'an open command that names no heartbeat of the controller opens nothing: it has no lease',
    needs: 'leased',
    async run(bench) {
      const order = bench.opening(bench.valve(), { n: bench.latestHeartbeat().n + 1_000_000 })
      await expectRejected(bench, order, { st: 'rejected' })
    },
  },
  {
    rule: 'heartbeat-old',
    requirement: 'an open command that names a heartbeat older than the lease opens nothing',
    needs: 'leased',
    async run(bench) {
      const { n, monoMs, sess } = bench.latestHeartbeat()
      await bench.until(
        () =>
          bench.view.sess !== sess || bench.latestHeartbeat().monoMs > monoMs + timing.leaseMs + SECOND_MS,
        timing.leaseMs + 30 * SECOND_MS,
      )
      await expectRejected(bench, bench.opening(bench.valve(), { n, sess }), { st: 'rejected' })
    },
  },
  {
    rule: 'retained',
    requirement: 'an open command received as a retained message is rejected (I3, I12)',
    async run(bench) {
      const { sendAsRetained } = bench.ownBroker()
      const order = bench.opening(bench.valve())
      const send = (message: object) => sendAsRetained(JSON.stringify(message))
      await expectRejected(bench, order, { st: 'rejected', why: 'retained', send })
    },
  },
  {
    rule: 'watermark',
    requirement: 'a number that is not above the last one opens nothing (I1, I7)',
    async run(bench) {
      const valve = bench.valve()
      const used = await bench.open(valve, { durMs: SECOND_MS, seq: bench.lastOf(valve) + 3 })
      await bench.awaitEnd(used, 10 * SECOND_MS)
      for (const seq of [used.seq, used.seq - 1])
        await expectRejected(bench, bench.opening(valve, { seq }), { st: 'dup' })
    },
  },
  {
    rule: 'valve',
    requirement: 'an open command for an unknown valve is rejected',
    async run(bench) {
      await expectRejected(bench, bench.opening('no-such-valve'), { st: 'rejected', why: 'valve' })
    },
  },
  {
    rule: 'busy',
    requirement: 'a second open command for a running valve is rejected, and the run continues to its end',
    async run(bench) {
      const valve = bench.valve()
      const running = await bench.open(valve, { durMs: 20 * SECOND_MS })
      await bench.sleep(5 * SECOND_MS)
      await expectRejected(bench, bench.opening(valve, { durMs: 60 * SECOND_MS }), {
        st: 'rejected',
        why: 'busy',
      })
      const end = await bench.awaitEnd(running, 40 * SECOND_MS)
      check(end.why === 'timer' && isNear(end.ranMs, 20_000), ackText(end), 'ack done (timer), 20000 ms')
    },
  },
  {
    rule: 'refused-for-good',
    requirement: 'an open command whose rejection is in the journal never opens later (I1)',
    async run(bench) {
      const valve = bench.valve()
      const running = await bench.open(valve, { durMs: 10 * SECOND_MS })
      const rejectedOrder = bench.opening(valve, { durMs: 10 * SECOND_MS })
      const ack = await expectRejected(bench, rejectedOrder, { st: 'rejected', why: 'busy' })
      await bench.awaitEnd(running, 20 * SECOND_MS)
      const isWritten = ack.jr.some((entry) => entry.valve === valve && entry.seq === rejectedOrder.seq)
      const repeated = await bench.sendAndAwaitAck(rejectedOrder)
      await bench.sleep(SECOND_MS)
      const isUsedUp = isWritten || ack.last >= rejectedOrder.seq
      if (isUsedUp && isOpen(bench, valve, rejectedOrder.seq))
        throw ruleFailed(`${ackText(repeated)} to the same order later`, 'ack dup: the rejection is final')
    },
  },
  {
    rule: 'cap',
    requirement: 'an open command longer than the controller’s own cap is rejected',
    async run(bench) {
      const { capMs } = bench.view.state!
      check(capMs < 86_400_000, `capMs ${capMs} in the state`, 'less than a day')
      const order = bench.opening(bench.valve(), { durMs: capMs + 1_000 })
      await expectRejected(bench, order, { st: 'rejected', why: 'cap' })
    },
  },
  {
    rule: 'cap-config',
    requirement:
      'a configuration may shorten the cap, never lengthen it; the state contains the cap in force',
    async run(bench) {
      const built = bench.view.state!.capMs
      const awaitCap = (ms: number) => bench.until(() => bench.view.state?.capMs === ms, 70 * SECOND_MS)
      try {
        await bench.configure({ capMs: 15_000 })
        check(
          (await awaitCap(15_000)) !== null,
          `capMs ${bench.view.state?.capMs}`,
          '15000 within a state’s time',
        )
        const order = bench.opening(bench.valve(), { durMs: 20_000 })
        await expectRejected(bench, order, { st: 'rejected', why: 'cap' })
        await bench.configure({ capMs: Math.min(86_400_000, built * 2) })
        await bench.sleep(70 * SECOND_MS)
        const { capMs } = bench.view.state!
        check(capMs <= built, `capMs ${capMs} when it is configured longer`, `${built}, as it was built`)
      } finally {
        await bench.configure()
      }
    },
  },
  {
    rule: 'garbage',
    requirement: 'an unreadable message is ignored: no restart, no valve movement',
    async run(bench) {
      const order = bench.opening(bench.valve())
      const texts = ['', '{', 'null', '[]', '{"op":"open"}', '{"op":7}', '['.repeat(400), 'x'.repeat(4_000)]
      const types = [
        { ...order, durMs: '60000' },
        { ...order, seq: 1.5 },
        { ...order, valve: 7 },
      ]
      for (const text of [...texts, ...types.map((type) => JSON.stringify(type))])
        for (const kind of ['command', 'lease', 'config'] as const) await bench.wire.send(kind, text, false)
      await expectIgnored(bench, () => bench.configure(), 'messages that cannot be read')
      const beats = bench.latestHeartbeat().n
      const isAlive = await bench.until(() => bench.latestHeartbeat().n > beats, 15 * SECOND_MS)
      check(isAlive !== null, 'no heartbeat any more', 'the controller goes on')
    },
  },
]
