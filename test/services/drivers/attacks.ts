/**
 * What must never happen to a foreign valve, each as a scenario: it returns what went wrong, null for nothing. The
 * gate runs them on drivers with one guard taken out.
 */
import {
  esphome,
  giex,
  JC,
  jc,
  openSprinkler,
  RESULT,
  runningSwv,
  runningTasmota,
  swv,
  tasmota,
  uc511,
  uc511AtTts,
  UP,
  Z2M,
  zigbee,
} from './bench-valves.ts'
import { MINUTE_MS, ours, type Drivers, type ValveBench } from './valve-bench.ts'

export type Attack = (drivers: Drivers) => string | null

const OFF = `${Z2M}/set {"state":"OFF"}`
const wrong = (isWrong: boolean, what: string): string | null => (isWrong ? what : null)
const opened = (bench: ValveBench): string | null =>
  wrong(bench.opens.length > 0, `it was opened: ${bench.opens.join()}`)
const anythingSent = (bench: ValveBench): string | null =>
  wrong(bench.sent.length > 0, `it was sent ${bench.sent.join()}`)
const openedTwice = (bench: ValveBench): string | null =>
  wrong(bench.opens.length > 1, `it was opened ${bench.opens.length} times`)
const reportedClosed = (bench: ValveBench): string | null =>
  wrong(bench.reported('closed').length > 0, 'it was reported closed without a proof')

export const attacks: Record<string, Attack> = {
  'Zigbee2MQTT 2.5.1 opens a SWV ten times as long': (drivers) => opened(swv(drivers, '2.5.1').open(5)),
  'Zigbee2MQTT has not said its version': (drivers) =>
    opened(swv(drivers, '').open(5)) ?? opened(swv(drivers, '2.6.0-dev').open(5)),
  'a driver in seconds meets a model in minutes': (drivers) =>
    anythingSent(zigbee('z2m-giex-qt06-2', 'QT06_1', { hasMeter: true }, drivers).open(5)),
  'the version is of before the connection was lost': (drivers) => opened(swv(drivers).down().up().open(5)),
  'the command has expired': (drivers) => {
    const bench = tasmota(drivers)
    return anythingSent(bench.open(5, { expMonoMs: bench.monoMs - 1 }))
  },
  'the read-back comes after the command has expired': (drivers) => {
    const bench = tasmota(drivers)
    bench.open(5, { expMonoMs: bench.monoMs + 1_000 }).pass(3_000)
    return opened(bench.receive(RESULT, { PulseTime2: { Set: 400 } }))
  },
  'the same command comes twice': (drivers) => {
    const bench = runningSwv(drivers)
    const before = bench.valve.lastSeq
    bench.receive(Z2M, { state: 'OFF' })
    return opened(bench.open(5, { seq: before }))
  },
  'a refused command comes again': (drivers) => {
    const bench = openSprinkler(drivers).down().open(5, { seq: 9 }).up()
    bench.take()
    return anythingSent(bench.open(5, { seq: 9 }))
  },
  'an open is never answered': (drivers) =>
    openedTwice(
      swv(drivers)
        .open(5)
        .pass(30 * MINUTE_MS),
    ),
  'Tilth ends between writing the open down and sending it': (drivers) => {
    const bench = swv(drivers).open(5, {}, true).restart().up()
    bench.receive(Z2M, { state: 'OFF' }).pass(10 * MINUTE_MS)
    return opened(bench)
  },
  'Tilth ends after the open has left': (drivers) =>
    openedTwice(
      swv(drivers)
        .open(5)
        .restart()
        .up()
        .pass(10 * MINUTE_MS),
    ) ?? wrong(!swv(drivers).open(5).restart().up().pass(MINUTE_MS).sent.includes(OFF), 'it was not closed'),
  'a run goes on over a restart': (drivers) => {
    const bench = runningSwv(drivers).restart().up().receive(Z2M, { state: 'ON' })
    return wrong(!bench.sent.includes(OFF), 'it resumed')
  },
  'the time is not read back before ON': (drivers) =>
    opened(tasmota(drivers).open(5)) ?? opened(tasmota(drivers).open(5).pass(MINUTE_MS)),
  'another time is read back before ON': (drivers) => {
    const bench = tasmota(drivers)
      .open(5)
      .receive(RESULT, { PulseTime2: { Set: 4000 } })
      .pass(MINUTE_MS)
    return opened(bench) ?? wrong(bench.reported('locked').length !== 1, 'it is not locked')
  },
  'the valve repeats ten times the duration': (drivers) => {
    const bench = swv(drivers).open(5)
    bench.receive(Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 3000 } })
    const isClosed = bench.sent.at(-1) === OFF
    bench.receive(Z2M, { state: 'OFF' }).open(5)
    return wrong(!isClosed, 'it was not closed at once') ?? openedTwice(bench)
  },
  'the valve does not repeat its duration': (drivers) => {
    const bench = swv(drivers).open(5).receive(Z2M, { state: 'ON' }).pass(MINUTE_MS)
    return wrong(!bench.sent.includes(OFF) || bench.reported('locked').length !== 1, 'it runs on, unread')
  },
  'a valve that has opened says nothing more': (drivers) => {
    const bench = runningSwv(drivers).pass(6 * MINUTE_MS)
    const closes = bench.take().filter((text) => text === OFF).length
    const repeats = bench
      .pass(20_000)
      .take()
      .filter((text) => text === OFF).length
    bench.pass(2 * MINUTE_MS)
    return (
      wrong(closes !== 1, 'it was not closed after its time') ??
      wrong(repeats !== 4, `the close was repeated ${repeats} times in 20 s`) ??
      wrong(bench.reported('unproved').length !== 1, 'nobody was notified') ??
      reportedClosed(bench.pass(60 * MINUTE_MS))
    )
  },
  'another message comes after the close': (drivers) =>
    reportedClosed(runningSwv(drivers).close().receive(Z2M, { battery: 94 }).receive(Z2M, 'offline')),
  'a retained state comes after the close': (drivers) =>
    reportedClosed(runningSwv(drivers).close().receive(Z2M, { state: 'OFF' }, true)),
  'the state of before comes while the close cannot be sent': (drivers) =>
    reportedClosed(runningSwv(drivers).down().close().receive(Z2M, { state: 'OFF' })),
  'the device has queued it, and does not run it': (drivers) => {
    const bench = openSprinkler(drivers).open(5).answer(JC, jc(false))
    bench.answer(bench.opens[0]!.slice('OPEN '.length), { result: 1 })
    return wrong(bench.reported('opened').length > 0, 'it was reported open')
  },
  'others wait in the queue': (drivers) => opened(openSprinkler(drivers).open(5).answer(JC, jc(false, 2))),
  'a weak make has no meter': (drivers) => anythingSent(giex(drivers).open(5)),
  'a weak make says that it is closed, and water flows': (drivers) => {
    const bench = giex(drivers, { hasMeter: true }).open(5)
    bench.receive(Z2M, { mode: 'duration', irrigation_target: 300 }).receive(Z2M, { state: 'ON' })
    bench.on({ type: 'flow', litresPerMinute: 12 }).pass(5 * MINUTE_MS)
    return reportedClosed(bench.receive(Z2M, { state: 'OFF' }).pass(5_000).receive(Z2M, { state: 'OFF' }))
  },
  'no test run was made': (drivers) =>
    opened(swv(drivers, undefined, { testedProof: null }).open(5)) ??
    opened(swv(drivers, undefined, { testedProof: 'P1' }).open(11)),
  'a valve that wakes once an hour': (drivers) => opened(uc511(drivers, { wakeMs: 3_600_000 }).open(5)),
  'somebody presses the button': (drivers) => {
    const bench = swv(drivers).receive(Z2M, { state: 'ON' })
    return wrong(bench.reported('unordered').length !== 1 || !bench.sent.includes(OFF), 'it stays open')
  },
  'somebody opens it for longer than its bound': (drivers) => {
    const bench = tasmota(drivers)
      .receive(RESULT, { POWER2: 'ON' })
      .pass(32 * MINUTE_MS)
    return wrong(!bench.sent.includes('cmnd/pump_house/Power2 OFF'), 'it stays open')
  },
  'The Things Stack keeps an open that has expired': (drivers) => {
    const bench = uc511AtTts(drivers)
    bench.open(5, { expMonoMs: bench.monoMs + 5 * MINUTE_MS }).pass(6 * MINUTE_MS)
    return wrong(!bench.sent.some((text) => text.endsWith('{"downlinks":[]}')), 'it was not taken back')
  },
  'a sleeping valve receives one close and loses it': (drivers) => {
    const bench = uc511(drivers)
      .open(5)
      .receive(UP, { object: { valve_2: 'open' } })
      .close()
    const before = bench.sent.length
    bench.receive(UP, { object: { valve_2: 'open' } })
    return wrong(bench.sent.length !== before + 1, 'the close was not repeated at its uplink')
  },
  'a close of a valve that never answers is given up': (drivers) => {
    const bench = runningTasmota(drivers)
      .close()
      .pass(10 * MINUTE_MS)
    const late = bench.take().length
    bench.pass(10 * MINUTE_MS)
    return wrong(late === 0 || bench.take().length === 0, 'nothing is sent any more')
  },
  'ESPHome is asked nothing and says nothing': (drivers) => {
    const bench = esphome(drivers).open(5).receive('garden/number/south_run_duration/state', '300')
    bench.receive('garden/switch/south/state', 'ON').pass(60 * MINUTE_MS)
    return reportedClosed(bench)
  },
}

/** The first attack that succeeds; null: none. */
export function firstAttack(drivers: Drivers = ours): string | null {
  for (const [name, attack] of Object.entries(attacks)) {
    const failure = attack(drivers)
    if (failure !== null) return `${name}: ${failure}`
  }
  return null
}
