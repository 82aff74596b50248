/**
 * MQTT 3.1.1 packets built byte by byte, right ones and wrong ones. Nothing is shared with the code under test, and
 * nothing is checked here: a table of sequences defines the meaning of the bytes.
 */
export const u8 = (value: number): Buffer => Buffer.from([value])
export const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
export const bytes = (...values: number[]): Buffer => Buffer.from(values)

/** A text or bytes behind two bytes of length. */
export const field = (content: string | Buffer): Buffer => {
  const body = Buffer.from(content as string)
  return Buffer.concat([u16(body.length), body])
}

/** 1 to 4 bytes, 7 bits in each (2.2.3). */
export function remainingLength(length: number): Buffer {
  const digits: number[] = []
  do {
    const digit = length % 128
    length = Math.floor(length / 128)
    digits.push(length > 0 ? digit | 0x80 : digit)
  } while (length > 0)
  return Buffer.from(digits)
}

/** Type and flags, the length that fits, the body. */
export function packet(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([u8(first), remainingLength(body.length), body])
}

export const type = {
  connect: 0x10,
  connack: 0x20,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x62,
  pubcomp: 0x70,
  subscribe: 0x82,
  suback: 0x90,
  unsubscribe: 0xa2,
  unsuback: 0xb0,
  pingreq: 0xc0,
  pingresp: 0xd0,
  disconnect: 0xe0,
}

export interface Will {
  topic: string | Buffer
  message: string | Buffer
  qos?: number
  retain?: boolean
}

export interface Connect {
  first?: number
  protocol?: string | Buffer
  level?: number
  /** in place of what the fields below say */
  flags?: number
  clean?: boolean
  keepaliveS?: number
  id?: string | Buffer
  will?: Will
  user?: string | Buffer | null
  secret?: string | Buffer | null
  /** behind the last field */
  extra?: Buffer
}

/** A CONNECT; what is not said is that of the device probe1. */
export function connect(said: Connect = {}): Buffer {
  const { will, id = 'probe1', user = id, secret = `secret-of-${id.toString()}` } = said
  const flags =
    (said.clean === false ? 0 : 0x02) |
    (will ? 0x04 | ((will.qos ?? 0) << 3) | (will.retain ? 0x20 : 0) : 0) |
    (secret === null ? 0 : 0x40) |
    (user === null ? 0 : 0x80)
  return packet(
    said.first ?? type.connect,
    field(said.protocol ?? 'MQTT'),
    u8(said.level ?? 4),
    u8(said.flags ?? flags),
    u16(said.keepaliveS ?? 60),
    field(id),
    ...(will ? [field(will.topic), field(will.message)] : []),
    ...(user === null ? [] : [field(user)]),
    ...(secret === null ? [] : [field(secret)]),
    said.extra ?? Buffer.alloc(0),
  )
}

export const connack = (returnCode: number): Buffer => bytes(type.connack, 2, 0, returnCode)

export interface Publish {
  qos?: number
  retain?: boolean
  dup?: boolean
  id?: number
}

export function publish(topic: string | Buffer, message: string | Buffer, said: Publish = {}): Buffer {
  const { qos = 0, retain = false, dup = false, id = 1 } = said
  const first = type.publish | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
  return packet(first, field(topic), ...(qos > 0 ? [u16(id)] : []), Buffer.from(message as string))
}

export const puback = (id: number): Buffer => packet(type.puback, u16(id))

/** Topic filters with the QoS that is asked for. */
export const subscribe = (id: number, ...filters: [filter: string | Buffer, qos: number][]): Buffer =>
  packet(type.subscribe, u16(id), ...filters.flatMap(([filter, qos]) => [field(filter), u8(qos)]))
export const suback = (id: number, ...codes: number[]): Buffer =>
  packet(type.suback, u16(id), Buffer.from(codes))

export const unsubscribe = (id: number, ...filters: (string | Buffer)[]): Buffer =>
  packet(type.unsubscribe, u16(id), ...filters.map(field))
export const unsuback = (id: number): Buffer => packet(type.unsuback, u16(id))

export const pingreq = bytes(type.pingreq, 0)
export const pingresp = bytes(type.pingresp, 0)
export const disconnect = bytes(type.disconnect, 0)
