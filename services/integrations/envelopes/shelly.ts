/** Shelly Gen2 and later: `{id}/events/rpc`, `{id}/status/switch:0`, `{id}/online`. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import {
  receivedEnvelope,
  valveReport,
  type Envelope,
  type Fields,
  type ForeignMessage,
  type ValveReport,
} from '../foreign-message.ts'
import { excerpt, isFields, readJsonFields, readText } from './json-fields.ts'

const TOPIC = /^(?<id>[\w-]{3,80})\/(?<kind>events\/rpc|online|status\/switch:\d)$/
/** Its own time counts only when its clock is set. */
const MAX_CLOCK_ERROR_MS = 5 * 60_000
/** Sources that are a hand at the device. */
const AT_THE_DEVICE = new Set(['button', 'switch'])

/** The envelope of an event or a status; null: an answer to a command, or an event without a switch. */
export function readShelly(message: ForeignMessage): Result<Envelope | null> {
  const match = TOPIC.exec(message.topic)
  if (match === null) return ok(null)
  const { id, kind } = match.groups as { id: string; kind: string }
  const arrived: Envelope = {
    ...receivedEnvelope(message, `shelly:${id}`),
    name: id,
    hints: { model: id, brand: null },
  }
  if (kind === 'online') {
    const text = readText(message.payload)
    if (!text.ok) return text
    return ok({ ...arrived, isOnline: text.value === 'true' ? true : text.value === 'false' ? false : null })
  }
  const fields = readJsonFields(message.payload)
  if (!fields.ok) return fields
  if (kind !== 'events/rpc') {
    const name = kind.slice('status/'.length)
    return ok({ ...arrived, valves: switchStates({ [name]: fields.value }) })
  }
  const { src, params } = fields.value
  if (src !== id) return err(`identity: src: expected ${id} as in the topic, got ${excerpt(src)}`)
  if (!isFields(params)) return ok(null)
  const valves = switchStates(params)
  const { ts } = params
  if (typeof ts !== 'number' || Math.abs(ts * 1000 - message.receivedMs) > MAX_CLOCK_ERROR_MS)
    return ok({ ...arrived, valves })
  return ok({
    ...arrived,
    atMs: Math.round(ts * 1000),
    timeFrom: 'payload',
    dedupeKey: `shelly:${id}:${ts}`,
    valves,
  })
}

function switchStates(params: Fields): ValveReport[] {
  return Object.entries(params).flatMap(([name, state]): ValveReport[] => {
    const number = /^switch:(?<number>\d)$/.exec(name)?.groups!.number
    if (number === undefined || !isFields(state) || typeof state.output !== 'boolean') return []
    return [
      {
        ...valveReport(`V${Number(number) + 1}`, state.output ? 'open' : 'closed'),
        isLocal: AT_THE_DEVICE.has(state.source as string),
      },
    ]
  })
}
