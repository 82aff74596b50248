/** After a lost connection: the controller reconnects and restores only its flash. */
import { SECOND_MS } from '../../contract/time.ts'
import { ackText, type Bench } from '../bench.ts'
import { expectRejected, type Trial } from '../trial.ts'
import { ruleFailed, check, ruleSkipped } from '../verdict.ts'

const BACK_MS = 90 * SECOND_MS

/** Cuts the network for a moment; resolves with the previous session when the hello of the new one is complete. */
async function reconnect(bench: Bench): Promise<string> {
  const { disconnect } = bench.ownBroker()
  const lastSess = bench.view.sess!
  disconnect()
  const isBack = await bench.until(
    () =>
      bench.view.sess !== lastSess &&
      bench.view.state?.sess === bench.view.sess &&
      bench.view.heartbeats.length > 0,
    BACK_MS,
  )
  if (isBack === null)
    throw ruleFailed(
      `no online, state and heartbeat within ${BACK_MS / SECOND_MS} s of a cut`,
      'a new session: the first attempts come after some seconds',
    )
  return lastSess
}

export const returning: readonly Trial[] = [
  {
    rule: 'reconnect',
    requirement: 'after a lost connection it reconnects with a new session and accepts commands again',
    async run(bench) {
      const lastSess = await reconnect(bench)
      check(
        !bench.view.sessions.slice(0, -1).includes(bench.view.sess!),
        `session ${lastSess} again`,
        'a new one',
      )
      const ack = await bench.sendAndAwaitAck(bench.opening(bench.valve(), { durMs: 5 * SECOND_MS }))
      check(ack?.st === 'running', `${ackText(ack)} to an order`, 'ack running: it subscribes anew each time')
    },
  },
  {
    rule: 'session-over',
    requirement: 'an open command for the session before the loss is rejected (I3)',
    async run(bench) {
      const { sess, n } = bench.latestHeartbeat()
      await reconnect(bench)
      const order = bench.opening(bench.valve(), { sess, n })
      await expectRejected(bench, order, { st: 'rejected', why: 'sess' })
    },
  },
  {
    rule: 'puback',
    requirement: 'telemetry is stored until its PUBACK: without one it is sent again, with the same number',
    async run(bench) {
      const { holdTelemetry } = bench.ownBroker()
      holdTelemetry(true)
      try {
        const from = bench.view.telemetry.length
        const n = await bench.until(() => bench.view.telemetry[from], 120 * SECOND_MS)
        if (n === null) throw ruleSkipped('no numbered telemetry was received within 120 s')
        const receivedCount = bench.view.telemetry.length
        await reconnect(bench)
        holdTelemetry(false)
        const repeated = await bench.until(
          () => bench.view.telemetry.slice(receivedCount).find((number) => number === n),
          60 * SECOND_MS,
        )
        check(repeated !== null, `number ${n} did not come again`, 'each message until its PUBACK has come')
      } finally {
        holdTelemetry(false)
      }
    },
  },
]
