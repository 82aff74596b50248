/** Closing always wins, and a fenced opening never opens. */
import { SECOND_MS } from '../../contract/time.ts'
import { ackText, type Bench } from '../bench.ts'
import { isOpen, expectRejected, type Trial } from '../trial.ts'
import { ruleFailed, check } from '../verdict.ts'

const CLOSE_MS = 2 * SECOND_MS

async function expectClosed(bench: Bench, valve: string, means: string): Promise<void> {
  const isShut = await bench.until(() => !isOpen(bench, valve), CLOSE_MS)
  if (isShut === null) throw ruleFailed(`${valve} is open ${CLOSE_MS} ms after ${means}`, 'it shuts')
}

export const closing: readonly Trial[] = [
  {
    rule: 'close',
    requirement:
      'a close command closes the valve at once; the run is acknowledged as aborted, the close as done, and its number is used',
    async run(bench) {
      const valve = bench.valve()
      const order = await bench.open(valve, { durMs: 60 * SECOND_MS })
      await bench.sleep(5 * SECOND_MS)
      const close = bench.closing({ valve, of: order.seq })
      const ack = await bench.sendAndAwaitAck(close)
      await expectClosed(bench, valve, 'a close')
      check(ack?.st === 'done', `${ackText(ack)} to the close`, 'ack done')
      check(ack!.last >= close.seq!, `last ${ack!.last}`, `${close.seq}: no lower number opens any more (I7)`)
      const end = await bench.awaitEnd(order, SECOND_MS)
      check(
        end.st === 'aborted' && end.why === 'command',
        `${ackText(end)} for the run`,
        'ack aborted (command)',
      )
    },
  },
  {
    rule: 'close-again',
    requirement: 'a repeated close command is acknowledged again',
    async run(bench) {
      const valve = bench.valve()
      const close = bench.closing({ valve })
      await bench.sendAndAwaitAck(close)
      const repeated = await bench.sendAndAwaitAck(close)
      check(repeated?.st === 'dup' || repeated?.st === 'done', ackText(repeated), 'ack dup or done')
    },
  },
  {
    rule: 'fence',
    requirement:
      'an open command that arrives after the close that cancels it (its fence) never opens, and the acknowledgement of that close contains a journal entry for it (I7)',
    async run(bench) {
      const valve = bench.valve()
      const opening = bench.opening(valve)
      const ack = await bench.sendAndAwaitAck(bench.closing({ valve, of: opening.seq }))
      check(ack?.st === 'done', ackText(ack), 'ack done')
      const entry = ack!.jr.find((item) => item.valve === valve && item.seq === opening.seq)
      check(
        entry?.ranMs === 0,
        entry ? `ranMs ${entry.ranMs}` : 'no journal entry of it',
        'jr with its number and ranMs 0',
      )
      await expectRejected(bench, opening, { st: 'dup' })
    },
  },
  {
    rule: 'close-any-session',
    requirement: 'a close command needs no session: it is accepted when the server’s view is out of date',
    async run(bench) {
      const valve = bench.valve()
      await bench.open(valve, { durMs: 60 * SECOND_MS })
      await bench.send(bench.closing({ valve, sess: 'none' }))
      await expectClosed(bench, valve, 'a close for another session')
    },
  },
  {
    rule: 'close-any-time',
    requirement:
      'a close command never expires, even if it carries an expiry or a heartbeat number as an open command does',
    async run(bench) {
      const valve = bench.valve()
      await bench.open(valve, { durMs: 60 * SECOND_MS })
      await bench.send({ ...bench.closing({ valve }), n: 0, expMonoMs: 0, time: '1970-01-01T00:00:00Z' })
      await expectClosed(bench, valve, 'a close that looks old')
    },
  },
  {
    rule: 'close-mac',
    requirement: 'a close command with a wrong `mac` closes nothing',
    async run(bench) {
      const valve = bench.valve()
      const order = await bench.open(valve, { durMs: 30 * SECOND_MS })
      const mac = '0'.repeat(32)
      await bench.send(bench.closing({ valve, seq: order.seq + 1, mac }))
      await bench.send(bench.closing({ valve: '*', force: true, mac }))
      await bench.sleep(3 * SECOND_MS)
      check(isOpen(bench, valve, order.seq), 'the valve shut', 'it stays open')
    },
  },
  {
    rule: 'stop',
    requirement: 'the emergency stop closes every valve, without a number and in any session',
    async run(bench) {
      const valve = bench.valve()
      const order = await bench.open(valve, { durMs: 60 * SECOND_MS })
      const second = bench.view.state!.valves[1]?.id
      if (second !== undefined) await bench.send(bench.opening(second, { durMs: 60 * SECOND_MS }))
      await bench.sleep(2 * SECOND_MS)
      const ack = await bench.sendAndAwaitAck(bench.closing({ valve: '*', force: true, sess: 'none' }))
      await expectClosed(bench, valve, 'the emergency stop')
      if (second !== undefined) await expectClosed(bench, second, 'the emergency stop')
      check(ack?.st === 'done', ackText(ack), 'ack done with valve * and seq 0')
      await bench.awaitEnd(order, SECOND_MS)
    },
  },
  {
    rule: 'stop-no-number',
    requirement: 'the emergency stop uses no number: the next open command opens',
    async run(bench) {
      const valve = bench.valve()
      await bench.sendAndAwaitAck(bench.closing({ valve: '*', force: true }))
      await bench.open(valve, { durMs: SECOND_MS })
    },
  },
]
