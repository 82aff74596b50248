/** Zigbee2MQTT: `{base}/{name}` with the state of a device, `{base}/{name}/availability`. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { envelope, receivedEnvelope, type Envelope, type ForeignMessage } from '../foreign-message.ts'
import { messageTime, parseInstant } from '../message-time.ts'
import { isFields, readJsonFields, readText } from './json-fields.ts'

/** What `{base}/bridge/devices` publishes about a device. */
export interface ZigbeeDefinition {
  model: string
  /** by the name of the value */
  units: Readonly<Record<string, string>>
}

/** Of the bridge itself, commands, and requests: no message of a device. */
const NOT_A_DEVICE = /(?:^bridge(?:\/|$))|(?:\/(?:set|get)(?:\/|$))/

/** The envelope of a device's message; null: a message of the bridge, or a command. */
export function readZigbee2mqtt(
  message: ForeignMessage,
  { base = 'zigbee2mqtt', definitionOf }: ZigbeeOptions = {},
): Result<Envelope | null> {
  if (!message.topic.startsWith(`${base}/`)) return ok(null)
  const path = message.topic.slice(base.length + 1)
  if (path === '' || NOT_A_DEVICE.test(path)) return ok(null)
  const isAvailability = path.endsWith('/availability')
  const name = isAvailability ? path.slice(0, -'/availability'.length) : path
  if (name.length > 120)
    return err(`topic: expected a name of at most 120 characters, got ${name.slice(0, 80)}`)
  const address = `z2m:${name}`
  const received = { atMs: message.receivedMs, timeFrom: 'received' as const }
  if (isAvailability) return readAvailability(message, address)
  const fields = readJsonFields(message.payload)
  if (!fields.ok) return fields
  const time = 'last_seen' in fields.value ? lastSeen(fields.value.last_seen, message.receivedMs) : received
  const definition = definitionOf?.(name) ?? null
  return ok({
    ...envelope({ address, dedupeKey: `${address}:${time.atMs}`, ...time }),
    name,
    hints: { model: definition?.model ?? null, brand: null },
    fields: fields.value,
    units: definition?.units ?? {},
  })
}

export interface ZigbeeOptions {
  base?: string
  definitionOf?: (name: string) => ZigbeeDefinition | null
}

function readAvailability(message: ForeignMessage, address: string): Result<Envelope> {
  const text = readText(message.payload)
  if (!text.ok) return text
  // plain text in older releases
  const state = text.value.startsWith('{') ? readJsonFields(message.payload) : ok({ state: text.value })
  if (!state.ok) return state
  return ok({
    ...receivedEnvelope(message, address),
    isOnline: state.value.state === 'online' ? true : state.value.state === 'offline' ? false : null,
  })
}

/** ISO text with an offset, or epoch milliseconds, as the farm has set it. */
const lastSeen = (value: unknown, receivedMs: number) =>
  messageTime(typeof value === 'number' ? value : parseInstant(value), receivedMs, 'gateway')

/** The definitions in the payload of `{base}/bridge/devices`, by name. */
export function readZigbeeDefinitions(payload: Uint8Array): Result<Map<string, ZigbeeDefinition>> {
  const text = readText(payload)
  if (!text.ok) return text
  let list: unknown
  try {
    list = JSON.parse(text.value)
  } catch (error) {
    return err(`bridge/devices: not JSON: ${(error as Error).message.slice(0, 120)}`)
  }
  if (!Array.isArray(list)) return err('bridge/devices: expected a list')
  const definitions = new Map<string, ZigbeeDefinition>()
  for (const device of list as unknown[]) {
    if (!isFields(device) || !isFields(device.definition) || typeof device.friendly_name !== 'string')
      continue
    const { model, exposes } = device.definition
    if (typeof model !== 'string') continue
    definitions.set(device.friendly_name, { model, units: Object.fromEntries(exposedUnits(exposes, 0)) })
  }
  return ok(definitions)
}

/** Name and unit of every value; composite ones have theirs in `features`. */
function exposedUnits(exposes: unknown, depth: number): [name: string, unit: string][] {
  if (!Array.isArray(exposes) || depth > 4) return []
  return (exposes as unknown[]).flatMap((expose): [string, string][] => {
    if (!isFields(expose)) return []
    const { property, unit, features } = expose
    const own: [string, string][] =
      typeof property === 'string' && typeof unit === 'string' ? [[property, unit]] : []
    return [...own, ...exposedUnits(features, depth + 1)]
  })
}
