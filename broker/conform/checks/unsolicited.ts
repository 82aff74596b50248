/** Rules for every message of the controller, from the first to the last. */
import {
  parseAck,
  parseHeartbeat,
  parseOnline,
  parseState,
  parseTelemetry,
  type Telemetry,
} from '../../contract/messages.ts'
import type { Result } from '../../contract/result.ts'
import { SECOND_MS, type AtMs } from '../../contract/time.ts'
import { parseTopic } from '../../contract/topics.ts'
import { mayPublish } from '../../access/authorize.ts'
import { standardLimits } from '../../access/limits.ts'
import { timing, type Bench } from '../bench.ts'
import type { WireEvent } from '../wire.ts'

export interface Violation {
  actual: string
  expected: string
}

/** Checks each event; null: no violation; `undefined`: not covered by this rule. */
export interface PassiveRule {
  rule: string
  requirement: string
  listen(bench: Bench): (word: WireEvent, atMs: AtMs) => Violation | null | undefined
}

// a late timer, and time in transit
const LATE_MS = 1_500

const parsers = {
  telemetry: parseTelemetry,
  online: parseOnline,
  state: parseState,
  heartbeat: parseHeartbeat,
  ack: parseAck,
} as const satisfies Record<string, (payload: Uint8Array) => Result<unknown>>

/** A live message of the controller, by its kind. */
function messageOf(word: WireEvent): { kind: keyof typeof parsers; payload: Uint8Array } | null {
  if (word.type !== 'message' || word.isRetained) return null
  const topic = parseTopic(word.topic)
  if (!topic.ok || !(topic.value.kind in parsers)) return null
  return { kind: topic.value.kind as keyof typeof parsers, payload: word.payload }
}

const valueOf = <T>(result: Result<T>): T | null => (result.ok ? result.value : null)

export const unsolicited: readonly PassiveRule[] = [
  {
    rule: 'messages',
    requirement: 'every message matches its schema',
    listen: () => (word) => {
      const said = messageOf(word)
      if (said === null) return undefined
      const read: Result<unknown> = parsers[said.kind](said.payload)
      return read.ok ? null : { actual: `${said.kind}: ${read.error}`, expected: `docs/schemas/${said.kind}` }
    },
  },
  {
    rule: 'delivery',
    requirement: 'it publishes on its own five topics only, each with its QoS and retain flag',
    listen: (bench) => (word) => {
      if (word.type !== 'message' || word.isRetained) return undefined
      const party = { kind: 'device', org: bench.org, device: bench.device } as const
      const { topic, qos } = word
      const kind = topic.split('/').at(-1)
      const retain = word.retain ?? (kind === 'online' || kind === 'state')
      const allowed = mayPublish(party, { topic, qos, retain })
      return allowed.ok
        ? null
        : { actual: allowed.error, expected: 'the QoS and retain flag of the table of topics' }
    },
  },
  {
    rule: 'heartbeats',
    requirement: 'a heartbeat at least every 10 s, with a growing number and a growing clock',
    listen() {
      let before: { sess: string; n: number; monoMs: number } | null = null
      return (word) => {
        if (word.type === 'connect' || word.type === 'gone') before = null
        const said = messageOf(word)
        const beat = said?.kind === 'heartbeat' ? valueOf(parseHeartbeat(said.payload)) : null
        if (beat === null) return undefined
        const last = before
        before = beat
        if (last?.sess !== beat.sess) return null
        const gapMs = beat.monoMs - last.monoMs
        if (beat.n <= last.n) return { actual: `n ${beat.n} after n ${last.n}`, expected: 'more' }
        if (gapMs <= 0) return { actual: `monoMs ${beat.monoMs} after ${last.monoMs}`, expected: 'more' }
        // a heartbeat lost in transit is not missing
        const eachMs = gapMs / (beat.n - last.n)
        return eachMs <= timing.heartbeatIdleMs + LATE_MS
          ? null
          : {
              actual: `${gapMs} ms between heartbeats ${last.n} and ${beat.n}`,
              expected: `${timing.heartbeatIdleMs} ms`,
            }
      }
    },
  },
  {
    rule: 'heartbeats-open',
    requirement: 'a heartbeat at least every 5 s while a valve is open',
    listen(bench) {
      let before: { sess: string; n: number; monoMs: number } | null = null
      return (word) => {
        if (word.type === 'connect' || word.type === 'gone' || bench.view.open.size === 0) before = null
        const said = messageOf(word)
        const beat = said?.kind === 'heartbeat' ? valueOf(parseHeartbeat(said.payload)) : null
        if (beat === null || bench.view.open.size === 0) return undefined
        const last = before
        before = beat
        if (last?.sess !== beat.sess) return undefined
        const eachMs = (beat.monoMs - last.monoMs) / Math.max(1, beat.n - last.n)
        return eachMs <= timing.heartbeatOpenMs + LATE_MS
          ? null
          : {
              actual: `${eachMs} ms between heartbeats, a valve open`,
              expected: `${timing.heartbeatOpenMs} ms`,
            }
      }
    },
  },
  {
    rule: 'clock',
    requirement: 'monoMs counts milliseconds, independent of the wall clock (I14)',
    listen() {
      let first: { sess: string; monoMs: number; atMs: AtMs } | null = null
      return (word, atMs) => {
        const said = messageOf(word)
        const beat = said?.kind === 'heartbeat' ? valueOf(parseHeartbeat(said.payload)) : null
        if (beat === null) return undefined
        if (first?.sess !== beat.sess) first = { ...beat, atMs }
        const passedMs = atMs - first.atMs
        const reportedMs = beat.monoMs - first.monoMs
        // 1 %: a bad crystal; 3 s: messages delayed in transit
        return Math.abs(reportedMs - passedMs) <= 0.01 * passedMs + 3 * SECOND_MS
          ? null
          : { actual: `${reportedMs} in ${passedMs} ms`, expected: `about ${passedMs}` }
      }
    },
  },
  {
    rule: 'states',
    requirement: 'a state at least every 60 s; sv never decreases',
    listen() {
      let before: { sess: string; sv: number; monoMs: number } | null = null
      return (word) => {
        if (word.type === 'connect' || word.type === 'gone') before = null
        const said = messageOf(word)
        const beat = said?.kind === 'heartbeat' ? valueOf(parseHeartbeat(said.payload)) : null
        const isLate = (monoMs: number) =>
          before !== null && monoMs - before.monoMs > timing.stateMs + 2 * LATE_MS
        const late = { actual: 'no state for more than 60 s', expected: 'one every 60 s' }
        if (beat !== null && beat.sess === before?.sess && isLate(beat.monoMs)) return late
        const state = said?.kind === 'state' ? valueOf(parseState(said.payload)) : null
        if (state === null) return undefined
        const last = before
        before = state
        if (last?.sess !== state.sess) return null
        return state.sv >= last.sv
          ? null
          : { actual: `sv ${state.sv} after sv ${last.sv}`, expected: 'as much or more' }
      }
    },
  },
  {
    rule: 'sessions',
    requirement: 'each connection has its own session, never used before; every message names it',
    listen() {
      const past = new Set<string>()
      let sess: string | null = null
      return (word) => {
        if (word.type === 'connect' && sess !== null) {
          past.add(sess)
          sess = null
        }
        const said = messageOf(word)
        if (said === null || said.kind === 'telemetry') return undefined
        const message = valueOf<{ sess: string; on?: number }>(parsers[said.kind](said.payload) as never)
        if (message === null || message.on === 0) return undefined
        if (past.has(message.sess))
          return { actual: `session ${message.sess} again in ${said.kind}`, expected: 'a new one' }
        if (sess !== null && message.sess !== sess)
          return {
            actual: `${said.kind} of ${message.sess} in session ${sess}`,
            expected: 'one session a connection',
          }
        sess = message.sess
        return null
      }
    },
  },
  {
    rule: 'rate',
    requirement: 'at most 50 messages at once and 5 a second after that',
    listen() {
      let tokens = standardLimits.burst as number
      let sinceMs: AtMs | null = null
      return (word, atMs) => {
        if (word.type === 'connect') tokens = standardLimits.burst
        if (word.type !== 'message' || word.isRetained) return undefined
        const passedS = sinceMs === null ? 0 : (atMs - sinceMs) / SECOND_MS
        tokens = Math.min(standardLimits.burst, tokens + passedS * standardLimits.packets) - 1
        sinceMs = atMs
        return tokens >= 0
          ? null
          : { actual: 'more than 50 at once, or more than 5 a second', expected: 'less' }
      }
    },
  },
  {
    rule: 'telemetry-number',
    requirement: 'telemetry numbers its messages: n grows, and no number is used for two readings',
    listen() {
      const told = new Map<number, string>()
      let newest = -1
      return (word) => {
        const telemetry = telemetryOf(word)
        if (telemetry === null) return undefined
        const { n } = telemetry
        const text = JSON.stringify(telemetry)
        const before = told.get(n)
        told.set(n, text)
        if (before !== undefined)
          return before === text
            ? null
            : { actual: `n ${n} again, with other content`, expected: 'a new number' }
        const last = newest
        newest = Math.max(newest, n)
        return n > last
          ? null
          : { actual: `n ${n} after n ${last}`, expected: 'oldest first, each number once' }
      }
    },
  },
  {
    rule: 'telemetry-time',
    requirement:
      'the time of a reading, if present, is the time of measurement; it is absent while the clock is uncertain',
    listen(bench) {
      return (word, atMs) => {
        const telemetry = telemetryOf(word)
        const {
          sess,
          monoMs,
          atMs: beatMs,
        } = bench.view.heartbeats.at(-1) ?? { sess: null, monoMs: 0, atMs: 0 }
        if (telemetry?.time === undefined || sess === null) return undefined
        // kept from before this start: its monoMs is of another
        const measuredMs = beatMs + telemetry.monoMs - monoMs
        if (measuredMs > atMs + 5 * SECOND_MS || atMs - measuredMs > 60 * SECOND_MS) return undefined
        const offMs = Date.parse(telemetry.time) - measuredMs
        if (Number.isNaN(offMs)) return { actual: `time ${telemetry.time}`, expected: 'RFC 3339, UTC' }
        return Math.abs(offMs) <= 120 * SECOND_MS
          ? null
          : {
              actual: `time ${telemetry.time}, ${Math.round(offMs / SECOND_MS)} s off`,
              expected: 'within 2 min, or no time',
            }
      }
    },
  },
]

function telemetryOf(word: WireEvent): Telemetry | null {
  const said = messageOf(word)
  return said?.kind === 'telemetry' ? valueOf(parseTelemetry(said.payload)) : null
}
