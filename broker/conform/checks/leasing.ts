/** A valve stays open only while the server renews the lease. */
import { withMac } from '../../contract/mac.ts'
import type { Lease } from '../../contract/messages.ts'
import { SECOND_MS } from '../../contract/time.ts'
import { ackText, timing, type Bench } from '../bench.ts'
import { isOpen, isNear, SLACK_MS, TRANSIT_MS, type Trial } from '../trial.ts'
import { check } from '../verdict.ts'

const LONG_MS = timing.leaseMs + 180 * SECOND_MS
const EARLY_MS = 3 * SECOND_MS

/** Opens the valve and then sends no valid lease: it must shut one lease time after the heartbeat of the command. */
async function expectLeaseEnd(
  bench: Bench,
  leaseFor: (n: number, sess: string) => Lease | null,
): Promise<void> {
  const valve = bench.valve()
  await bench.until(() => bench.clock.now() - bench.latestHeartbeat().atMs < SECOND_MS, 15 * SECOND_MS)
  bench.lease(() => null)
  const { n, sess, atMs } = bench.latestHeartbeat()
  const order = await bench.open(valve, { durMs: LONG_MS })
  bench.lease((heartbeat) => leaseFor(heartbeat.n, heartbeat.sess))
  const untilMs = atMs + timing.leaseMs
  const end = await bench.until(
    () => bench.view.acks.find((ack) => ack.valve === valve && ack.seq === order.seq && ack.st !== 'running'),
    untilMs + 30 * SECOND_MS - bench.clock.now(),
  )
  const expected = `${timing.leaseMs} ms after heartbeat ${n} of ${sess}, ${SLACK_MS} ms more at most (I4)`
  check(end !== null, `open ${timing.leaseMs + 30_000} ms after it`, `shut ${expected}`)
  check(
    end.atMs <= untilMs + SLACK_MS + TRANSIT_MS,
    `shut ${end.atMs - atMs} ms after it`,
    `shut ${expected}`,
  )
  check(end.atMs >= untilMs - EARLY_MS, `shut ${end.atMs - atMs} ms after it`, `open until ${expected}`)
  check(end.st === 'aborted' && end.why === 'lease', ackText(end), 'ack aborted (lease)')
}

export const leasing: readonly Trial[] = [
  {
    rule: 'lease-holds',
    requirement: 'while a lease follows every heartbeat the run continues to its end',
    needs: 'leased',
    async run(bench) {
      const durMs = timing.leaseMs + 30 * SECOND_MS
      const order = await bench.open(bench.valve(), { durMs })
      const end = await bench.awaitEnd(order, durMs + 10 * SECOND_MS)
      check(end.why === 'timer' && isNear(end.ranMs, durMs), ackText(end), `ack done (timer), ${durMs} ms`)
    },
  },
  {
    rule: 'lease',
    requirement:
      'without new leases the valve closes one lease time (120 s) after the last heartbeat that a lease named (I4)',
    needs: 'leased',
    run: (bench) => expectLeaseEnd(bench, () => null),
  },
  {
    rule: 'lease-echo',
    requirement: 'a lease is valid from the heartbeat that it names: a repeated old lease extends nothing',
    needs: 'leased',
    run(bench) {
      const { sess, n } = bench.latestHeartbeat()
      return expectLeaseEnd(bench, () => withMac(bench.keyHex, { sess, n }))
    },
  },
  {
    rule: 'lease-mac',
    requirement: 'a lease with a wrong `mac` extends nothing',
    needs: 'leased',
    run: (bench) => expectLeaseEnd(bench, (n, sess) => ({ sess, n, mac: '0'.repeat(32) })),
  },
  {
    rule: 'lease-session',
    requirement: 'a lease for another session extends nothing',
    needs: 'leased',
    run: (bench) => expectLeaseEnd(bench, (n) => withMac(bench.keyHex, { sess: 'b0.c0.other', n })),
  },
  {
    rule: 'lease-link',
    requirement:
      'a run survives a short loss of the network: the next state reports it, and the leases of the new session extend it',
    needs: 'leased',
    async run(bench) {
      const { disconnect } = bench.ownBroker()
      const valve = bench.valve()
      const durMs = timing.leaseMs + 60 * SECOND_MS
      const order = await bench.open(valve, { durMs })
      const lastSess = bench.view.sess
      await bench.sleep(5 * SECOND_MS)
      disconnect()
      const isBack = await bench.until(
        () => bench.view.sess !== lastSess && bench.view.state?.sess === bench.view.sess,
        90 * SECOND_MS,
      )
      check(isBack !== null, 'no hello within 90 s of the loss', 'a new session')
      check(
        isOpen(bench, valve, order.seq),
        'the hello tells the valve as shut',
        `open under number ${order.seq}`,
      )
      const end = await bench.awaitEnd(order, durMs + 10 * SECOND_MS)
      check(end.why === 'timer' && isNear(end.ranMs, durMs), ackText(end), `ack done (timer), ${durMs} ms`)
    },
  },
  {
    rule: 'lease-alone',
    requirement:
      'a controller that is cut off and tries to connect still closes the valve when the lease ends (I4)',
    needs: 'leased',
    async run(bench) {
      const { disconnect, refuseConnections } = bench.ownBroker()
      const valve = bench.valve()
      const order = await bench.open(valve, { durMs: LONG_MS })
      const openedMs = bench.clock.now()
      await bench.sleep(3 * SECOND_MS)
      refuseConnections(true)
      disconnect()
      const leasedMs = bench.latestHeartbeat().atMs + timing.leaseMs
      try {
        await bench.sleep(leasedMs + 20 * SECOND_MS - bench.clock.now())
      } finally {
        refuseConnections(false)
      }
      // a controller waits up to five minutes between two attempts
      const entry = await bench.until(
        () => bench.view.state?.jr.find((item) => item.valve === valve && item.seq === order.seq),
        330 * SECOND_MS,
      )
      check(
        entry !== null,
        'no journal entry of the run after the reconnection',
        `jr with seq ${order.seq}, why lease`,
      )
      const mostMs = leasedMs - openedMs + SLACK_MS + TRANSIT_MS
      check(entry.ranMs <= mostMs, `ranMs ${entry.ranMs}`, `${mostMs} at most`)
      check(entry.why === 'lease', `why ${entry.why}`, 'lease')
    },
  },
]
