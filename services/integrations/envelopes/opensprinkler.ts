/** OpenSprinkler 2.2: the answer to `GET /jc`, and `{base}/station/{n}` by MQTT. Stations are S1, S2, ... */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import {
  envelope,
  valveReport,
  type Envelope,
  type ForeignMessage,
  type ValveReport,
} from '../foreign-message.ts'
import { isClockSet } from '../message-time.ts'
import { excerpt, readJsonFields } from './json-fields.ts'

/** The firmware has at most 200 stations. */
const MAX_STATIONS = 200
const MAX_RUN_S = 64_800

/** The envelope of a status or a station's report; null: availability (the firmware's is wrong) and other topics. */
export function readOpensprinkler(
  message: ForeignMessage,
  { base = 'opensprinkler' }: { base?: string } = {},
): Result<Envelope | null> {
  if (message.topic === 'GET /jc') return readStatus(message)
  if (!message.topic.startsWith(`${base}/station/`)) return ok(null)
  const number = /^\d{1,3}$/.exec(message.topic.slice(`${base}/station/`.length))?.[0]
  if (number === undefined || Number(number) >= MAX_STATIONS) return ok(null)
  const fields = readJsonFields(message.payload)
  if (!fields.ok) return fields
  const { state, duration } = fields.value
  if (state !== 0 && state !== 1) return err(`state: expected 0 or 1, got ${excerpt(state)}`)
  const bound = state === 1 && isSeconds(duration) ? { boundMs: duration * 1000 } : {}
  return ok({
    ...arrived(message, `mqtt:${message.topic}:${message.receivedMs}`),
    valves: [{ ...valveReport(`S${Number(number) + 1}`, state === 1 ? 'open' : 'closed'), ...bound }],
  })
}

function readStatus(message: ForeignMessage): Result<Envelope> {
  const fields = readJsonFields(message.payload)
  if (!fields.ok) return fields
  const { devt, sbits, ps } = fields.value
  if (typeof devt !== 'number') return err(`devt: expected the time of the controller, got ${excerpt(devt)}`)
  if (!Array.isArray(sbits) || !Array.isArray(ps))
    return err('sbits, ps: expected the stations of the controller, got nothing')
  const valves = (ps as unknown[]).slice(0, MAX_STATIONS).map((program, station): ValveReport => {
    const bits: unknown = sbits[station >> 3]
    const isOpen = typeof bits === 'number' && ((bits >> (station & 7)) & 1) === 1
    const remaining: unknown = Array.isArray(program) ? program[1] : undefined
    return {
      ...valveReport(`S${station + 1}`, isOpen ? 'open' : 'closed'),
      remainingMs: isOpen && isSeconds(remaining) ? remaining * 1000 : null,
    }
  })
  return ok({
    ...arrived(message, `os:jc:${isClockSet(devt * 1000) ? devt : message.receivedMs}`),
    valves,
    // its local time as if it were UTC: never the time of a measurement
    clockOffsetMs: Number.isFinite(devt * 1000) ? devt * 1000 - message.receivedMs : null,
  })
}

const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MAX_RUN_S

const arrived = ({ receivedMs }: ForeignMessage, dedupeKey: string): Envelope =>
  envelope({ address: 'os:controller', dedupeKey, atMs: receivedMs, timeFrom: 'received' })
