/**
 * Whether a complete packet from a client conforms to the standard (MQTT 3.1.1, chapter 3), before aedes reads it. Each
 * reason names its statement. CONNECT is in connect-check.ts. Pure.
 */
import { bodyReader, type BodyReader } from './body-reader.ts'
import { filterFault, topicFault } from './topic-check.ts'

const PUBLISH = 3
const PUBACK = 4
export const SUBSCRIBE = 8
export const UNSUBSCRIBE = 10
const PINGREQ = 12
const DISCONNECT = 14

// table 2.2; a type that is missing here is not valid from a client, or belongs to QoS 2, which is not supported
const requiredFlags = new Map([
  [PUBACK, 0],
  [SUBSCRIBE, 2],
  [UNSUBSCRIBE, 2],
  [PINGREQ, 0],
  [DISCONNECT, 0],
])

/** The fault of a packet; null if it is valid. `first` is its first byte, `body` the bytes after the remaining length. */
export function packetFault(first: number, body: Uint8Array): string | null {
  const type = first >> 4
  const flags = first & 0x0f
  const read = bodyReader(body)
  if (type === PUBLISH) checkPublish(flags, read)
  else {
    const expected = requiredFlags.get(type)
    if (expected === undefined) return `a packet of type ${type} from a client`
    if (flags !== expected) return `flags of type ${type} must be ${expected}, got ${flags} [MQTT-2.2.2-2]`
    if (type === PUBACK) packetId(read)
    if (type === SUBSCRIBE || type === UNSUBSCRIBE) checkFilters(type, read)
    if (read.left() > 0) read.fail(`${read.left()} bytes too many in a packet of type ${type}`)
  }
  return read.fault()
}

function checkPublish(flags: number, read: BodyReader): void {
  const qos = (flags >> 1) & 3
  const isDuplicate = (flags & 8) !== 0
  if (qos === 3) read.fail('QoS 3 [MQTT-3.3.1-4]')
  if (qos === 0 && isDuplicate) read.fail('a duplicate with QoS 0 [MQTT-3.3.1-2]')
  const error = topicFault(read.text('topic'))
  if (error !== null) read.fail(`topic: ${error}`)
  if (qos > 0) packetId(read)
}

function checkFilters(type: number, read: BodyReader): void {
  packetId(read)
  const statement = type === SUBSCRIBE ? '[MQTT-3.8.3-3]' : '[MQTT-3.10.3-2]'
  if (read.left() === 0) read.fail(`no topic filter ${statement}`)
  while (read.left() > 0) {
    const error = filterFault(read.text('topic filter'))
    if (error !== null) read.fail(`topic filter: ${error}`)
    if (type === SUBSCRIBE && read.uint8('requested QoS') > 2)
      read.fail('requested QoS over 2 [MQTT-3-8.3-4]')
  }
}

function packetId(read: BodyReader): void {
  if (read.uint16('packet id') === 0) read.fail('packet id 0 [MQTT-2.3.1-1]')
}

/**
 * QoS 2 is not supported: a SUBSCRIBE that requests it is changed in place to QoS 1, which is the granted maximum
 * [MQTT-3.8.4-6]. The body has passed `packetFault`.
 */
export function downgradeToQos1(body: Uint8Array): void {
  for (let at = 2; at < body.length; at++) {
    at += 2 + body[at]! * 256 + body[at + 1]!
    if (body[at]! > 1) body[at] = 1
  }
}
