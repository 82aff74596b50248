/** What a right order does. */
import { SECOND_MS } from '../../contract/time.ts'
import { answerText, ANSWER_MS } from '../bench.ts'
import { isOpen, near, refuses, runOut, SLACK_MS, WAY_MS, type Trial } from '../trial.ts'
import { broken, must, untried } from '../verdict.ts'

export const opening: readonly Trial[] = [
  {
    rule: 'open',
    says: 'an order that is right opens the valve, and is answered with running',
    async run(bench) {
      const valve = bench.valve()
      const order = await bench.open(valve)
      const ack = bench.view.acks.at(-1)!
      must(
        ack.last >= order.seq,
        `last ${ack.last} in the ack`,
        `${order.seq} or more: a number is used up first`,
      )
    },
  },
  {
    rule: 'state-change',
    says: 'each change is told in a new state within 2 s: pos, seq, last, and sv counted up',
    async run(bench) {
      const valve = bench.valve()
      const before = bench.view.state!.sv
      const { seq } = await bench.open(valve, { durMs: 10 * SECOND_MS })
      const stateOf = () => bench.view.state?.valves.find(({ id }) => id === valve)
      const isTold = (pos: string) => () =>
        stateOf()?.pos === pos && stateOf()?.seq === seq && (bench.view.state?.last[valve] ?? 0) >= seq
      const shown = () =>
        `state with pos ${stateOf()?.pos}, seq ${stateOf()?.seq}, last ${bench.view.state?.last[valve]}`
      must(
        (await bench.until(isTold('open'), 2 * SECOND_MS)) !== null,
        shown(),
        `pos open, seq ${seq}, last ${seq}`,
      )
      const opened = bench.view.state!.sv
      must(opened > before, `sv ${opened} after sv ${before}`, 'more')
      await bench.ended({ valve, seq } as never, 15 * SECOND_MS)
      must((await bench.until(isTold('closed'), 2 * SECOND_MS)) !== null, shown(), `pos closed, seq ${seq}`)
      must(bench.view.state!.sv > opened, `sv ${bench.view.state!.sv} after sv ${opened}`, 'more')
    },
  },
  {
    rule: 'duration',
    says: 'the valve shuts when its duration is over, within a second (I2)',
    async run(bench) {
      const valve = bench.valve()
      const durMs = 20 * SECOND_MS
      const order = await bench.open(valve, { durMs })
      const openedMs = bench.clock.now()
      const end = await bench.ended(order, durMs + 20 * SECOND_MS)
      const tookMs = end.atMs - openedMs
      must(end.st === 'done' && end.why === 'timer', answerText(end), 'ack done (timer)')
      must(near(tookMs, durMs, SLACK_MS + WAY_MS), `shut after ${tookMs} ms`, `${durMs} ms`)
      must(near(end.ranMs, durMs), `ranMs ${end.ranMs}`, `${durMs}, in ms`)
    },
  },
  {
    rule: 'unknown-keys',
    says: 'keys that are not known are passed over: the wire grows',
    async run(bench) {
      const order = { ...bench.opening(bench.valve()), later: { than: 'v1' } }
      const answer = await bench.askAnswer(order)
      must(answer?.st === 'running', answerText(answer), 'ack running')
    },
  },
  {
    rule: 'repeat-running',
    says: 'an order that comes again while it runs changes nothing: it ends when it would have ended',
    async run(bench) {
      const valve = bench.valve()
      const durMs = 20 * SECOND_MS
      const order = await bench.open(valve, { durMs })
      const openedMs = bench.clock.now()
      await bench.sleep(10 * SECOND_MS)
      const answer = await bench.askAnswer(order)
      must(answer?.st === 'running' || answer?.st === 'dup', answerText(answer), 'ack running or dup')
      must(isOpen(bench, valve), 'the valve shut', 'it stays open')
      const end = await bench.ended(order, durMs + 20 * SECOND_MS)
      const tookMs = end.atMs - openedMs
      must(near(tookMs, durMs, SLACK_MS + WAY_MS), `shut after ${tookMs} ms in all`, `${durMs} ms`)
    },
  },
  {
    rule: 'repeat-over',
    says: 'an order that comes again when it is over is answered from the journal, and opens nothing (I1)',
    async run(bench) {
      const valve = bench.valve()
      const { order, end } = await runOut(bench, valve, 5 * SECOND_MS)
      const again = await refuses(bench, order, { st: 'dup' })
      const entry = again.jr.find((one) => one.valve === valve && one.seq === order.seq)
      if (!entry) throw broken('no journal entry of that number in the answer', `jr with seq ${order.seq}`)
      must(
        entry.ranMs === end.ranMs,
        `ranMs ${entry.ranMs} in the journal`,
        `${end.ranMs} as the run was told`,
      )
    },
  },
  {
    rule: 'repeat-forgotten',
    says: 'an order that comes again opens nothing when the journal has forgotten it as well (I1)',
    async run(bench) {
      const valve = bench.valve()
      const { order } = await runOut(bench, valve, 5 * SECOND_MS)
      await bench.sleep(WAY_MS)
      await bench.storeJournal()
      await bench.sleep(2 * SECOND_MS)
      await refuses(bench, order, { st: 'dup' })
    },
  },
  {
    rule: 'two-valves',
    says: 'valves run side by side, each to its own end',
    async run(bench) {
      const [one, two] = [bench.valve(0), bench.valve(1)]
      const first = await bench.open(one, { durMs: 20 * SECOND_MS })
      const second = bench.opening(two, { durMs: 10 * SECOND_MS })
      const answer = await bench.askAnswer(second)
      if (answer?.st === 'rejected' && (answer.why === 'busy' || answer.why === 'interlock'))
        throw untried(`the controller opens one valve at a time: ${answerText(answer)}`)
      must(answer?.st === 'running', answerText(answer), 'ack running')
      const ends = [await bench.ended(second, 15 * SECOND_MS), await bench.ended(first, 25 * SECOND_MS)]
      const told = ends.map(({ ranMs }) => ranMs).join(' and ')
      must(near(ends[0]!.ranMs, 10_000) && near(ends[1]!.ranMs, 20_000), `ranMs ${told}`, '10000 and 20000')
    },
  },
  {
    rule: 'litres',
    says: 'the valve shuts when its litres have flowed, before its duration',
    async run(bench) {
      const valve = bench.valve()
      const litresNow = () => bench.view.state?.valves.find(({ id }) => id === valve)?.litres ?? null
      const first = await bench.open(valve, { durMs: 40 * SECOND_MS })
      const { litres } = await bench.ended(first, 45 * SECOND_MS)
      if (litres == null) throw untried('the controller has no meter')
      if (litres < 4) throw untried(`too little water flows here to measure: ${litres} L in 40 s`)
      const dose = Math.max(1, Math.floor(litres / 2))
      const order = await bench.open(valve, { durMs: 120 * SECOND_MS, litres: dose })
      const end = await bench.ended(order, 120 * SECOND_MS + ANSWER_MS)
      must(end.st === 'done' && end.why === 'litres', answerText(end), 'ack done (litres)')
      must(
        (end.litres ?? 0) >= dose,
        `${end.litres} L of ${dose} (state says ${litresNow()})`,
        `${dose} L or more`,
      )
      must((end.litres ?? 0) <= 2 * litres, `${end.litres} L of ${dose}`, 'the dose and what one pulse adds')
    },
  },
]
