/** A latched fault, and how a person clears it from afar. A person must make the fault. */
import { macOf } from '../../contract/mac.ts'
import { SECOND_MS } from '../../contract/time.ts'
import { answerText, type Bench } from '../bench.ts'
import { isOpen, refuses, type Trial } from '../trial.ts'
import { broken, must, untried } from '../verdict.ts'

const PERSON_MS = 600 * SECOND_MS

/** The trials of one fault, in their order: the first one has it made, the last clears it. */
export function fault(): readonly Trial[] {
  let faultNo: number | null = null
  const theFault = (): number => {
    if (faultNo === null) throw untried('there was no fault')
    return faultNo
  }
  return [
    {
      rule: 'fault-latched',
      says: 'a fault (flow while all is shut, no flow, too much) shuts everything, is told and stays',
      needs: 'fault',
      async run(bench) {
        const valve = bench.valve()
        if (bench.view.state!.faultNo === undefined)
          throw untried('the controller counts no faults (no faultNo)')
        await bench.open(valve, { durMs: 600 * SECOND_MS })
        await bench.ask('fault')
        const found = await bench.until(() => (bench.view.state?.fault ?? null) !== null, PERSON_MS)
        if (found === null) throw untried(`no fault was told within ${PERSON_MS / SECOND_MS} s`)
        await bench.until(() => !isOpen(bench, valve), 2 * SECOND_MS)
        must(bench.view.open.size === 0, `${[...bench.view.open.keys()].join()} is open`, 'all are shut')
        const no = bench.view.state!.faultNo ?? 0
        must(no > 0, `faultNo ${no}`, '1 or more')
        faultNo = no
        await bench.sleep(65 * SECOND_MS)
        must(
          bench.view.state?.fault != null,
          'the fault is gone by itself',
          'it stays until a person clears it',
        )
      },
    },
    {
      rule: 'interlock',
      says: 'while a fault is latched no order opens',
      needs: 'fault',
      async run(bench) {
        theFault()
        await refuses(bench, bench.opening(bench.valve()), { st: 'rejected', why: 'interlock' })
      },
    },
    {
      rule: 'clear-guards',
      says: 'a clear that is forged, retained, of another session or of another fault clears nothing',
      needs: 'fault',
      async run(bench) {
        const of = theFault()
        await clearsNothing(bench, 'mac', clear(bench, of, { mac: '0'.repeat(32) }), of)
        await clearsNothing(bench, 'sess', clear(bench, of, { sess: 'b0.c0.other' }), of)
        await clearsNothing(bench, 'seq', clear(bench, of + 1), of + 1)
        if (of > 1) await clearsNothing(bench, null, clear(bench, of - 1), of - 1)
        const { own } = bench.wire
        if (own === null) return
        const say = (message: object) => own.sayAsRetained(JSON.stringify(message))
        await clearsNothing(bench, 'retained', clear(bench, of), of, say)
      },
    },
    {
      rule: 'clear',
      says: 'a clear of the fault that the person saw ends it, and is answered',
      needs: 'fault',
      async run(bench) {
        const of = theFault()
        const answer = await askClear(bench, clear(bench, of), of)
        must(answer?.st === 'done', answerText(answer), `ack done with valve * and seq ${of}`)
        const isGone = await bench.until(() => bench.view.state?.fault == null, 2 * SECOND_MS)
        must(isGone !== null, `fault ${bench.view.state?.fault} in the state`, 'fault null within 2 s')
        const again = await askClear(bench, clear(bench, of), of)
        must(again?.st === 'dup', `${answerText(again)} to the same clear again`, 'ack dup')
        await bench.open(bench.valve(), { durMs: SECOND_MS })
      },
    },
  ]
}

function clear(bench: Bench, of: number, changes: { sess?: string; mac?: string } = {}): object {
  const order = { op: 'clear' as const, of, sess: changes.sess ?? bench.view.sess! }
  return { ...order, mac: changes.mac ?? macOf(bench.keyHex, order) }
}

async function askClear(bench: Bench, message: object, of: number, say = bench.say) {
  const from = bench.view.acks.length
  await say(message)
  return bench.until(
    () => bench.view.acks.slice(from).find(({ valve, seq }) => valve === '*' && seq === of),
    5 * SECOND_MS,
  )
}

async function clearsNothing(
  bench: Bench,
  why: string | null,
  message: object,
  of: number,
  say = bench.say,
): Promise<void> {
  const answer = await askClear(bench, message, of, say)
  await bench.sleep(2 * SECOND_MS)
  if (bench.view.state?.fault == null)
    throw broken(`the fault is cleared (${why ?? 'an older one was named'})`, 'it stays')
  const fits = why === null ? answer?.st === 'dup' : answer?.st === 'rejected' && answer.why === why
  must(fits, answerText(answer), why === null ? 'ack dup' : `ack rejected (${why})`)
}
