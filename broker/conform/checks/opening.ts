/** The effects of a valid open command. */
import { SECOND_MS } from '../../contract/time.ts'
import { ackText, ACK_TIMEOUT_MS } from '../bench.ts'
import { isOpen, isNear, expectRejected, runToEnd, SLACK_MS, TRANSIT_MS, type Trial } from '../trial.ts'
import { ruleFailed, check, ruleSkipped } from '../verdict.ts'

export const opening: readonly Trial[] = [
  {
    rule: 'open',
    requirement: 'a valid open command opens the valve and is acknowledged with running',
    async run(bench) {
      const valve = bench.valve()
      const order = await bench.open(valve)
      const ack = bench.view.acks.at(-1)!
      check(
        ack.last >= order.seq,
        `last ${ack.last} in the ack`,
        `${order.seq} or more: a number is used up first`,
      )
    },
  },
  {
    rule: 'state-change',
    requirement: 'each change is published in a new state within 2 s: pos, seq, last, and an incremented sv',
    async run(bench) {
      const valve = bench.valve()
      const svBefore = bench.view.state!.sv
      const { seq } = await bench.open(valve, { durMs: 10 * SECOND_MS })
      const stateOf = () => bench.view.state?.valves.find(({ id }) => id === valve)
      const isReported = (pos: string) => () =>
        stateOf()?.pos === pos && stateOf()?.seq === seq && (bench.view.state?.last[valve] ?? 0) >= seq
      const reported = () =>
        `state with pos ${stateOf()?.pos}, seq ${stateOf()?.seq}, last ${bench.view.state?.last[valve]}`
      check(
        (await bench.until(isReported('open'), 2 * SECOND_MS)) !== null,
        reported(),
        `pos open, seq ${seq}, last ${seq}`,
      )
      const svOpened = bench.view.state!.sv
      check(svOpened > svBefore, `sv ${svOpened} after sv ${svBefore}`, 'more')
      await bench.awaitEnd({ valve, seq } as never, 15 * SECOND_MS)
      check(
        (await bench.until(isReported('closed'), 2 * SECOND_MS)) !== null,
        reported(),
        `pos closed, seq ${seq}`,
      )
      check(bench.view.state!.sv > svOpened, `sv ${bench.view.state!.sv} after sv ${svOpened}`, 'more')
    },
  },
  {
    rule: 'duration',
    requirement: 'the valve closes when its duration has passed, within a second (I2)',
    async run(bench) {
      const valve = bench.valve()
      const durMs = 20 * SECOND_MS
      const order = await bench.open(valve, { durMs })
      const openedMs = bench.clock.now()
      const end = await bench.awaitEnd(order, durMs + 20 * SECOND_MS)
      const tookMs = end.atMs - openedMs
      check(end.st === 'done' && end.why === 'timer', ackText(end), 'ack done (timer)')
      check(isNear(tookMs, durMs, SLACK_MS + TRANSIT_MS), `shut after ${tookMs} ms`, `${durMs} ms`)
      check(isNear(end.ranMs, durMs), `ranMs ${end.ranMs}`, `${durMs}, in ms`)
    },
  },
  {
    rule: 'unknown-keys',
    requirement: 'unknown keys are ignored, so that later versions of the protocol can add some',
    async run(bench) {
      const order = { ...bench.opening(bench.valve()), later: { than: 'v1' } }
      const ack = await bench.sendAndAwaitAck(order)
      check(ack?.st === 'running', ackText(ack), 'ack running')
    },
  },
  {
    rule: 'repeat-running',
    requirement: 'an open command repeated during its run changes nothing: the run ends at its original time',
    async run(bench) {
      const valve = bench.valve()
      const durMs = 20 * SECOND_MS
      const order = await bench.open(valve, { durMs })
      const openedMs = bench.clock.now()
      await bench.sleep(10 * SECOND_MS)
      const ack = await bench.sendAndAwaitAck(order)
      check(ack?.st === 'running' || ack?.st === 'dup', ackText(ack), 'ack running or dup')
      check(isOpen(bench, valve), 'the valve shut', 'it stays open')
      const end = await bench.awaitEnd(order, durMs + 20 * SECOND_MS)
      const tookMs = end.atMs - openedMs
      check(isNear(tookMs, durMs, SLACK_MS + TRANSIT_MS), `shut after ${tookMs} ms in all`, `${durMs} ms`)
    },
  },
  {
    rule: 'repeat-over',
    requirement:
      'an open command repeated after its run is acknowledged from the journal and opens nothing (I1)',
    async run(bench) {
      const valve = bench.valve()
      const { order, end } = await runToEnd(bench, valve, 5 * SECOND_MS)
      const repeated = await expectRejected(bench, order, { st: 'dup' })
      const entry = repeated.jr.find((item) => item.valve === valve && item.seq === order.seq)
      if (!entry)
        throw ruleFailed('no journal entry of that number in the answer', `jr with seq ${order.seq}`)
      check(
        entry.ranMs === end.ranMs,
        `ranMs ${entry.ranMs} in the journal`,
        `${end.ranMs} as reported in the ack`,
      )
    },
  },
  {
    rule: 'repeat-forgotten',
    requirement: 'an open command repeated after the journal has removed its entry opens nothing either (I1)',
    async run(bench) {
      const valve = bench.valve()
      const { order } = await runToEnd(bench, valve, 5 * SECOND_MS)
      await bench.sleep(TRANSIT_MS)
      await bench.storeJournal()
      await bench.sleep(2 * SECOND_MS)
      await expectRejected(bench, order, { st: 'dup' })
    },
  },
  {
    rule: 'two-valves',
    requirement: 'valves run in parallel, each to its own end',
    async run(bench) {
      const [firstValve, secondValve] = [bench.valve(0), bench.valve(1)]
      const first = await bench.open(firstValve, { durMs: 20 * SECOND_MS })
      const second = bench.opening(secondValve, { durMs: 10 * SECOND_MS })
      const ack = await bench.sendAndAwaitAck(second)
      if (ack?.st === 'rejected' && (ack.why === 'busy' || ack.why === 'interlock'))
        throw ruleSkipped(`the controller opens one valve at a time: ${ackText(ack)}`)
      check(ack?.st === 'running', ackText(ack), 'ack running')
      const ends = [await bench.awaitEnd(second, 15 * SECOND_MS), await bench.awaitEnd(first, 25 * SECOND_MS)]
      const durations = ends.map(({ ranMs }) => ranMs).join(' and ')
      check(
        isNear(ends[0]!.ranMs, 10_000) && isNear(ends[1]!.ranMs, 20_000),
        `ranMs ${durations}`,
        '10000 and 20000',
      )
    },
  },
  {
    rule: 'litres',
    requirement: 'the valve closes when its litres have flowed, before its duration has passed',
    async run(bench) {
      const valve = bench.valve()
      const litresNow = () => bench.view.state?.valves.find(({ id }) => id === valve)?.litres ?? null
      const first = await bench.open(valve, { durMs: 40 * SECOND_MS })
      const { litres } = await bench.awaitEnd(first, 45 * SECOND_MS)
      if (litres == null) throw ruleSkipped('the controller has no meter')
      if (litres < 4) throw ruleSkipped(`too little water flows here to measure: ${litres} L in 40 s`)
      const dose = Math.max(1, Math.floor(litres / 2))
      const order = await bench.open(valve, { durMs: 120 * SECOND_MS, litres: dose })
      const end = await bench.awaitEnd(order, 120 * SECOND_MS + ACK_TIMEOUT_MS)
      check(end.st === 'done' && end.why === 'litres', ackText(end), 'ack done (litres)')
      check(
        (end.litres ?? 0) >= dose,
        `${end.litres} L of ${dose} (state reports ${litresNow()})`,
        `${dose} L or more`,
      )
      check((end.litres ?? 0) <= 2 * litres, `${end.litres} L of ${dose}`, 'the dose and what one pulse adds')
    },
  },
]
