/**
 * Whether a whole packet from a client is one that the standard allows (MQTT 3.1.1, chapter 3), before aedes reads it.
 * Each reason names its statement. CONNECT has a file of its own. Pure.
 */
import { bodyReader, type BodyReader } from './body-reader.ts'
import { filterFault, topicFault } from './topic-check.ts'

const PUBLISH = 3
const PUBACK = 4
export const SUBSCRIBE = 8
const UNSUBSCRIBE = 10
const PINGREQ = 12
const DISCONNECT = 14

// table 2.2; what is not here may not come from a client, or belongs to QoS 2, which is not spoken here
const requiredFlags = new Map([
  [PUBACK, 0],
  [SUBSCRIBE, 2],
  [UNSUBSCRIBE, 2],
  [PINGREQ, 0],
  [DISCONNECT, 0],
])

/** Null when the packet is in order. `first` is its first byte, `body` what comes after the remaining length. */
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
  const wrong = topicFault(read.text('topic'))
  if (wrong !== null) read.fail(`topic: ${wrong}`)
  if (qos > 0) packetId(read)
}

function checkFilters(type: number, read: BodyReader): void {
  packetId(read)
  const statement = type === SUBSCRIBE ? '[MQTT-3.8.3-3]' : '[MQTT-3.10.3-2]'
  if (read.left() === 0) read.fail(`no topic filter ${statement}`)
  while (read.left() > 0) {
    const wrong = filterFault(read.text('topic filter'))
    if (wrong !== null) read.fail(`topic filter: ${wrong}`)
    if (type === SUBSCRIBE && read.uint8('requested QoS') > 2)
      read.fail('requested QoS over 2 [MQTT-3-8.3-4]')
  }
}

function packetId(read: BodyReader): void {
  if (read.uint16('packet id') === 0) read.fail('packet id 0 [MQTT-2.3.1-1]')
}

/**
 * QoS 2 is not spoken: a SUBSCRIBE that asks for it is changed in place to ask for 1, which is what it is granted
 * [MQTT-3.8.4-6]. The body has passed `packetFault`.
 */
export function downgradeToQos1(body: Uint8Array): void {
  for (let at = 2; at < body.length; at++) {
    at += 2 + body[at]! * 256 + body[at + 1]!
    if (body[at]! > 1) body[at] = 1
  }
}
