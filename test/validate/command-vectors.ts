/**
 * A vector of a valve command: `{ id, driver, intent, send, ack, bound, closedProof, refused, ... }`. It names no address:
 * that is read from its own topics and URLs, with the numbers that a request carries. Pure.
 */
import { fail } from '../../services/errors.ts'
import type { DriverIntent, RequestIds, ValveAddress } from '../../services/drivers/driver-types.ts'

/** One expected message, or the message that is waited for. */
export interface VectorStep {
  transport?: 'mqtt' | 'http'
  topic?: string
  qos?: number
  retain?: boolean
  payload?: string
  method?: string
  url?: string
  waitFor?: VectorMessage
  withinMs?: number
  optional?: boolean
}

/** A message, an answer or a poll, and what it must say. */
export interface VectorMessage {
  topic?: string
  poll?: string
  answer?: Record<string, string | number | boolean>
  match?: Record<string, string | number | boolean>
  equals?: string
  frame?: string
  quantity?: string
  means?: string
  withinMs?: number | string
}

export interface CommandVector {
  id: string
  driver: string
  intent: { op: string; valve?: string; durMs?: number; litres?: number; capMs?: number }
  send: VectorStep[]
  bytes?: string
  ack?: VectorMessage[]
  boundProof?: VectorMessage[]
  closedProof?: VectorMessage[]
  bound?: { inDevice: boolean; trusted?: boolean; stepMs: number; minMs?: number; maxMs: number }
  requires?: { topic: string; path: string; atLeast?: string; equals?: string }[]
  refused?: { code: string; why: string; mayClose: boolean; mayBeRead: boolean }
  closeWith?: VectorStep[]
  repeatEveryMs?: number
}

/** The vector in a JSON file. INVALID_CONFIG, by its path, when it has no driver, intent and messages. */
export function commandVectorIn({ path, root }: { path: string; root: unknown }): CommandVector {
  const vector = root as CommandVector | null
  if (
    typeof vector?.driver !== 'string' ||
    !Array.isArray(vector.send) ||
    typeof vector.intent?.op !== 'string'
  )
    return fail('INVALID_CONFIG', `${path}: expected driver, intent.op and send`)
  return vector
}

const sentBy = ({ send, closeWith }: CommandVector): VectorStep[] =>
  [...send, ...(closeWith ?? [])].filter(({ transport }) => transport !== undefined)

/** The outlet of `V2` or `S2`, counted from 1. */
const outletOf = ({ intent }: CommandVector): number => Number(intent.valve?.slice(1) ?? 1)

type Reader = (parts: readonly string[], vector: CommandVector) => ValveAddress

/** How the address stands in a topic or URL, by the name of the driver. */
const readers: readonly [driver: RegExp, place: RegExp, read: Reader][] = [
  [
    /^z2m-/,
    /^(.+)\/([^/]+)\/(?:set|get)$/,
    ([root, name], vector) => ({ via: 'zigbee2mqtt', root: root!, name: name!, outlet: outletOf(vector) }),
  ],
  [
    /^tasmota-/,
    /^cmnd\/(.+)\/\w+$/,
    ([topic], vector) => ({ via: 'tasmota', topic: topic!, relay: outletOf(vector) }),
  ],
  [
    /^esphome-/,
    /^(.+)\/(?:number|switch|valve)\/(.+?)(?:_run_duration)?\/command$/,
    ([prefix, id]) => ({ via: 'esphome', prefix: prefix!, id: id! }),
  ],
  [/^shelly-/, /^(.+)\/rpc$/, ([id], vector) => ({ via: 'shelly', id: id!, channel: outletOf(vector) - 1 })],
  [
    /^opensprinkler$/,
    /^(http:\/\/[^/]+)\/\w+\?pw=(\w+)/,
    ([httpBase, passwordDigest], vector) => ({
      via: 'opensprinkler',
      httpBase: httpBase!,
      passwordDigest: passwordDigest!,
      station: outletOf(vector) - 1,
      topicRoot: 'opensprinkler',
      isParallel: false,
    }),
  ],
  [
    /^opensprinkler-mqtt$/,
    /^([^?]+) cm\?pw=(\w+)/,
    ([subscribedTopic, passwordDigest], vector) => ({
      via: 'opensprinkler-mqtt',
      subscribedTopic: subscribedTopic!,
      passwordDigest: passwordDigest!,
      station: outletOf(vector) - 1,
      topicRoot: 'opensprinkler',
    }),
  ],
  [
    /^(milesight|strega)-/,
    /^application\/([^/]+)\/device\/([^/]+)\/command\/down$/,
    ([applicationId, devEui], vector) => ({
      via: 'chirpstack',
      applicationId: applicationId!,
      devEui: devEui!,
      outlet: outletOf(vector),
      litresPerPulse: 1,
    }),
  ],
  [
    /^(milesight|strega)-/,
    /^v3\/([^/]+)\/devices\/([^/]+)\/down\/\w+$/,
    ([application, deviceId], vector) => ({
      via: 'the-things-stack',
      application: application!,
      deviceId: deviceId!,
      outlet: outletOf(vector),
      litresPerPulse: 1,
    }),
  ],
]

/** Where the valve of a vector is reached; a vector that sends nothing has any address of its driver. */
export function addressOf(vector: CommandVector): ValveAddress {
  const [first] = sentBy(vector)
  const place =
    first === undefined
      ? 'zigbee2mqtt/valve/set'
      : vector.driver === 'opensprinkler-mqtt'
        ? `${first.topic} ${first.payload}`
        : (first.url ?? first.topic!)
  for (const [driver, pattern, read] of readers) {
    const found = driver.test(vector.driver) ? pattern.exec(place) : null
    if (found) return read(found.slice(1), vector)
  }
  return fail('INVALID_CONFIG', `${vector.id}: no driver is reached at ${place}`)
}

/** The intent of a vector, with the numbers of its first message. */
export function intentOf(vector: CommandVector): DriverIntent {
  const { op, durMs = 0, litres = null, capMs = 0 } = vector.intent
  const ids = idsOf(vector)
  switch (op) {
    case 'open':
      return { ...ids, op, durMs, litres, seq: sequenceOf(vector) }
    case 'setup':
      return { ...ids, op, capMs }
    case 'close':
    case 'withdraw':
    case 'query':
      return { ...ids, op }
    case 'stop':
      return { ...ids, op: 'stop-all' }
    default:
      return fail('INVALID_CONFIG', `${vector.id}: intent.op: ${op} is not known`)
  }
}

/** What the payload of the first message numbers itself with. */
function idsOf(vector: CommandVector): RequestIds {
  const text = sentBy(vector)[0]?.payload ?? ''
  const part = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]
  return {
    requestId: Number(part(/"id":(\d+)/) ?? 0),
    messageId: part(/"id":"([^"]+)"/) ?? part(/"tilth:([^"]+)"/) ?? '',
    notAfterMs: Date.parse(part(/"expiresAt":"([^"]+)"/) ?? '1970-01-01'),
  }
}

/** The sequence of a valve task is its fourth byte. */
function sequenceOf(vector: CommandVector): number {
  const data = /"(?:data|frm_payload)":"([^"]+)"/.exec(sentBy(vector)[0]?.payload ?? '')?.[1]
  return data === undefined ? 1 : (Buffer.from(data, 'base64')[3] ?? 1)
}
