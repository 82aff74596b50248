/** A latched fault, and how a person clears it remotely. A person must cause the fault. */
import { macOf } from '../../contract/mac.ts'
import { SECOND_MS } from '../../contract/time.ts'
import { ackText, type Bench } from '../bench.ts'
import { isOpen, expectRejected, type Trial } from '../trial.ts'
import { ruleFailed, check, ruleSkipped } from '../verdict.ts'

const PERSON_MS = 600 * SECOND_MS

/** The tests of one fault, in order: the first requests it, the last clears it. */
export function fault(): readonly Trial[] {
  let faultNo: number | null = null
  const theFault = (): number => {
    if (faultNo === null) throw ruleSkipped('there was no fault')
    return faultNo
  }
  return [
    {
      rule: 'fault-latched',
      requirement:
        'a fault (flow while all valves are closed, no flow, too much flow) closes every valve, is published and stays latched',
      needs: 'fault',
      async run(bench) {
        const valve = bench.valve()
        if (bench.view.state!.faultNo === undefined)
          throw ruleSkipped('the controller counts no faults (no faultNo)')
        await bench.open(valve, { durMs: 600 * SECOND_MS })
        await bench.requestAction('fault')
        const found = await bench.until(() => (bench.view.state?.fault ?? null) !== null, PERSON_MS)
        if (found === null) throw ruleSkipped(`no fault was published within ${PERSON_MS / SECOND_MS} s`)
        await bench.until(() => !isOpen(bench, valve), 2 * SECOND_MS)
        check(bench.view.open.size === 0, `${[...bench.view.open.keys()].join()} is open`, 'all are shut')
        const no = bench.view.state!.faultNo ?? 0
        check(no > 0, `faultNo ${no}`, '1 or more')
        faultNo = no
        await bench.sleep(65 * SECOND_MS)
        check(
          bench.view.state?.fault != null,
          'the fault is gone by itself',
          'it stays until a person clears it',
        )
      },
    },
    {
      rule: 'interlock',
      requirement: 'while a fault is latched no open command opens a valve',
      needs: 'fault',
      async run(bench) {
        theFault()
        await expectRejected(bench, bench.opening(bench.valve()), { st: 'rejected', why: 'interlock' })
      },
    },
    {
      rule: 'clear-guards',
      requirement:
        'a clear that is forged, retained, for another session or for another fault clears nothing',
      needs: 'fault',
      async run(bench) {
        const of = theFault()
        await expectNotCleared(bench, 'mac', clear(bench, of, { mac: '0'.repeat(32) }), of)
        await expectNotCleared(bench, 'sess', clear(bench, of, { sess: 'b0.c0.other' }), of)
        await expectNotCleared(bench, 'seq', clear(bench, of + 1), of + 1)
        if (of > 1) await expectNotCleared(bench, null, clear(bench, of - 1), of - 1)
        const { own } = bench.wire
        if (own === null) return
        const say = (message: object) => own.sendAsRetained(JSON.stringify(message))
        await expectNotCleared(bench, 'retained', clear(bench, of), of, say)
      },
    },
    {
      rule: 'clear',
      requirement: 'a clear of the fault that the person saw ends it and is acknowledged',
      needs: 'fault',
      async run(bench) {
        const of = theFault()
        const answer = await sendClear(bench, clear(bench, of), of)
        check(answer?.st === 'done', ackText(answer), `ack done with valve * and seq ${of}`)
        const isGone = await bench.until(() => bench.view.state?.fault == null, 2 * SECOND_MS)
        check(isGone !== null, `fault ${bench.view.state?.fault} in the state`, 'fault null within 2 s')
        const again = await sendClear(bench, clear(bench, of), of)
        check(again?.st === 'dup', `${ackText(again)} to the same clear again`, 'ack dup')
        await bench.open(bench.valve(), { durMs: SECOND_MS })
      },
    },
  ]
}

function clear(bench: Bench, of: number, changes: { sess?: string; mac?: string } = {}): object {
  const order = { op: 'clear' as const, of, sess: changes.sess ?? bench.view.sess! }
  return { ...order, mac: changes.mac ?? macOf(bench.keyHex, order) }
}

async function sendClear(bench: Bench, message: object, of: number, say = bench.send) {
  const from = bench.view.acks.length
  await say(message)
  return bench.until(
    () => bench.view.acks.slice(from).find(({ valve, seq }) => valve === '*' && seq === of),
    5 * SECOND_MS,
  )
}

async function expectNotCleared(
  bench: Bench,
  why: string | null,
  message: object,
  of: number,
  say = bench.send,
): Promise<void> {
  const answer = await sendClear(bench, message, of, say)
  await bench.sleep(2 * SECOND_MS)
  if (bench.view.state?.fault == null)
    throw ruleFailed(`the fault is cleared (${why ?? 'an older one was named'})`, 'it stays')
  const fits = why === null ? answer?.st === 'dup' : answer?.st === 'rejected' && answer.why === why
  check(fits, ackText(answer), why === null ? 'ack dup' : `ack rejected (${why})`)
}
