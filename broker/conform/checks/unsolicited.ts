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
  listen(bench: Bench): (event: WireEvent, atMs: AtMs) => Violation | null | undefined
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
function messageOf(event: WireEvent): { kind: keyof typeof parsers; payload: Uint8Array } | null {
  if (event.type !== 'message' || event.isRetained) return null
  const topic = parseTopic(event.topic)
  if (!topic.ok || !(topic.value.kind in parsers)) return null
  return { kind: topic.value.kind as keyof typeof parsers, payload: event.payload }
}

const valueOf = <T>(result: Result<T>): T | null => (result.ok ? result.value : null)

export const unsolicited: readonly PassiveRule[] = [
  {
    rule: 'messages',
    requirement: 'every message matches its schema',
    listen: () => (event) => {
      const message = messageOf(event)
      if (message === null) return undefined
      const parsed: Result<unknown> = parsers[message.kind](message.payload)
      return parsed.ok
        ? null
        : { actual: `${message.kind}: ${parsed.error}`, expected: `docs/schemas/${message.kind}` }
    },
  },
  {
    rule: 'delivery',
    requirement: 'it publishes on its own five topics only, each with its QoS and retain flag',
    listen: (bench) => (event) => {
      if (event.type !== 'message' || event.isRetained) return undefined
      const party = { kind: 'device', org: bench.org, device: bench.device } as const
      const { topic, qos } = event
      const kind = topic.split('/').at(-1)
      const retain = event.retain ?? (kind === 'online' || kind === 'state')
      const permission = mayPublish(party, { topic, qos, retain })
      return permission.ok
        ? null
        : { actual: permission.error, expected: 'the QoS and retain flag of the table of topics' }
    },
  },
  {
    rule: 'heartbeats',
    requirement: 'a heartbeat at least every 10 s, with a growing number and a growing clock',
    listen() {
      let previousBeat: { sess: string; n: number; monoMs: number } | null = null
      return (event) => {
        if (event.type === 'connect' || event.type === 'gone') previousBeat = null
        const message = messageOf(event)
        const beat = message?.kind === 'heartbeat' ? valueOf(parseHeartbeat(message.payload)) : null
        if (beat === null) return undefined
        const last = previousBeat
        previousBeat = beat
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
      let previousBeat: { sess: string; n: number; monoMs: number } | null = null
      return (event) => {
        if (event.type === 'connect' || event.type === 'gone' || bench.view.open.size === 0)
          previousBeat = null
        const message = messageOf(event)
        const beat = message?.kind === 'heartbeat' ? valueOf(parseHeartbeat(message.payload)) : null
        if (beat === null || bench.view.open.size === 0) return undefined
        const last = previousBeat
        previousBeat = beat
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
      return (event, atMs) => {
        const message = messageOf(event)
        const beat = message?.kind === 'heartbeat' ? valueOf(parseHeartbeat(message.payload)) : null
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
      let previousState: { sess: string; sv: number; monoMs: number } | null = null
      return (event) => {
        if (event.type === 'connect' || event.type === 'gone') previousState = null
        const message = messageOf(event)
        const beat = message?.kind === 'heartbeat' ? valueOf(parseHeartbeat(message.payload)) : null
        const isLate = (monoMs: number) =>
          previousState !== null && monoMs - previousState.monoMs > timing.stateMs + 2 * LATE_MS
        const late = { actual: 'no state for more than 60 s', expected: 'one every 60 s' }
        if (beat !== null && beat.sess === previousState?.sess && isLate(beat.monoMs)) return late
        const state = message?.kind === 'state' ? valueOf(parseState(message.payload)) : null
        if (state === null) return undefined
        const last = previousState
        previousState = state
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
      const pastSessions = new Set<string>()
      let sess: string | null = null
      return (event) => {
        if (event.type === 'connect' && sess !== null) {
          pastSessions.add(sess)
          sess = null
        }
        const message = messageOf(event)
        if (message === null || message.kind === 'telemetry') return undefined
        const content = valueOf<{ sess: string; on?: number }>(
          parsers[message.kind](message.payload) as never,
        )
        if (content === null || content.on === 0) return undefined
        if (pastSessions.has(content.sess))
          return { actual: `session ${content.sess} again in ${message.kind}`, expected: 'a new one' }
        if (sess !== null && content.sess !== sess)
          return {
            actual: `${message.kind} of ${content.sess} in session ${sess}`,
            expected: 'one session a connection',
          }
        sess = content.sess
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
      return (event, atMs) => {
        if (event.type === 'connect') tokens = standardLimits.burst
        if (event.type !== 'message' || event.isRetained) return undefined
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
      const payloads = new Map<number, string>()
      let newest = -1
      return (event) => {
        const telemetry = telemetryOf(event)
        if (telemetry === null) return undefined
        const { n } = telemetry
        const text = JSON.stringify(telemetry)
        const earlier = payloads.get(n)
        payloads.set(n, text)
        if (earlier !== undefined)
          return earlier === text
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
      return (event, atMs) => {
        const telemetry = telemetryOf(event)
        const {
          sess,
          monoMs,
          atMs: beatMs,
        } = bench.view.heartbeats.at(-1) ?? { sess: null, monoMs: 0, atMs: 0 }
        if (telemetry?.time === undefined || sess === null) return undefined
        // a measurement from before this boot: its monoMs is of an earlier boot
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

function telemetryOf(event: WireEvent): Telemetry | null {
  const message = messageOf(event)
  return message?.kind === 'telemetry' ? valueOf(parseTelemetry(message.payload)) : null
}
