/** Rules for the time after a power cut with a valve open. A person must cut the power. */
import type { JournalEntry, OpenCommand, State } from '../../contract/messages.ts'
import { SECOND_MS } from '../../contract/time.ts'
import type { Bench } from '../bench.ts'
import { isOpen, expectRejected, runToEnd, type Trial } from '../trial.ts'
import { ruleFailed, check, ruleSkipped } from '../verdict.ts'

const PERSON_MS = 600 * SECOND_MS
const DUR_MS = 900 * SECOND_MS

interface Cut {
  order: OpenCommand
  stored: JournalEntry
  /** the shortest possible run time, by its last message, ms */
  ranMs: number
  lastN: number
  hello: State
}

/** The trials of one power cut, in order: the first one requests the cut. */
export function power(): readonly Trial[] {
  let cut: Cut | null = null
  const theCut = (): Cut => {
    if (cut === null) throw ruleSkipped('there was no power cut')
    return cut
  }
  return [
    {
      rule: 'power-shut',
      requirement:
        'after a power cut every valve is closed and no run resumes, whatever the server sends (I5)',
      needs: 'power',
      async run(bench) {
        cut = await pullThePlug(bench)
        check(
          cut.hello.valves.every(({ pos }) => pos === 'closed'),
          'a valve is open in the hello',
          'all are closed',
        )
        await bench.sleep(15 * SECOND_MS)
        check(
          bench.view.open.size === 0,
          `${[...bench.view.open.keys()].join()} opened by itself`,
          'all stay closed',
        )
      },
    },
    {
      rule: 'power-number',
      requirement:
        'a number is in flash before the valve opens: after the power cut, `last` still contains it (I1)',
      needs: 'power',
      async run() {
        const { hello, order } = theCut()
        const last = hello.last[order.valve] ?? 0
        check(last >= order.seq, `last ${last}`, `${order.seq}`)
      },
    },
    {
      rule: 'power-bound',
      requirement:
        'the interrupted run is in `jr` with `"why":"power"` and its longest possible duration (I6)',
      needs: 'power',
      async run() {
        const { hello, order, ranMs } = theCut()
        const entry = hello.jr.find(({ valve, seq }) => valve === order.valve && seq === order.seq)
        if (!entry) throw ruleFailed('no journal entry of the run', `jr with seq ${order.seq}, why power`)
        check(entry.why === 'power', `why ${entry.why}`, 'power')
        check(
          entry.ranMs >= ranMs,
          `ranMs ${entry.ranMs}`,
          `${ranMs} or more: its messages showed it open for so long`,
        )
      },
    },
    {
      rule: 'power-journal',
      requirement: 'the journal survives a power cut',
      needs: 'power',
      async run() {
        const { hello, stored } = theCut()
        const entry = hello.jr.find(({ valve, seq }) => valve === stored.valve && seq === stored.seq)
        check(entry?.ranMs === stored.ranMs, JSON.stringify(entry ?? 'no entry'), JSON.stringify(stored))
      },
    },
    {
      rule: 'power-repeat',
      requirement: 'an open command from before the cut opens nothing after it (I1, I3)',
      needs: 'power',
      async run(bench) {
        const { order } = theCut()
        await bench.send(order)
        await bench.sleep(3 * SECOND_MS)
        check(!isOpen(bench, order.valve), 'the valve opened', 'it stays shut')
        const { sess, n, monoMs } = bench.latestHeartbeat()
        const { mac: _, ...anew } = { ...order, sess, n, expMonoMs: monoMs + 60 * SECOND_MS }
        await expectRejected(bench, bench.opening(order.valve, anew), { st: 'dup' })
      },
    },
    {
      rule: 'power-telemetry',
      requirement: 'the number n of telemetry continues after a power cut; no number is used twice',
      needs: 'power',
      async run(bench) {
        const { lastN } = theCut()
        if (lastN < 0) throw ruleSkipped('no telemetry was received before the cut')
        const from = bench.view.telemetry.length
        const n = await bench.until(() => bench.view.telemetry[from], 120 * SECOND_MS)
        if (n === null) throw ruleSkipped('no numbered telemetry was received within 120 s')
        check(n > lastN, `n ${n}`, `more than ${lastN}`)
      },
    },
  ]
}

async function pullThePlug(bench: Bench): Promise<Cut> {
  const valve = bench.valve()
  const { order: finished, end } = await runToEnd(bench, valve, 3 * SECOND_MS)
  const stored = { valve, seq: finished.seq, ranMs: end.ranMs, why: end.why ?? end.st }
  const order = await bench.open(valve, { durMs: Math.min(DUR_MS, bench.view.state!.capMs) })
  const openedMs = bench.clock.now()
  await bench.sleep(20 * SECOND_MS)
  let lastBeat = bench.latestHeartbeat()
  await bench.requestAction('power-cut')
  const hello = await bench.until(() => {
    const { state, heartbeats } = bench.view
    const newest = heartbeats.at(-1)
    if (newest?.sess === lastBeat.sess) lastBeat = newest
    else if (newest && state?.sess === newest.sess) return state
    return null
  }, PERSON_MS)
  if (hello === null) throw ruleSkipped(`no hello of a new session within ${PERSON_MS / SECOND_MS} s`)
  if (hello.monoMs >= lastBeat.monoMs)
    throw ruleSkipped(`its clock went on (monoMs ${hello.monoMs}): the connection was lost, not the power`)
  const lastN = Math.max(-1, ...bench.view.telemetry.map((n) => n ?? -1))
  return { order, stored, ranMs: lastBeat.atMs - openedMs, lastN, hello }
}
