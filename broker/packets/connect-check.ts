/**
 * Whether a CONNECT conforms to the standard (MQTT 3.1.1, 3.1), before aedes reads it. A malformed one is closed without
 * a reply; an unsupported protocol level or client id receives a CONNACK first. Pure.
 */
import { bodyReader } from './body-reader.ts'
import { topicFault } from './topic-check.ts'

export type ConnectFault =
  | { kind: 'malformed'; reason: string }
  | { kind: 'refused'; returnCode: 1 | 2; reason: string }

const LEVEL = 4
const CLEAN = 0x02
const WILL = 0x04
const WILL_RETAIN = 0x20
const PASSWORD = 0x40
const USER_NAME = 0x80

/** The fault of the body of a CONNECT; null if it is valid. */
export function connectFault(body: Uint8Array): ConnectFault | null {
  const read = bodyReader(body)
  const malformed = (reason: string): ConnectFault => ({ kind: 'malformed', reason })

  const protocol = Buffer.from(read.text('protocol name')).toString()
  const level = read.uint8('protocol level')
  if (read.fault() !== null) return malformed(read.fault()!)
  if (protocol !== 'MQTT' && protocol !== 'MQIsdp')
    return malformed(`protocol name must be MQTT, got ${protocol.slice(0, 20)} [MQTT-3.1.2-1]`)
  // another level may have another layout, so the rest is not checked
  if (protocol !== 'MQTT' || level !== LEVEL) {
    const reason = `protocol level must be ${LEVEL}, got ${protocol} ${level} [MQTT-3.1.2-2]`
    return { kind: 'refused', returnCode: 1, reason }
  }

  const flags = read.uint8('connect flags')
  const willQos = (flags >> 3) & 3
  const has = (flag: number) => (flags & flag) !== 0
  if (flags & 1) read.fail('connect flag 0 must be 0 [MQTT-3.1.2-3]')
  if (!has(WILL) && willQos !== 0) read.fail('will QoS without a will [MQTT-3.1.2-13]')
  if (!has(WILL) && has(WILL_RETAIN)) read.fail('will retain without a will [MQTT-3.1.2-15]')
  if (willQos === 3) read.fail('will QoS 3 [MQTT-3.1.2-14]')
  if (!has(USER_NAME) && has(PASSWORD)) read.fail('a password without a user name [MQTT-3.1.2-22]')

  read.uint16('keepalive')
  const clientId = read.text('client id')
  if (has(WILL)) {
    const error = topicFault(read.text('will topic'))
    if (error !== null) read.fail(`will topic: ${error}`)
    read.bytes('will message')
  }
  if (has(USER_NAME)) read.text('user name')
  if (has(PASSWORD)) read.bytes('password')
  if (read.left() > 0) read.fail(`${read.left()} bytes too many [MQTT-3.1.4-1]`)
  if (read.fault() !== null) return malformed(read.fault()!)

  return clientId.length === 0 && !has(CLEAN)
    ? { kind: 'refused', returnCode: 2, reason: 'no client id, and a session to keep [MQTT-3.1.3-8]' }
    : null
}
