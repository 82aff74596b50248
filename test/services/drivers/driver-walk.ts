/**
 * A random walk of a foreign valve: wishes, answers in time, late, twice, retained or wrong, lost connections, crashes
 * before and after a message leaves, and time. It returns what went wrong, null for nothing.
 */
import fc from 'fast-check'
import {
  esphome,
  giex,
  JC,
  jc,
  openSprinkler,
  openSprinklerMqtt,
  RESULT,
  shelly,
  swv,
  tasmota,
  uc511,
  UP,
  Z2M,
} from './bench-valves.ts'
import type { DriverReport } from '../../../services/drivers/driver-state.ts'
import { MINUTE_MS, type Drivers, type ValveBench } from './valve-bench.ts'
import { valves } from './valves.ts'

/** A message of a make: its content, and how it comes. */
interface Word {
  /** either: the answer to an open or to a close, by its number */
  says: 'open' | 'closed' | 'either' | 'else'
  send(bench: ValveBench, isRetained: boolean): void
}
const word = (says: Word['says'], topic: string, payload: string | object): Word => ({
  says,
  send: (bench, isRetained) => void bench.receive(topic, payload, isRetained),
})
const answer = (says: Word['says'], urlOf: (bench: ValveBench) => string, body: object | null): Word => ({
  says,
  // an answer over HTTP is never retained
  send: (bench, isRetained) => void (isRetained || bench.answer(urlOf(bench), body)),
})

interface Make {
  make(drivers?: Drivers): ValveBench
  words: readonly Word[]
  /** the valve answers, at last */
  closes(bench: ValveBench): void
}

const z2mWords = [
  word('open', Z2M, { state: 'ON' }),
  word('open', Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 300 } }),
  word('open', Z2M, { state: 'ON', cyclic_timed_irrigation: { irrigation_duration: 3000 } }),
  word('closed', Z2M, { state: 'OFF' }),
  word('else', Z2M, { battery: 94, flow: 0.7 }),
  word('else', Z2M, { mode: 'duration', irrigation_target: 300 }),
  word('else', Z2M, { mode: 'duration', irrigation_target: 5 }),
  word('else', Z2M, 'offline'),
  word('else', 'zigbee2mqtt/bridge/info', { version: '2.5.1' }),
  word('else', 'zigbee2mqtt/bridge/info', { version: '2.14.1' }),
  word('else', 'zigbee2mqtt/bridge/devices', [
    { friendly_name: valves.zigbee.name, definition: { model: 'SWV' } },
  ]),
]
const SHELLY = valves.shelly.id
const shellyAnswer = (says: Word['says'], back: number, result: object): Word => ({
  says,
  send: (bench, isRetained) =>
    void bench.receive(`${SHELLY}/tilth/rpc`, { id: bench.valve.requestId - back, result }, isRetained),
})
const shellyNews = (output: boolean, source: string) =>
  word(output ? 'open' : 'closed', `${SHELLY}/events/rpc`, {
    method: 'NotifyStatus',
    params: { 'switch:0': { output, source } },
  })
const closeUrl = `http://192.168.1.20/cm?pw=${valves.openSprinkler.passwordDigest}&sid=10&en=0`
const openUrl = (bench: ValveBench) => bench.opens.at(-1)?.slice('OPEN '.length) ?? 'http://192.168.1.20/none'
const echo = Buffer.from('fe1da1012c010000000000', 'hex').toString('base64')

/** The makes of the walk. */
export const makes: Record<string, Make> = {
  'Sonoff SWV': {
    make: (drivers) => swv(drivers),
    words: z2mWords,
    closes: (bench) => z2mWords[3]!.send(bench, false),
  },
  'GiEX with a meter': {
    make: (drivers) => giex(drivers, { hasMeter: true }),
    words: z2mWords,
    closes(bench) {
      for (let s = 0; s <= 120; s += 10) bench.on({ type: 'flow', litresPerMinute: 0 }).pass(10_000)
    },
  },
  Tasmota: {
    make: (drivers) => tasmota(drivers),
    words: [
      word('else', RESULT, { PulseTime2: { Set: 400, Remaining: 0 } }),
      word('else', RESULT, { PulseTime2: { Set: 0, Remaining: 0 } }),
      word('open', RESULT, { POWER2: 'ON' }),
      word('closed', RESULT, { POWER2: 'OFF' }),
      word('else', RESULT, { POWER1: 'OFF' }),
    ],
    closes: (bench) => void bench.receive(RESULT, { POWER2: 'OFF' }),
  },
  Shelly: {
    make: (drivers) => shelly(drivers),
    words: [
      shellyAnswer('either', 0, { was_on: false }),
      shellyAnswer('either', 1, { was_on: false }),
      shellyAnswer('either', 0, { was_on: true }),
      shellyAnswer('open', 0, { id: 0, output: true, timer_duration: 300 }),
      shellyAnswer('open', 0, { id: 0, output: true, timer_duration: 3000 }),
      shellyAnswer('closed', 0, { id: 0, output: false }),
      shellyNews(true, 'button'),
      shellyNews(false, 'timer'),
      word('else', `${SHELLY}/tilth/rpc`, { id: 0, error: { code: -103 } }),
    ],
    closes: (bench) => void bench.receive(`${SHELLY}/tilth/rpc`, { id: 0, result: { id: 0, output: false } }),
  },
  ESPHome: {
    make: (drivers) => esphome(drivers),
    words: [
      word('else', 'garden/number/south_run_duration/state', '300'),
      word('else', 'garden/number/south_run_duration/state', '3000'),
      word('open', 'garden/switch/south/state', 'ON'),
      word('closed', 'garden/switch/south/state', 'OFF'),
    ],
    closes: (bench) => void bench.receive('garden/switch/south/state', 'OFF'),
  },
  OpenSprinkler: {
    make: (drivers) => openSprinkler(drivers),
    words: [
      answer('closed', () => JC, jc(false)),
      answer('closed', () => JC, jc(false, 2)),
      answer('open', () => JC, jc(true)),
      answer('else', openUrl, { result: 1 }),
      answer('else', openUrl, { result: 48 }),
      answer('else', openUrl, null),
      answer('closed', () => closeUrl, { result: 1 }),
      answer('closed', () => closeUrl, { result: 17 }),
      word('open', 'os/station/10', { state: 1, duration: 300 }),
      word('closed', 'os/station/10', { state: 0, duration: 20 }),
    ],
    closes: (bench) => void bench.answer(JC, jc(false)),
  },
  'OpenSprinkler by MQTT': {
    make: (drivers) => openSprinklerMqtt(drivers),
    words: [
      word('open', 'os/station/10', { state: 1, duration: 300 }),
      word('closed', 'os/station/10', { state: 0, duration: 20 }),
    ],
    closes: (bench) => void bench.receive('os/station/10', { state: 0 }),
  },
  'Milesight UC511': {
    make: (drivers) => uc511(drivers),
    words: [
      word('open', UP, { data: echo }),
      word('open', UP, { object: { valve_2: 'open' } }),
      word('closed', UP, { object: { valve_2: 'close' } }),
      word('else', UP, { object: { valve_2_result: 'failed' } }),
      word('else', UP, { object: { battery: 92 } }),
    ],
    closes: (bench) => void bench.receive(UP, { object: { valve_2: 'close' } }),
  },
}

export type Move =
  | { do: 'open'; isRepeat: boolean; crashes: boolean }
  | { do: 'close'; why: 'command' | 'timer' | 'boot'; crashes: boolean }
  | { do: 'word'; index: number; isRetained: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'restart' | 'up' | 'down' | 'unlock' }
  | { do: 'flow'; litresPerMinute: number }

const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 0)
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('open' as const), isRepeat: rarely, crashes: rarely }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('close' as const),
      why: fc.constantFrom('command', 'timer', 'boot'),
      crashes: rarely,
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ do: fc.constant('word' as const), index: fc.nat(20), isRetained: rarely }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 400_000 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('restart', 'up', 'down', 'unlock') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('flow' as const), litresPerMinute: fc.constantFrom(0, 12) }),
  },
)
export const moves = fc.array(move, { minLength: 1, maxLength: 40 })

/** Walks, and then is silent for three hours, and then answers. */
export function walk(make: Make, path: readonly Move[], drivers?: Drivers): string | null {
  const bench = make.make(drivers)
  bench.up()
  const opens = new Map<number, number>()
  for (const step of path) {
    const [sent, reported] = [bench.opens.length, bench.reports.length]
    const live = takeMove(bench, make, step)
    const seq = bench.valve.lastSeq
    opens.set(seq, (opens.get(seq) ?? 0) + bench.opens.length - sent)
    if (opens.get(seq)! > 1) return `run ${seq} was opened twice`
    for (const report of bench.reports.slice(reported)) {
      if (report.is === 'opened' && live !== 'open' && live !== 'either')
        return 'reported open without the word of the valve'
      if (report.is === 'closed' && !isProved(report, live, bench))
        return `reported closed, ${report.proof}, after ${JSON.stringify(step)}`
    }
  }
  return endOf(bench, make)
}

/** The valve's own word; the meter's; or time, of a valve that can be asked nothing and whose bound is known. */
function isProved(
  { proof, seq }: Extract<DriverReport, { is: 'closed' }>,
  live: Word['says'] | null,
  { setup, valve }: ValveBench,
): boolean {
  if (proof === 'P1' || proof === 'P2') return live === 'closed' || live === 'either'
  if (proof === 'P3') return setup.hasMeter && valve.still !== null
  const isBoundKnown = seq !== null || setup.driver.othersBoundMs !== null
  return isBoundKnown && setup.driver.planOf(setup.address, query) === null
}
const query = { op: 'query', requestId: 0, messageId: '', notAfterMs: 0 } as const

/** What the valve said live, if anything. */
function takeMove(bench: ValveBench, make: Make, step: Move): Word['says'] | null {
  switch (step.do) {
    case 'open': {
      const wish = bench.wish(5)
      bench.on({ ...wish, seq: step.isRepeat ? Math.max(1, wish.seq - 1) : wish.seq }, step.crashes)
      if (step.crashes) bench.restart()
      return null
    }
    case 'close':
      bench.on({ type: 'close-wanted', why: step.why }, step.crashes)
      if (step.crashes) bench.restart()
      return null
    case 'word': {
      const { says, send } = make.words[step.index % make.words.length]!
      send(bench, step.isRetained)
      return step.isRetained ? null : says
    }
    case 'pass':
      bench.pass(step.ms)
      return null
    case 'restart':
      bench.restart()
      return null
    case 'up':
      bench.up()
      return null
    case 'down':
      bench.down()
      return null
    case 'unlock':
      bench.on({ type: 'unlocked' })
      return null
    case 'flow':
      bench.on({ type: 'flow', litresPerMinute: step.litresPerMinute })
      return null
  }
}

const phaseOf = ({ valve }: ValveBench): string => valve.phase

/** Every run ends proved, or a person was notified; and a valve that answers again is proved closed. */
function endOf(bench: ValveBench, make: Make): string | null {
  bench.up().pass(180 * MINUTE_MS)
  if (phaseOf(bench) === 'idle') return null
  const isNotified = bench.valve.run?.isNotified === true || phaseOf(bench) === 'unordered'
  if (!isNotified) return `nobody was notified: ${phaseOf(bench)}`
  make.closes(bench)
  return phaseOf(bench) === 'idle' ? null : `it never ends: ${phaseOf(bench)}`
}
