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
        const latched = await bench.until(() => (bench.view.state?.fault ?? null) !== null, PERSON_MS)
        if (latched === null) throw ruleSkipped(`no fault was published within ${PERSON_MS / SECOND_MS} s`)
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
        const faultNo = theFault()
        await expectNotCleared(bench, 'mac', clear(bench, faultNo, { mac: '0'.repeat(32) }), faultNo)
        await expectNotCleared(bench, 'sess', clear(bench, faultNo, { sess: 'b0.c0.other' }), faultNo)
        await expectNotCleared(bench, 'seq', clear(bench, faultNo + 1), faultNo + 1)
        if (faultNo > 1) await expectNotCleared(bench, null, clear(bench, faultNo - 1), faultNo - 1)
        const { own } = bench.wire
        if (own === null) return
        const send = (message: object) => own.sendAsRetained(JSON.stringify(message))
        await expectNotCleared(bench, 'retained', clear(bench, faultNo), faultNo, send)
      },
    },
    {
      rule: 'clear',
      requirement: 'a clear of the fault that the person saw ends it and is acknowledged',
      needs: 'fault',
      async run(bench) {
        const faultNo = theFault()
        const ack = await sendClear(bench, clear(bench, faultNo), faultNo)
        check(ack?.st === 'done', ackText(ack), `ack done with valve * and seq ${faultNo}`)
        const isGone = await bench.until(() => bench.view.state?.fault == null, 2 * SECOND_MS)
        check(isGone !== null, `fault ${bench.view.state?.fault} in the state`, 'fault null within 2 s')
        const repeated = await sendClear(bench, clear(bench, faultNo), faultNo)
        check(repeated?.st === 'dup', `${ackText(repeated)} to the same clear again`, 'ack dup')
        await bench.open(bench.valve(), { durMs: SECOND_MS })
      },
    },
  ]
}

function clear(bench: Bench, faultNo: number, changes: { sess?: string; mac?: string } = {}): object {
  const order = { op: 'clear' as const, of: faultNo, sess: changes.sess ?? bench.view.sess! }
  return { ...order, mac: changes.mac ?? macOf(bench.keyHex, order) }
}

async function sendClear(bench: Bench, message: object, faultNo: number, send = bench.send) {
  const from = bench.view.acks.length
  await send(message)
  return bench.until(
    () => bench.view.acks.slice(from).find(({ valve, seq }) => valve === '*' && seq === faultNo),
    5 * SECOND_MS,
  )
}

async function expectNotCleared(
  bench: Bench,
  why: string | null,
  message: object,
  faultNo: number,
  send = bench.send,
): Promise<void> {
  const ack = await sendClear(bench, message, faultNo, send)
  await bench.sleep(2 * SECOND_MS)
  if (bench.view.state?.fault == null)
    throw ruleFailed(`the fault is cleared (${why ?? 'an older one was named'})`, 'it stays')
  const matches = why === null ? ack?.st === 'dup' : ack?.st === 'rejected' && ack.why === why
  check(matches, ackText(ack), why === null ? 'ack dup' : `ack rejected (${why})`)
}
