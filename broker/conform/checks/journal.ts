/** An ended run stays in the journal until the server has stored it. */
import { withMac } from '../../contract/mac.ts'
import { SECOND_MS } from '../../contract/time.ts'
import type { Bench } from '../bench.ts'
import { runToEnd, type Trial } from '../trial.ts'
import { ruleFailed, check } from '../verdict.ts'

const entryOf = ({ view }: Bench, valve: string, seq: number) =>
  view.state?.jr.find((item) => item.valve === valve && item.seq === seq)

export const journal: readonly Trial[] = [
  {
    rule: 'journal',
    requirement: 'an ended run is in jr of every state until a journal-ack names it, and no longer',
    async run(bench) {
      const valve = bench.valve()
      const { order: first, end } = await runToEnd(bench, valve, 3 * SECOND_MS)
      const { order: second } = await runToEnd(bench, valve, 3 * SECOND_MS)
      // the periodic state, not the one published on a change
      const atMs = bench.view.stateAtMs
      await bench.until(() => bench.view.stateAtMs > atMs + SECOND_MS, 70 * SECOND_MS)
      for (const { seq } of [first, second])
        if (!entryOf(bench, valve, seq))
          throw ruleFailed(`no entry of number ${seq} in jr`, 'every run that is over')
      const entry = entryOf(bench, valve, first.seq)!
      check(
        entry.ranMs === end.ranMs && entry.why === end.why,
        JSON.stringify(entry),
        `ranMs ${end.ranMs}, why ${end.why}`,
      )
      const { sess } = bench.latestHeartbeat()
      await bench.send(
        withMac(bench.keyHex, { op: 'journal-ack' as const, sess, entries: [{ valve, seq: first.seq }] }),
      )
      const isForgotten = await bench.until(() => !entryOf(bench, valve, first.seq), 70 * SECOND_MS)
      check(isForgotten !== null, `number ${first.seq} is still in jr`, 'forgotten after journal-ack')
      check(
        entryOf(bench, valve, second.seq) !== undefined,
        `number ${second.seq} is gone as well`,
        'only what was named',
      )
    },
  },
  {
    rule: 'journal-mac',
    requirement: 'a journal-ack with a wrong `mac` removes nothing',
    async run(bench) {
      const valve = bench.valve()
      const { order } = await runToEnd(bench, valve, 3 * SECOND_MS)
      const { sess } = bench.latestHeartbeat()
      const entries = [{ valve, seq: order.seq }]
      await bench.send({ op: 'journal-ack', sess, entries, mac: '0'.repeat(32) })
      const atMs = bench.clock.now() + 2 * SECOND_MS
      await bench.until(() => bench.view.stateAtMs > atMs, 70 * SECOND_MS)
      check(entryOf(bench, valve, order.seq) !== undefined, 'the entry is gone', 'it stays')
    },
  },
]
