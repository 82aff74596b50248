/** Controllers that sleep hold no lease: the duration is the only bound, so it must be short. */
import { SECOND_MS } from '../../contract/time.ts'
import { TIMED_CAP_MS } from '../../contract/valve-device/device.ts'
import { ackText, timing } from '../bench.ts'
import { isNear, type Trial } from '../trial.ts'
import { check } from '../verdict.ts'

export const timed: readonly Trial[] = [
  {
    rule: 'timed-cap',
    requirement: 'a controller of class timed runs for 30 minutes at most',
    needs: 'timed',
    async run(bench) {
      const { capMs } = bench.view.state!
      check(capMs <= TIMED_CAP_MS, `capMs ${capMs}`, `${TIMED_CAP_MS} at most`)
    },
  },
  {
    rule: 'timed-run',
    requirement: 'a controller of class timed runs its duration without a lease',
    needs: 'timed',
    async run(bench) {
      bench.lease(() => null)
      const durMs = timing.leaseMs + 30 * SECOND_MS
      const order = await bench.open(bench.valve(), { durMs })
      const end = await bench.awaitEnd(order, durMs + 10 * SECOND_MS)
      check(end.why === 'timer' && isNear(end.ranMs, durMs), ackText(end), `ack done (timer), ${durMs} ms`)
    },
  },
]
