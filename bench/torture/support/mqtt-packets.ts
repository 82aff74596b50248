/** The MQTT 3.1.1 parsing of a fault proxy: whole packets from a stream, and the content of a PUBLISH. */

export const CONNECT = 1
export const PUBLISH = 3
export const PUBACK = 4

export const typeOf = (packet: Buffer): number => packet[0]! >> 4

/** Returns a consumer of bytes that emits each complete packet. */
export function packetsOf(take: (packet: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    for (let length = lengthOf(rest); length !== null && length <= rest.length; length = lengthOf(rest)) {
      const packet = rest.subarray(0, length)
      rest = rest.subarray(length)
      take(packet)
    }
  }
}

/** Length of the first packet with its header (section 2.2.3); null when the header is incomplete. */
function lengthOf(bytes: Buffer): number | null {
  let value = 0
  for (let i = 1; i < Math.min(bytes.length, 5); i++) {
    value += (bytes[i]! & 127) * 128 ** (i - 1)
    if (bytes[i]! < 128) return i + 1 + value
  }
  return null
}

/** Offset of the variable header. */
function bodyAt(packet: Buffer): number {
  let i = 1
  while (packet[i]! >= 128) i++
  return i + 1
}

const textAt = (packet: Buffer, at: number): string =>
  packet.subarray(at + 2, at + 2 + packet.readUInt16BE(at)).toString()

export interface Publish {
  topic: string
  qos: number
  id: number | null
  payload: Buffer
}

export function readPublish(packet: Buffer): Publish {
  const at = bodyAt(packet)
  const topic = textAt(packet, at)
  const qos = (packet[0]! >> 1) & 3
  const idAt = at + 2 + Buffer.byteLength(topic)
  return {
    topic,
    qos,
    id: qos === 0 ? null : packet.readUInt16BE(idAt),
    payload: packet.subarray(idAt + (qos === 0 ? 0 : 2)),
  }
}

/** A copy of the message; with QoS 1 marked as duplicate, with the same packet id. */
export function again(packet: Buffer): Buffer {
  const copy = Buffer.from(packet)
  if (((copy[0]! >> 1) & 3) > 0) copy[0]! |= 0b1000
  return copy
}

/** A message with QoS 0, without acknowledgement. */
export function publishOnce(topic: string, payload: Buffer): Buffer {
  const name = Buffer.from(topic)
  const length = 2 + name.length + payload.length
  const header = [PUBLISH << 4]
  for (let left = length; ; left = Math.floor(left / 128)) {
    header.push(left >= 128 ? (left % 128) | 128 : left)
    if (left < 128) break
  }
  return Buffer.concat([Buffer.from([...header, name.length >> 8, name.length & 255]), name, payload])
}

export const packetIdOf = (puback: Buffer): number => puback.readUInt16BE(2)

/** Client id of a CONNECT: after the protocol's name, level, flags and keepalive (section 3.1). */
export function clientIdOf(connect: Buffer): string {
  const at = bodyAt(connect)
  return textAt(connect, at + 2 + connect.readUInt16BE(at) + 4)
}
